"""The part of a plan in some areas, and a plan without counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.access.stored_results import EVERY, NONE
from analytics.crossfilter.selection import EMPTY
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.patrol import seen_plans
from analytics.patrol.demand import FILE, LeftOutDemand
from analytics.patrol.place_edits import AddedPlace, LeftOutPlace, PlaceEdits
from analytics.patrol.plan_content import (
    DISCOUNTED_COUNTS,
    PlanContent,
    PlannedArea,
    PlannedUnit,
    PlannedVisit,
    UnitStep,
)
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.patrol.seen_plans import edits_of_part, own_recent, part_in_areas, seen_content
from analytics.settings import Settings

AREAS = ("001", "002", "003")
counts = st.integers(0, 50)


@st.composite
def contents(draw: st.DrawFn) -> PlanContent:
    areas = draw(st.lists(st.sampled_from(AREAS), min_size=1, max_size=6))
    units = tuple(
        PlannedUnit(
            number,
            area,
            (PlannedVisit(f"{area} {number}", "22:20", 12, 0.2, 41.9, -87.6, draw(counts), 22),),
        )
        for number, area in enumerate(areas, 1)
    )
    return PlanContent(
        units,
        tuple(PlannedArea(area, areas.count(area), 0.2, 0.25, 1.5) for area in AREAS),
        tuple(UnitStep(area, 0.2) for area in areas),
        draw(st.sampled_from([None, *(UnitStep(area, 0.1) for area in AREAS)])),
        (LeftOutDemand("Found by officers", draw(counts)),),
        "hotspot_forecast_street@1",
        "distance",
        "stations",
        0.5,
    )


@given(contents(), st.sets(st.sampled_from(AREAS)))
def test_a_part_has_the_units_of_its_areas_and_nothing_else(
    content: PlanContent, keys: set[str]
) -> None:
    part = part_in_areas(content, keys)
    inside = [unit for unit in content.units if unit.area in keys]
    if part is None:
        assert not inside
        return
    assert list(part.units) == inside
    assert {one.area for one in part.areas} | {one.area for one in part.curve} <= keys
    assert part.one_more is None or part.one_more.area in keys


@given(contents(), st.data())
def test_what_is_seen_does_not_depend_on_any_count(
    content: PlanContent, data: st.DataObject
) -> None:
    other = replace(
        content,
        units=tuple(
            replace(
                unit, visits=tuple(replace(one, recent=data.draw(counts)) for one in unit.visits)
            )
            for unit in content.units
        ),
        left_out=(LeftOutDemand("Found by officers", data.draw(counts)),),
    )
    assert seen_content(content, NONE) == seen_content(other, NONE)
    assert seen_content(content, EVERY) == content


@pytest.mark.parametrize(("forecast", "shown"), [(DISCOUNTED_COUNTS, 0.3), ("m@1", 0.28)])
def test_expected_incidents_have_few_digits(forecast: str, shown: float) -> None:
    visit = PlannedVisit("004XX MADISON", "22:20", 12, 0.2781, 41.9, -87.6, 9, 22)
    area = PlannedArea("001", 1, 0.2781, 0.2781, 0.2781)
    content = PlanContent(
        (PlannedUnit(1, "001", (visit,)),), (area,), (UnitStep("001", 0.2781),), None, (),
        forecast, "distance", "stations", 0.5,
    )  # fmt: skip
    seen = seen_content(content, NONE)
    assert seen.units[0].visits[0].expected == shown
    assert (seen.captured, seen.bound, seen.expected, seen.curve[0].adds) == (shown,) * 4


def test_changes_of_a_part_are_of_its_places() -> None:
    visit = PlannedVisit("004XX MADISON", "22:20", 12, 0.2, 41.9, -87.6, 9, 22)
    part = PlanContent(
        (PlannedUnit(1, "001", (visit,)),), (), (), None, (), "m@1", "distance", "stations", 0.5
    )
    edits = PlaceEdits(
        (AddedPlace("School", 41.88, -87.63),),
        ("004XX MADISON", "009XX OTHER"),
        (LeftOutPlace("007XX CLARK", 41.9, -87.6, "The bridge is closed"),),
    )
    assert edits_of_part(edits, part) == PlaceEdits(pinned=("004XX MADISON",))


def test_own_counts_leave_out_what_the_agencys_own_table_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = settings.home / "tables" / FILE
    own.parent.mkdir(parents=True)
    own.write_text("selection,reason\n", encoding="utf-8")
    read = Mock(side_effect=InputError("stop here"))
    monkeypatch.setattr(seen_plans, "read_exclusions", read)
    reader: Any = SimpleNamespace(snapshot=SimpleNamespace(manifest=SimpleNamespace(last_day=None)))
    request = PlanRequest(date(2026, 10, 20), "Evening", 2, 1, PatrolRules())
    assert own_recent(reader, Vocabulary({}, {}, {}, {}), EMPTY, request, settings) is None
    assert read.call_args.args[0] == own
