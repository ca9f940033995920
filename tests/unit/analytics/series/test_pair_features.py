"""Levels of pairs, against one pair after the other in plain Python."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from analytics.series.link_model import positions
from analytics.series.pair_features import ComparedIncidents, common_values

FIRST = date(2026, 3, 2)  # a Monday


def incidents(number: int = 60, seed: int = 3) -> pl.DataFrame:
    draw = random.Random(seed)  # noqa: S311 - made up
    rows = []
    for at in range(number):
        day = FIRST + timedelta(days=draw.randint(0, 40))
        rows.append(
            {
                "id": f"i{at}", "day": day, "weekday": day.isoweekday(),
                "x_m": draw.uniform(0, 3_000), "y_m": draw.uniform(0, 3_000),
                "hour": draw.choice([None, *range(24)]),
                "description": draw.choice([None, "door", "door", "door", "window", "roof"]),
                "attr_tool": draw.choice([None, *(f"t{one}" for one in range(40))]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"hour": pl.Int8, "weekday": pl.Int8})


def by_hand(one: dict[str, Any], other: dict[str, Any], common: dict[str, Any]) -> list[int]:
    away = math.dist((one["x_m"], one["y_m"]), (other["x_m"], other["y_m"]))
    days = abs((one["day"] - other["day"]).days)
    far = sum(away > bound for bound in (50, 200, 500, 1_000, 2_000))
    lag = sum(days > bound for bound in (0, 2, 7, 14))
    clock = 4
    if one["hour"] is not None and other["hour"] is not None:
        apart = abs(one["hour"] - other["hour"])
        clock = sum(min(apart, 24 - apart) > bound for bound in (1, 3, 6))
    week = int((one["day"].weekday() > 4) != (other["day"].weekday() > 4))
    same = []
    for name in ("description", "attr_tool"):
        if one[name] is None or other[name] is None:
            same.append(3)
        elif one[name] != other[name]:
            same.append(2)
        else:
            same.append(1 if one[name] in common[name] else 0)
    return [far, lag, clock, week, *same]


def test_levels_are_those_of_each_pair_by_hand() -> None:
    frame = incidents()
    fields = ("description", "attr_tool")
    common = common_values(frame, fields)
    found = ComparedIncidents.of(frame, common).compare(positions(frame.height))
    rows = frame.to_dicts()
    expected = [by_hand(one, other, common) for one, other in combinations(rows, 2)]
    assert np.array_equal(found, expected)
    assert {tuple(np.unique(column)) for column in found.T} >= {(0, 1), (0, 1, 2, 3, 4, 5)}


def test_a_value_is_common_from_a_twentieth_of_the_known_ones() -> None:
    frame = pl.DataFrame({"how": ["a"] * 95 + ["b"] * 5 + ["c"] * 4 + [None] * 500})
    assert common_values(frame, ("how",))["how"] == {"a"}
    frame = pl.DataFrame({"how": ["a"] * 95 + ["b"] * 5 + [None] * 500})
    assert common_values(frame, ("how",))["how"] == {"a", "b"}
