"""The demo city's calls: made up, the same for the same seed, and in an order that can be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from analytics.demo.calls import CALLS_PER_INCIDENT, TYPES, draw_calls
from analytics.sources.record_kinds import CALLS
from analytics.sources.source import Source

UNTIL = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 2)


@pytest.fixture(scope="module")
def calls() -> pl.DataFrame:
    return drawn(5)


def drawn(seed: int) -> pl.DataFrame:
    moments = [MIDNIGHT - timedelta(minutes=11 * step) for step in range(1, 2_001)]
    places = pl.DataFrame(
        {"moment": moments, "district": "001", "beat": "0011", "lat": 40.0, "lon": -39.0}
    )
    return draw_calls(places, UNTIL, np.random.default_rng(seed))


def test_the_same_seed_gives_the_same_calls(calls: pl.DataFrame) -> None:
    assert calls.equals(drawn(5))
    assert not calls.equals(drawn(6))
    assert calls["id"].n_unique() == calls.height
    assert calls.height == pytest.approx(2_000 * CALLS_PER_INCIDENT, rel=0.02)


def test_no_step_ends_before_it_begins_or_after_the_last_day(calls: pl.DataFrame) -> None:
    steps = ("received", "dispatched", "on_scene", "cleared")
    for first, second in pairwise(steps):
        assert (calls[first] <= calls[second]).drop_nulls().all(), second
    assert all(calls[name].drop_nulls().max() < MIDNIGHT for name in steps)  # type: ignore[operator]
    waiting = calls.filter(pl.col("cleared").is_null())
    assert 0 < waiting.height < 60
    assert (waiting["updated"] == MIDNIGHT).all()


def test_shares_are_those_that_are_stated(calls: pl.DataFrame) -> None:
    assert sum(one.share for one in TYPES) == pytest.approx(1)
    officers = (calls["source"] == "officer").mean()
    assert officers == pytest.approx(0.25, abs=0.02)
    callers = calls.filter(pl.col("source") == "caller")
    assert (callers["result"] == "CANCELED").mean() == pytest.approx(0.06, abs=0.015)
    assert (callers["result"] == "DUPLICATE").mean() == pytest.approx(0.02, abs=0.01)


def test_its_source_says_that_it_is_synthetic_and_maps_its_columns(calls: pl.DataFrame) -> None:
    source = Source.load("demo", CALLS)
    assert source.synthetic
    named = {names[0] for names in source.alternatives().values()}
    assert named == set(calls.columns)
