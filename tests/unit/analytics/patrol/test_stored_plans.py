"""Plans are stored as versions that are only ever added, each with who, when and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from analytics.access.reader import Reader, reading
from analytics.access.roles import Role
from analytics.access.stored_results import ALL, SeenResults, show_results
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.patrol.cited_plans import cited_by_plans
from analytics.patrol.demand import LeftOutDemand
from analytics.patrol.place_edits import AddedPlace, LeftOutPlace, PlaceEdits
from analytics.patrol.plan_content import (
    PlanContent,
    PlannedArea,
    PlannedUnit,
    PlannedVisit,
    UnitStep,
)
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.patrol.stored_plans import StoredPlans
from analytics.settings import Settings
from analytics.state import State

REQUEST = PlanRequest(date(2026, 10, 20), "Evening", 2, 2**31 + 5, PatrolRules(), minimum=1)
VISIT = PlannedVisit("004XX MADISON", "22:20", 12, 0.2, 41.9, -87.6, 9, 22)
CONTENT = PlanContent(
    (
        PlannedUnit(1, "001", (VISIT,)),
        PlannedUnit(2, "002", ()),
    ),
    (PlannedArea("001", 1, 0.2, 0.25, 1.5), PlannedArea("002", 1, 0.0, 0.0, 0.5)),
    (UnitStep("001", 0.2),),
    UnitStep("002", 0.1),
    (LeftOutDemand("Found by officers", 12),),
    "discounted counts",
    "distance",
    "stations",
    0.5,
    shift_start="22:00",
    shift_minutes=480,
)
EDITS = PlaceEdits(
    (AddedPlace("School", 41.88, -87.63),),
    ("004XX MADISON",),
    (LeftOutPlace("007XX CLARK", 41.9, -87.6, "The bridge is closed"),),
)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def plans(state: State, settings: Settings) -> StoredPlans:
    return StoredPlans(state, replace(settings, user="analyst"))


def test_a_version_is_read_as_it_was_stored(plans: StoredPlans) -> None:
    made = plans.add(REQUEST, CONTENT, "s1", " first \n plan ")
    assert plans.read(made.plan) == made
    assert (made.version, made.person, made.reason) == (1, "analyst", "first plan")
    edited = plans.add_version(made, EDITS, CONTENT, "after roll call")
    assert plans.read(made.plan) == edited
    assert plans.read(made.plan, 1) == made
    assert plans.versions(made.plan) == [made, edited]
    assert edited.edits == EDITS
    assert (edited.snapshot, edited.request) == ("s1", REQUEST)


def test_figures_are_sums_over_areas() -> None:
    assert (CONTENT.captured, CONTENT.bound, CONTENT.expected) == (0.2, 0.25, 2.0)
    assert CONTENT.gap == pytest.approx(0.2)
    assert CONTENT.share == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("arrive", "when"),
    [("22:00", datetime(2026, 10, 20, 22)), ("00:05", datetime(2026, 10, 21, 0, 5))],
)
def test_arrivals_after_midnight_are_on_the_next_day(arrive: str, when: datetime) -> None:
    visit = replace(VISIT, arrive=arrive)
    assert CONTENT.arrival(REQUEST.day, visit) == when


def test_the_list_has_each_plan_by_its_newest_version(plans: StoredPlans) -> None:
    first = plans.add(REQUEST, CONTENT, "s1", "one")
    second = plans.add(replace(REQUEST, day=date(2026, 10, 21)), CONTENT, "s1", "two")
    plans.add_version(first, EDITS, CONTENT, "three")
    found = plans.newest()
    assert [(one.plan, one.version, one.reason) for one in found] == [
        (second.plan, 1, "two"),
        (first.plan, 2, "three"),
    ]
    assert [one.plan for one in plans.newest(day=REQUEST.day)] == [first.plan]
    assert found[0].captured == 0.2


def test_only_the_newest_version_can_be_changed(plans: StoredPlans) -> None:
    first = plans.add(REQUEST, CONTENT, "s1", "one")
    plans.add_version(first, EDITS, CONTENT, "two")
    with pytest.raises(InputError, match="version 2 by now"):
        plans.add_version(first, PlaceEdits(), CONTENT, "three")
    assert len(plans.versions(first.plan)) == 2


def test_versions_cannot_be_changed_or_removed(plans: StoredPlans, state: State) -> None:
    plans.add(REQUEST, CONTENT, "s1", "one")
    for statement in (
        "DELETE FROM plan_versions",
        "UPDATE plan_versions SET reason = 'other'",
        "DELETE FROM plans",
        "UPDATE plans SET person = 'other'",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), state.engine.begin() as one:
            one.execute(sa.text(statement))


def test_every_version_is_in_the_audit_log(
    plans: StoredPlans, state: State, settings: Settings
) -> None:
    made = plans.add(REQUEST, CONTENT, "s1", "one")
    plans.add_version(made, EDITS, CONTENT, "two")
    audit = Audit(state, settings)
    audit.verify()
    entries = [(one.event, one.subject, one.person, one.reason) for one in audit.entries()]
    assert entries == [
        ("plan.made", f"{made.plan} version 1", "analyst", "one"),
        ("plan.edited", f"{made.plan} version 2", "analyst", "two"),
    ]
    assert "The bridge is closed" in list(audit.entries())[1].details["edits"]


@pytest.mark.parametrize("reason", ["", "  \n", "r" * 501, "a\u202eb"])
def test_a_plan_needs_a_reason(plans: StoredPlans, reason: str) -> None:
    with pytest.raises(InputError, match=r"reason|U\+202E"):
        plans.add(REQUEST, CONTENT, "s1", reason)
    assert plans.newest() == []


def test_a_narrowed_plan_is_not_shown_to_who_sees_only_some_incidents(plans: StoredPlans) -> None:
    whole = plans.add(REQUEST, CONTENT, "s1", "one")
    narrowed = plans.add(
        replace(REQUEST, selection="type=CRIM+SEXUAL+ASSAULT"), CONTENT, "s1", "two"
    )
    officer = Reader("Ada", frozenset({Role.OFFICER}))
    with reading(officer):
        show_results(officer, SeenResults(frozenset({ALL}), frozenset({ALL})))
        assert [one.plan for one in plans.newest()] == [whole.plan]
        assert plans.read(whole.plan).content == CONTENT
        for read in (plans.read, plans.versions):
            with pytest.raises(InputError, match=f"Plan {narrowed.plan} not found"):
                read(narrowed.plan)
    assert len(plans.newest()) == 2


def test_what_is_not_there_is_said(plans: StoredPlans) -> None:
    with pytest.raises(InputError, match="Plan 7 not found"):
        plans.read(7)
    with pytest.raises(InputError, match="Plan 7 not found"):
        plans.versions(7)
    made = plans.add(REQUEST, CONTENT, "s1", "one")
    with pytest.raises(InputError, match=f"plan {2**64} not found"):
        plans.read(2**64, 2**64)
    with pytest.raises(InputError, match="Version 3"):
        plans.read(made.plan, 3)


def test_snapshots_of_plans_are_cited(plans: StoredPlans, settings: Settings) -> None:
    assert cited_by_plans(settings) == set()
    plans.add(REQUEST, CONTENT, "s1", "one")
    plans.add(REQUEST, CONTENT, "s2", "two")
    assert cited_by_plans(settings) == {"s1", "s2"}
    assert kept_snapshots(settings) == {"s1", "s2"}
