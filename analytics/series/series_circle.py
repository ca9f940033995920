"""The incidents of the kind around a series on its days, of which the series has some."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.spatial.distance import cdist

from analytics.alerts.chain_findings import circle_around
from analytics.alerts.checked_data import within
from analytics.crossfilter.clauses import Near
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.incidents.reader import SnapshotReader
from sql import load

WIDEST_M = 3_000
"""A series is wide if it has no incident with all others this near."""


@dataclass(frozen=True)
class SeriesCircle:
    """Incidents of a kind in a circle, from the first to the last day of a series.

    Attributes
    ----------
    selection : of them; it has no kind if the series has none
    incidents : how many there are, of the series or not
    of_series : how many of the series are among them
    """

    selection: Selection
    incidents: int
    of_series: int


def series_circle(reader: SnapshotReader, kind: Selection, members: pl.DataFrame) -> SeriesCircle:
    """What is around a series with incidents; of a wide one, around its densest part."""
    circled = kind.replace("near", circle_of(members))
    selection = within(circled, members["day"][0], members["day"][-1])
    where = conditions_of(reader).where(EVERYTHING, selection)
    statement = load("series/circle", conditions=where.sql)
    counted = reader.frame(statement, {"ids": members["id"].to_list(), **where.params})
    return SeriesCircle(selection, *counted.row(0))


def circle_of(members: pl.DataFrame) -> Near:
    """A circle around all incidents, or of a wide series around the incident with most near it."""
    places = members.select("x_m", "y_m").to_numpy()
    is_near = cdist(places, places) <= WIDEST_M
    middle = int(np.argmax(is_near.sum(axis=1)))
    if is_near[middle].all():
        return circle_around(members)
    lat, lon = members.select("lat", "lon").row(middle)
    return Near(lat, lon, WIDEST_M)
