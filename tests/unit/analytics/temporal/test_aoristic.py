"""Aoristic weights against a minute-by-minute count of each span."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.temporal.aoristic import Aoristic, moved, spread
from sql import load


def weigh(
    spans: list[tuple[datetime, datetime | None]], day_start_h: int = 0, hours: bool = True
) -> Aoristic:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE incidents (occurred_from TIMESTAMP, occurred_to TIMESTAMP, hour INTEGER)"
    )
    for start, end in spans:
        hour = start.hour if hours else None
        connection.execute("INSERT INTO incidents VALUES (?, ?, ?)", [start, end, hour])
    frames = [
        connection.sql(
            load(f"temporal/aoristic_{name}", conditions="true"),
            params={"day_start_s": day_start_h * 3600},
        ).pl()
        for name in ("spans", "moments")
    ]
    return spread(*frames, hour_shift=day_start_h)


def by_minutes(spans: list[tuple[datetime, datetime | None]], day_start_h: int = 0) -> np.ndarray:
    """Walk each span minute by minute on the wall clock."""
    table = np.zeros((7, 24))
    for start, end in spans:
        minutes = int((end - start).total_seconds() // 60) if end and end > start else 0
        stops = [start + timedelta(minutes=number) for number in range(minutes)] or [start]
        for stop in stops:
            day = (stop - timedelta(hours=day_start_h)).weekday()
            table[day, stop.hour] += 1 / len(stops)
    return table


def random_spans(seed: int, number: int = 60) -> list[tuple[datetime, datetime | None]]:
    random = np.random.default_rng(seed)
    spans: list[tuple[datetime, datetime | None]] = []
    for _ in range(number):
        start = datetime(2017, 1, 1) + timedelta(minutes=int(random.integers(0, 60 * 24 * 60)))
        length = int(random.choice([0, 1, 30, 59, 60, 61, 600, 1440, 10_079, 10_080, 25_000]))
        ends = {0: start, 1: None}
        spans.append(
            (start, ends.get(int(random.integers(0, 8)), start + timedelta(minutes=length)))
        )
    return spans


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("day_start_h", [0, 6])
def test_weights_are_those_of_walking_each_span(seed: int, day_start_h: int) -> None:
    spans = random_spans(seed)
    found = weigh(spans, day_start_h)
    np.testing.assert_allclose(found.weights, by_minutes(spans, day_start_h), atol=1e-9)
    assert found.incidents == len(spans)
    assert found.weights.sum() == pytest.approx(len(spans), abs=1e-9)


def test_a_burglary_over_a_working_day_spreads_over_it() -> None:
    # Ratcliffe 2000: from Monday 08:00 to 12:00 is a quarter for each of four hours.
    found = weigh([(datetime(2017, 1, 2, 8), datetime(2017, 1, 2, 12))])
    assert found.weights[0, 8:12].tolist() == [0.25] * 4
    assert found.weights.sum() == pytest.approx(1)
    assert found.starts[0, 8] == 1
    assert found.moved == pytest.approx(0.75)
    assert (found.spans, found.over_an_hour, found.without_end) == (1, 1, 0)


def test_a_span_over_sunday_midnight_goes_on_to_monday() -> None:
    found = weigh([(datetime(2017, 1, 1, 23), datetime(2017, 1, 2, 1))])
    assert found.weights[6, 23] == pytest.approx(0.5)
    assert found.weights[0, 0] == pytest.approx(0.5)


def test_without_an_end_nothing_moves() -> None:
    found = weigh([(datetime(2017, 1, 2, 8, 30), None), (datetime(2017, 1, 3, 9), None)])
    assert found.moved == 0
    assert found.without_end == 2
    np.testing.assert_array_equal(found.weights, found.starts)


def test_an_unknown_hour_is_left_out() -> None:
    found = weigh([(datetime(2017, 1, 2), datetime(2017, 1, 3))], hours=False)
    assert found.incidents == 0
    assert found.moved == 0


def test_times_before_1970_are_weighed_too() -> None:
    spans = [(datetime(1965, 3, 7, 22, 15), datetime(1965, 3, 8, 3, 45))]
    np.testing.assert_allclose(weigh(spans).weights, by_minutes(spans), atol=1e-9)


def test_what_moved_is_the_share_that_lies_elsewhere() -> None:
    assert moved([4, 0], [1, 3]) == pytest.approx(0.75)
    assert moved([0, 0], [0, 0]) == 0


def test_no_incidents_weigh_nothing() -> None:
    found = weigh([])
    assert isinstance(found.weights, np.ndarray)
    assert found.weights.sum() == 0
    assert pl.DataFrame(found.weights).shape == (7, 24)
