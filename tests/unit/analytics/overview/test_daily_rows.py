"""Counts by day of types, areas and types in areas."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from analytics.overview.daily_rows import rows_of

SPAN = date(2017, 1, 1), date(2017, 1, 3)
FRAME = pl.DataFrame(
    {
        "day": [date(2017, 1, 1), date(2017, 1, 1), date(2017, 1, 3), date(2017, 1, 2)],
        "type": ["THEFT", "THEFT", "ARSON", "THEFT"],
        "area": ["1", "2", "1", "unknown"],
        "incidents": [3, 4, 5, 2],
    }
)


def test_rows_are_all_sums_and_what_is_unknown_counts_in_sums_only() -> None:
    found = rows_of(FRAME, SPAN)
    rows = dict(zip(found.names, found.counts.tolist(), strict=True))
    assert rows == {
        ("", ""): [7, 2, 5],
        ("", "1"): [3, 0, 5],
        ("", "2"): [4, 0, 0],
        ("ARSON", ""): [0, 0, 5],
        ("ARSON", "1"): [0, 0, 5],
        ("THEFT", ""): [7, 2, 0],
        ("THEFT", "1"): [3, 0, 0],
        ("THEFT", "2"): [4, 0, 0],
    }


def test_each_row_follows_its_type_citywide() -> None:
    found = rows_of(FRAME, SPAN)
    for name, kind in zip(found.names, found.kind.tolist(), strict=True):
        whole = found.names.index((name[0], ""))
        assert found.citywide[kind].tolist() == found.counts[whole].tolist()


def test_days_have_columns() -> None:
    found = rows_of(FRAME, SPAN)
    assert (found.days, found.column(date(2017, 1, 3))) == (3, 2)


def test_nothing_counted_is_an_empty_table() -> None:
    found = rows_of(FRAME.clear(), SPAN)
    assert found.names == []
    assert found.counts.shape == (0, 3)
    assert np.array_equal(found.citywide, np.zeros((1, 3)))


def test_rows_of_a_place_follow_the_season_of_the_city() -> None:
    city = rows_of(FRAME, SPAN)
    place = rows_of(FRAME.filter((pl.col("area") == "1") & (pl.col("type") == "THEFT")), SPAN)
    found = place.following(city)
    assert found.counts.tolist() == place.counts.tolist()
    for (kind, _), number in zip(found.names, found.kind.tolist(), strict=True):
        assert found.kinds[number] == kind
        assert found.citywide[number].tolist() == city.citywide[city.kinds.index(kind)].tolist()
