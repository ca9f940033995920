"""Tables and metrics of a bundle without counts, for readers who see only some incidents."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.access.stored_results import EVERY, SeenResults
from analytics.artifacts.metric import Metric
from analytics.artifacts.results_without_counts import (
    COUNTS,
    TABLES,
    shown_forecast,
    shown_metrics,
    shown_outlines,
    shown_table,
    shown_tables,
)

RESTRICTED = SeenResults(frozenset({"all"}), counts=False)
NAMES = ["zones", "labels", "lifts", "folds", "tested", "forecast", "stability_zones", "new"]


def test_tables_that_are_not_named_are_not_shown() -> None:
    assert shown_tables(EVERY, NAMES) == NAMES
    assert shown_tables(RESTRICTED, NAMES) == ["zones", "forecast", "stability_zones"]


@given(st.sampled_from(sorted(TABLES)), st.integers(0, 10**6))
def test_a_column_that_is_not_named_is_not_shown(name: str, count: int) -> None:
    frame = pl.DataFrame({**dict.fromkeys(TABLES[name], 1.0), "incidents": count, "new": count})
    assert shown_table("zones_kmeans", name, frame).columns == list(TABLES[name])


def test_profiles_have_no_counts() -> None:
    frame = pl.DataFrame({"label": [0], "name": ["Night"], "incidents": [12]})
    assert shown_table("temporal_kmeans", "zones", frame).columns == ["label", "name"]


@pytest.mark.parametrize(("expected", "shown"), [(0.0123456, 0.012), (12.3456, 12.0), (0.0, 0.0)])
def test_expected_incidents_have_two_digits(expected: float, shown: float) -> None:
    frame = pl.DataFrame({"cell": ["a"], "expected": [expected]})
    assert shown_forecast(RESTRICTED, frame, {})["expected"][0] == shown
    assert shown_forecast(EVERY, frame, {})["expected"][0] == expected


def test_metrics_that_count_are_left_out_and_others_rounded() -> None:
    metrics = {name: Metric(name, 1234.0) for name in COUNTS} | {
        "pai": Metric("pai", 2.34567, 1.98765, None)
    }
    assert shown_metrics(EVERY, metrics) == metrics
    assert shown_metrics(RESTRICTED, metrics) == {"pai": Metric("pai", 2.35, 1.99, None)}


def test_outlines_are_those_of_the_zones_that_are_shown() -> None:
    features = [
        {"type": "Feature", "geometry": None, "properties": {"id": str(zone), "incidents": 7}}
        for zone in range(3)
    ]
    found = shown_outlines({"type": "FeatureCollection", "features": features}, {"0", "2"})
    assert [one["properties"] for one in found["features"]] == [{"id": "0"}, {"id": "2"}]
