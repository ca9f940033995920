"""What the Patrol page says of a plan, of its settings, and of why a place is in it."""

from __future__ import annotations

from dataclasses import replace

from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_content import DISCOUNTED_COUNTS, PlannedUnit
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.patrol.stored_plans import PlanVersion
from analytics.patrol.why_here import arrival_time, why_here
from components.patrol.sentences import (
    NO_STOPS,
    about_words,
    changed_settings,
    forecast_words,
    of_words,
    reached_words,
    settings_words,
)
from components.patrol.stops import unit_sections
from components.patrol.unit_marks import stop_marks
from tests.unit.analytics.patrol.test_stored_plans import CONTENT, EDITS, REQUEST, VISIT

VERSION = PlanVersion(
    1, 2, "2026-10-19T15:00:00+00:00", "analyst", "Roll call", "s1", REQUEST, PlaceEdits(), CONTENT
)


def test_a_place_says_why_it_is_there() -> None:
    assert why_here(VISIT, 150) == (
        "9 incidents of this shift within 490 ft in the last year, most around 10 PM."
    )
    assert why_here(replace(VISIT, recent=1), 150).startswith("1 incident of this shift")
    assert why_here(replace(VISIT, recent=0, busiest_hour=None, pinned=True), 150) == (
        "Pinned by an analyst. No incident of this shift within 490 ft in the last year."
    )
    assert arrival_time("00:05") == "12:05 AM"


def test_a_plan_on_counts_and_one_on_earlier_data_say_so() -> None:
    said = " ".join(about_words(VERSION, "s2"))
    assert "discounted counts, not on a forecast" in said
    assert "earlier snapshot of the data, s1" in said
    assert "Analysts changed it" not in said
    of_model = replace(VERSION, content=replace(CONTENT, forecast="hotspot_forecast_street@3"))
    said = " ".join(about_words(replace(of_model, edits=EDITS), "s1"))
    assert "hotspot forecast street, version 3" in said
    assert "snapshot" not in said
    assert "Analysts changed it" in said


def test_a_plan_for_harm_does_not_say_that_a_forecast_was_missing() -> None:
    """Harm plans are made on counts whether or not a street forecast is in use."""
    of_counts = replace(CONTENT, forecast=DISCOUNTED_COUNTS)
    by_harm, by_incidents = (forecast_words(of_counts, harm=one) for one in (True, False))
    assert "no street forecast" in by_incidents
    assert "no street forecast" not in by_harm
    asked = replace(REQUEST, harm=True)
    assert by_harm in about_words(replace(VERSION, request=asked, content=of_counts), "s1")


def test_a_unit_without_stops_does_not_blame_a_forecast_of_none() -> None:
    """Other units may reach all that its area expects."""
    resting = PlannedUnit(2, "001", ())
    (section,) = unit_sections([resting], "/patrol/sheet?plan=1", 150, harm=False)
    assert section.children[1].children == NO_STOPS
    assert "expects" not in NO_STOPS


def test_figures_name_what_is_counted() -> None:
    assert reached_words(CONTENT, harm=True) == "0.200 of 2.0 expected days of harm (10.0%)"
    asked = replace(REQUEST, target="vehicle_theft", harm=True)
    assert of_words(asked) == "vehicle theft, weighed by harm"


def test_settings_that_differ_from_the_defaults_are_named() -> None:
    plain = PlanRequest(REQUEST.day, "Evening", 2, 1, PatrolRules())
    assert changed_settings(plain) == "default"
    others = replace(
        plain,
        rules=PatrolRules(stop_min=6, radius_m=100),
        per="beat",
        area="0111",
        harm=True,
        proactive=True,
        minimum=1,
        balance=1.5,
        at_most_share=2.0,
        places="clusters",
    )
    changed = changed_settings(others).split(", ")
    assert changed[:4] == ["stop 6", "radius 100", "beats", "only area 0111"]
    differing = [name for name in vars(plain) if vars(plain)[name] != vars(others)[name]]
    assert len(changed) == len(differing) + 1  # two rules differ


def test_all_settings_of_a_plan_are_said() -> None:
    usual = " ".join(settings_words(replace(REQUEST, minimum=0)))
    assert "all districts." in usual
    assert "are left out" in usual
    limited = replace(REQUEST, per="beat", area="0111", balance=1.5, proactive=True)
    said = " ".join(settings_words(limited))
    assert "only area 0111 of the beats; each area gets at least 1 unit; " in said
    assert "within 1.5 times the mean" in said
    assert "count too" in said


def test_stops_at_the_same_place_share_a_mark() -> None:
    unit = replace(
        CONTENT.units[0], visits=(VISIT, replace(VISIT, place="B"), replace(VISIT, arrive="01:00"))
    )
    marks = stop_marks(unit, 150)["features"]
    assert [one["properties"]["name"] for one in marks] == [
        "Stop 1, 3: 004XX MADISON",
        "Stop 2: B",
    ]
