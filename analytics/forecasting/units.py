"""The places that are forecast and flagged: cells of a fishnet, or blocks of street."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from analytics.forecasting.streets import Streets
from analytics.hotspots.fishnet import Fishnet
from analytics.statistics.arrays import Floats, Ints

Units: TypeAlias = Fishnet | Streets
CELL_COLUMNS = 'floor(x_m / $size)::BIGINT AS col, floor(y_m / $size)::BIGINT AS "row"'
BLOCK_COLUMN = "block"


class UnitKind(Enum):
    """What a forecast is of."""

    CELL = "cell"
    BLOCK = "block"


def unit_columns(units: Units) -> tuple[str, dict[str, int]]:
    """Columns that name the unit of an incident in SQL, and their parameters."""
    if isinstance(units, Streets):
        return BLOCK_COLUMN, {}
    return CELL_COLUMNS, {"size": units.size_m}


def unit_positions(units: Units, found: pl.DataFrame) -> Ints:
    """Position of the unit of each row with `unit_columns`; -1 outside the units."""
    if isinstance(units, Streets):
        return units.positions(found["block"])
    return units.indices(found["col"].to_numpy(), found["row"].to_numpy())


def unit_sizes(units: Units) -> Floats:
    """Size of each unit: 1 for a cell, km of street for a block; shape (units,)."""
    return units.km if isinstance(units, Streets) else np.ones(len(units))


def unit_frame(units: Units, **values: Any) -> pl.DataFrame:
    """The units with further columns of shape (units,).

    Returns
    -------
    pl.DataFrame
        cell (key), col, row; for blocks block, x_m, y_m (middle, local meters), km.
    """
    if isinstance(units, Streets):
        return units.frame(km=units.km, **values)
    return units.frame(**values).insert_column(0, pl.Series("cell", units.keys))


def unit_names(kind: UnitKind) -> tuple[str, ...]:
    """Columns of a unit's frame that identify it."""
    return ("block",) if kind is UnitKind.BLOCK else ("col", "row")
