"""The circle around a series."""

from __future__ import annotations

import polars as pl

from analytics.series.series_circle import WIDEST_M, circle_of


def test_a_wide_series_is_circled_where_most_of_it_is() -> None:
    x = [0.0, 100.0, 2_000.0, 90_000.0]  # the last one is far away
    members = pl.DataFrame({"x_m": x, "y_m": 0.0, "lat": 41.0, "lon": [one / 84_000 for one in x]})
    circle = circle_of(members)
    assert circle.meters == WIDEST_M
    assert circle.lon < 0.03
    narrow = circle_of(members.head(3))
    assert 1_300 < narrow.meters < WIDEST_M  # 700 m is the mean, and there is a margin
