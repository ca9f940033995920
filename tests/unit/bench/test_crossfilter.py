"""The benchmark of the cross-filter: peers that agree, selections never repeated, its report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from analytics.crossfilter.crossfilter import CrossFilter
from analytics.services import Services
from bench import crossfilter, data, report
from bench.goals import misses
from bench.peers import PatrolIQ
from bench.states import STATES, VIEWS, SnapshotValues, read_values, steps_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.HOME_VARIABLE, str(tmp_path_factory.mktemp("bench")))
        yield data.warehouse_of(4_000)


@pytest.fixture(scope="module")
def result(home: Path) -> dict[str, Any]:
    """Fails where any peer counts otherwise than the product."""
    return crossfilter.run(home, repetitions=2)


@pytest.fixture(scope="module")
def values(home: Path) -> SnapshotValues:
    pinned = Services(data.bench_settings(home)).pin()
    assert pinned
    return SnapshotValues.of(pinned.reader)


def test_every_engine_answers_every_state_alike(result: dict[str, Any]) -> None:
    measured = {(row["state"], row["engine"]) for row in result["rows"]}
    engines = {"patroliq", "sql", "sql on codes", "polars", "pandas", "cache"}
    assert measured == {(state, engine) for state in STATES for engine in engines}


def test_a_row_has_the_four_fields_and_times_in_order(result: dict[str, Any]) -> None:
    for row in result["rows"]:
        assert list(row) == ["state", "engine", "median_ms", "p95_ms"]
        assert 0 < row["median_ms"] <= row["p95_ms"]


def test_an_engine_that_counts_wrongly_is_found_out(home: Path, values: SnapshotValues) -> None:
    class Short(PatrolIQ):
        def labeled(self, view: Any, found: Any) -> Any:
            return dict(list(super().labeled(view, found).items())[1:])

    pinned = Services(data.bench_settings(home)).pin()
    assert pinned
    answering: CrossFilter = pinned.crossfilter
    step = next(steps_of("first load, six views", values, seed=1))
    with pytest.raises(crossfilter.DisagreementError, match="short and patroliq differ in type"):
        crossfilter._measure([PatrolIQ(answering), Short(answering, "short")], step, {})


@pytest.mark.parametrize("state", [state for state in STATES if "first" not in state])
def test_a_state_draws_the_same_selections_each_run_and_hardly_repeats(
    state: str, values: SnapshotValues
) -> None:
    drawn = [step.selection.text for step in islice(steps_of(state, values, seed=1), 20)]
    again = [step.selection.text for step in islice(steps_of(state, values, seed=1), 20)]
    other = [step.selection.text for step in islice(steps_of(state, values, seed=2), 20)]
    assert drawn == again
    assert drawn != other
    assert len(set(drawn)) >= 15


def test_values_can_be_sent_to_another_process(values: SnapshotValues) -> None:
    assert read_values(json.dumps(asdict(values), default=str)) == values


def test_the_clicked_view_is_not_asked_again(values: SnapshotValues) -> None:
    names = {view.name for view in VIEWS}
    left_out = {
        "first load, six views": set(),
        "three types chosen, never seen": {"type"},
        "+ other hours": {"hour_weekday"},
        "+ window moving": {"month"},
        "polygon": {"cells:250"},
    }
    for state, views in left_out.items():
        step = next(steps_of(state, values, seed=1))
        assert names - {view.name for view in step.views} == views, state


def test_clicks_in_a_different_view_never_stay_in_one(values: SnapshotValues) -> None:
    steps = list(islice(steps_of("clicks in a different view each time", values, seed=1), 40))
    for before, after in pairwise(steps):
        assert before.changed != after.changed
        assert len(after.selection.items) <= 3


def test_published_times_are_scaled_by_the_faster_sql() -> None:
    state = "three types chosen, never seen"
    times = {"patroliq": 10.0, "sql": 422.0, "sql on codes": 105.5, "polars": 30.0, "pandas": 90.0}
    rows = [{"state": state, "engine": name, "median_ms": ms} for name, ms in times.items()]
    [ratio] = crossfilter.ratios(rows)
    assert ratio["times_polars"] == 3.0
    assert ratio["machine_scale"] == 0.5  # 105.5 ms here, 211 ms published
    assert ratio["mosaic_scaled_ms"] == 118.0  # 236 ms published
    assert ratio["mosaic_warm_scaled_ms"] == 5.5


def test_the_page_is_filled_from_the_stored_figures(result: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "crossfilter.json").write_text(json.dumps(result), encoding="utf-8")
    page = "before\n<!-- crossfilter -->\nold\n<!-- /crossfilter -->\nafter <!-- growth -->"
    filled = report.fill(page, tmp_path)
    assert filled == report.fill(filled, tmp_path)
    assert "old" not in filled
    assert filled.startswith("before\n")
    assert filled.endswith("after <!-- growth -->")
    assert "4,000 incidents; 2 repetitions" in filled
    assert sum(line.startswith("| first load, six views |") for line in filled.splitlines()) == 2


STATE = "three types chosen, never seen"


def figures(**times: float) -> dict[str, Any]:
    rows = [{"state": STATE, "engine": name, "median_ms": ms} for name, ms in times.items()]
    return {"rows": rows, "ratios": [{"state": STATE, "machine_scale": 2.0}]}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({}, None),
        ({"patroliq": 21.0}, "a 3rd of Polars"),  # 60 / 3
        ({"polars": 29.0, "patroliq": 28.0}, None),  # short times must only be beaten
        ({"polars": 20.0, "patroliq": 20.5}, "20.0 ms of Polars"),
        ({"sql": 180.0, "patroliq": 18.5}, "a 10th of SQL"),
        ({"sql": 99.0, "patroliq": 18.5}, None),
        ({"polars": 100.0, "sql": 90.0, "patroliq": 31.0}, "Mosaic's warm time"),  # 11 × 2 × 1.4
        ({"cache": 1.2}, "1.20 ms from cache"),
    ],
)
def test_a_missed_goal_is_said_with_its_limit(
    changed: dict[str, float], missed: str | None
) -> None:
    times = {"patroliq": 10.0, "sql": 300.0, "polars": 60.0, "cache": 0.2} | changed
    if "patroliq" in changed and "sql" not in changed:
        times["sql"] = 90.0
    found = misses(figures(**times))
    assert len(found) == (missed is not None)
    assert missed is None or missed in found[0]


def test_switching_views_is_held_to_a_tenth_of_mosaics_time() -> None:
    result = figures(patroliq=40.0, sql=90.0, polars=300.0, cache=0.1)
    for entry in (*result["rows"], *result["ratios"]):
        entry["state"] = "clicks in a different view each time"
    first, second = misses(result)
    assert "1.1 times the 38.0 ms of a 10th of Mosaic's 190 ms" in first  # 190 × 2 / 10
    assert "30.8 ms" in second
