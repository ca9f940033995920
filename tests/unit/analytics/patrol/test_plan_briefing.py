"""A draft says what the plan says, each number with its source; saved texts are only added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import sqlalchemy as sa

from analytics.audit import Audit
from analytics.briefing.edited_text import numbers_by_hand, spans_of
from analytics.errors import InputError
from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_briefing import CountedTarget, PlanBriefing
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.rules import PatrolRules
from analytics.patrol.stored_briefings import LONGEST_TEXT, StoredBriefings
from analytics.patrol.stored_plans import PlanVersion, StoredPlans
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import briefings
from tests.unit.analytics.patrol.test_stored_plans import CONTENT, EDITS, REQUEST, VISIT

COUNTED = CountedTarget(
    (date(2026, 9, 20), date(2026, 10, 17)),
    "in the whole city",
    40,
    31.25,
    21,
    42,
    "not significantly more or fewer",
    "/",
    "s9",
)
OTHER = replace(VISIT, place="5XX OAK", expected=0.5, busiest_hour=23)


def version(number: int = 1, **changed: object) -> PlanVersion:
    units = (PlannedUnit(1, "001", (VISIT, OTHER, VISIT)), PlannedUnit(2, "002", ()))
    content = replace(CONTENT, units=units)
    made = PlanVersion(7, number, "2026-10-19T12:00:00+00:00", "a", "w", "s1", REQUEST,
                       PlaceEdits(), content)  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "briefing",
    [
        PlanBriefing(version()),
        PlanBriefing(version(edits=EDITS), version(plan=6), COUNTED),
        PlanBriefing(version(request=replace(REQUEST, harm=True, target="robbery"))),
        PlanBriefing(
            version(content=replace(CONTENT, units=(), areas=(), curve=(), one_more=None))
        ),
        PlanBriefing(version(), None, replace(COUNTED, expected=None)),
    ],
)
def test_every_number_of_a_draft_has_a_source(briefing: PlanBriefing) -> None:
    draft = briefing.draft()
    assert numbers_by_hand(draft, draft.text) == []
    assert "".join(one.text for one in spans_of(draft, draft.text)) == draft.text
    assert [one.split(".")[0] for one in draft.text.split("\n\n")] == [
        "Where", "When", "Why", "What changed", "What is uncertain",
    ]  # fmt: skip
    assert "  " not in draft.text
    assert not re.search(r" [.,]|\.\.", draft.text)


def test_a_draft_says_what_the_plan_says() -> None:
    where, when, why, changed, uncertain = (
        PlanBriefing(version(edits=EDITS), version(plan=6, content=CONTENT), COUNTED)
        .draft()
        .text.split("\n\n")
    )
    assert where == (
        "Where. 2 units for all incidents in 2 areas, with stops at 2 places. Most incidents are "
        "expected within reach at 5XX OAK (0.500) and 004XX MADISON (0.400)."
    )
    assert "at least 5 incidents of this shift" in when
    assert "was 10 PM (1 place) and 11 PM (1 place)" in when
    assert "reach 0.200 of the 2.0 incidents that are expected in the shift (10.0%)" in why
    assert "One more unit would add 0.100, in area 002." in why
    assert "there were 40 incidents of this kind in the whole city, at all hours" in changed
    assert "31.2 were expected (21 to 42): not significantly more or fewer." in changed
    assert "plan 6 for Oct 20, 2026: 1 place kept, 1 new, 0 no longer visited." in changed
    assert "Analysts pinned 004XX MADISON." in changed
    assert "found by officers (12 incidents)" in uncertain


@pytest.mark.parametrize("captured", [1.0, 3.0, 7.3, 40.0])
def test_the_range_of_chance_is_that_of_simulated_shifts(captured: float) -> None:
    drawn = np.random.default_rng(5).poisson(captured, 400_000)
    text = draft_reaching(captured)
    found = re.search(r"at least 95% of such shifts have (\d+) to (\d+) incidents", text)
    assert found, text
    low, high = (int(one) for one in found.groups())
    assert np.mean((drawn >= low) & (drawn <= high)) >= 0.95
    assert np.mean((drawn > low) & (drawn < high)) < 0.95


@pytest.mark.parametrize("captured", [0.02, 0.3, 0.99])
def test_few_incidents_are_said_by_the_share_of_shifts_without_any(captured: float) -> None:
    drawn = np.random.default_rng(5).poisson(captured, 400_000)
    found = re.search(r"(\d+)% of such shifts have no incident", draft_reaching(captured))
    assert found
    assert float(found.group(1)) / 100 == pytest.approx(np.mean(drawn == 0), abs=0.007)


def draft_reaching(captured: float) -> str:
    area = replace(CONTENT.areas[0], captured=captured, expected=60.0)
    content = replace(CONTENT, areas=(area,))
    return PlanBriefing(version(content=content)).draft().text


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


def test_saved_texts_are_only_added_and_audited(state: State, settings: Settings) -> None:
    plan = StoredPlans(state, settings).add(REQUEST, CONTENT, "s1", "first")
    draft = PlanBriefing(plan).draft()
    ours, theirs = (StoredBriefings(state, replace(settings, user=one)) for one in ("a", "b"))
    assert ours.saved(plan.plan, 1) == []
    text = f"{draft.text}\r\n\r\nMeet at 7 AM.\x00"
    first = ours.save(plan.plan, 1, text, draft, after=None)
    assert theirs.saved(plan.plan, 1) == [first]
    assert first.text.endswith("\n\nMeet at 7 AM.�")
    assert numbers_by_hand(draft, first.text) == ["7"]
    with pytest.raises(InputError, match="a saved this briefing meanwhile"):
        theirs.save(plan.plan, 1, "mine", draft, after=None)
    second = theirs.save(plan.plan, 1, "mine", draft, after=first.id)
    assert ours.saved(plan.plan, 1) == [second, first]
    entries = [one for one in Audit(state, settings).entries() if one.event == "briefing.saved"]
    assert [one.person for one in entries] == ["a", "b"]
    assert entries[0].details["numbers_by_hand"] == 1
    for change in (sa.update(briefings).values(text="x"), sa.delete(briefings)):
        with pytest.raises(sa.exc.IntegrityError), state.engine.begin() as connection:
            connection.execute(change)


@pytest.mark.parametrize("text", ["", " \n ", "a" * (LONGEST_TEXT + 1)])
def test_an_empty_or_an_endless_text_is_refused(
    state: State, settings: Settings, text: str
) -> None:
    with pytest.raises(InputError, match="briefing"):
        StoredBriefings(state, settings).save(
            1, 1, text, PlanBriefing(version()).draft(), after=None
        )


def test_the_plan_before_was_requested_alike(state: State, settings: Settings) -> None:
    plans = StoredPlans(state, settings)
    made = [
        plans.add(replace(REQUEST, **changed), CONTENT, "s1", "w")  # type: ignore[arg-type]
        for changed in (
            {},
            {"shift": "Day"},
            {"target": "robbery"},
            {"harm": True},
            {"proactive": True},
            {"area": "001"},
            {"rules": PatrolRules(stop_min=6)},
            {"selection": "district=001"},
            {"day": date(2026, 10, 22)},
            {"day": date(2026, 10, 21)},
        )
    ]
    assert plans.before(made[-1]) == made[0].plan
    assert plans.before(made[0]) is None
