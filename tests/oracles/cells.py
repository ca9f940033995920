"""Counts per cell by SQL on the snapshot's table, to test the cross-filter's against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.fishnet import Fishnet, fishnet
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader

COUNTS = """
    SELECT floor(x_m / $size)::BIGINT AS col, floor(y_m / $size)::BIGINT AS row,
        count(*)::BIGINT AS incidents, coalesce(sum(harm_days), 0)::BIGINT AS harm
    FROM incidents WHERE point_id IS NOT NULL AND {where} GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Cells:
    """Every cell of the study area, crime-free ones included, with incidents and harm."""

    fishnet: Fishnet
    frame: pl.DataFrame

    def values(self, measure: str = "incidents") -> np.ndarray:
        return self.frame[measure].to_numpy().astype(np.float64)


def cell_counts(reader: SnapshotReader, selection: Selection, size_m: int) -> Cells:
    """Cells of the selection's areas; default addresses are left out unless it asks for them."""
    grid = fishnet(reader, size_m, EVERYTHING, selection)
    where = incidents_where(reader, EVERYTHING, selection)
    found = reader.frame(COUNTS.format(where=where.sql), {"size": size_m, **where.params})
    at = grid.indices(found["col"].to_numpy(), found["row"].to_numpy())
    measures = {}
    for name in ("incidents", "harm"):
        values = np.zeros(len(grid), dtype=np.int64)
        values[at[at >= 0]] = found[name].to_numpy()[at >= 0]
        measures[name] = values
    return Cells(grid, grid.frame(**measures))
