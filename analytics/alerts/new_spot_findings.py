"""New hot spots: places that have more in the last weeks than in the year before."""

from __future__ import annotations

from analytics.alerts.checked_data import CheckedData, days_before, within
from analytics.alerts.finding import AlertFinding, ListFindings, Subject, Trouble
from analytics.crossfilter.clauses import Cells, cell_key
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.inputs import DailyCells, daily_cell_counts, incidents_where
from analytics.hotspots.space_time_scan import (
    PERMUTATIONS,
    WINDOWS_DAYS,
    SpaceTimeCluster,
    scan_clusters,
)
from analytics.hotspots.surface import counted_of
from analytics.statistics.tiers import Tier
from analytics.zones.place_names import Surroundings, spot_name
from sql import load

SIZE_M = 500
HISTORY_DAYS = 364
SHORTEST_HISTORY = 3 * WINDOWS_DAYS[-1]
FEWEST_INCIDENTS = 50
A_WEEK = 0.14
"""New alerts a week of a scan that is made every day where nothing clusters (docs/alerts.md)."""


def new_spot_findings(data: CheckedData, selection: Selection) -> ListFindings:
    """Fire on circles of cells that the space-time scan finds."""
    if data.last is None or data.manifest.covered is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    if "cell" in data.manifest.views_off:
        return ListFindings(trouble=Trouble.NO_PLACES)
    first = max(data.manifest.covered[0], days_before(data.last, HISTORY_DAYS))
    if (data.last - first).days + 1 < SHORTEST_HISTORY:
        return ListFindings(trouble=Trouble.TOO_SHORT)
    # Without filters on places other than areas: a circle is compared with the rest of the city.
    counted = counted_of(selection)
    try:
        daily = daily_cell_counts(
            data.reader, EVERYTHING, within(counted, first, data.last), SIZE_M
        )
    except InputError as error:  # such as too many cells
        return ListFindings(trouble=Trouble.NOT_READ, why=str(error))
    if daily.frame["count"].sum() < FEWEST_INCIDENTS:
        return ListFindings(trouble=Trouble.TOO_FEW)
    clusters = scan_clusters(daily.matrix(), daily.fishnet)
    findings = tuple(_finding(data, daily, one, counted) for one in clusters)
    return ListFindings(findings, len(daily.fishnet), A_WEEK)


def _finding(
    data: CheckedData, daily: DailyCells, cluster: SpaceTimeCluster, counted: Selection
) -> AlertFinding:
    last = daily.last
    first = days_before(last, cluster.days)
    cells = _cells_of(daily.fishnet, cluster)
    shown = within(counted.without(PLACE).replace("cell", cells), first, last)
    km2 = len(cluster.cells) * daily.fishnet.cell_km2
    return AlertFinding(
        f"cells {cells.text}",
        Subject(place=_name(data, shown, km2)),
        first,
        last,
        cluster.count,
        shown.text,
        expected=cluster.expected,
        p=cluster.p,
        tier=Tier.CLEAR,
        evidence={
            "cells": [cell_key(*key) for key in cells.known],
            "since": daily.first.isoformat(),
            "strength": cluster.strength,
            "permutations": PERMUTATIONS,
        },
    )


def _cells_of(grid: Fishnet, cluster: SpaceTimeCluster) -> Cells:
    columns, rows = grid.columns[cluster.cells].tolist(), grid.rows[cluster.cells].tolist()
    return Cells(tuple((grid.size_m, *pair) for pair in zip(columns, rows, strict=True)))


def _name(data: CheckedData, shown: Selection, km2: float) -> str:
    where = incidents_where(data.reader, EVERYTHING, shown)
    incidents = data.reader.frame(
        load("hotspots/zone_incidents", conditions=where.sql), where.params
    )
    return spot_name(incidents, Surroundings.of(data.reader, incidents), km2)
