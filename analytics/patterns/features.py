"""Features of incidents as numbers, equally weighted whatever the number of their columns.

An incident has nine features. Each becomes a block of columns, scaled so that their variances add
up to 1: two random incidents are on average as far apart by type as by hour, however many columns
a feature takes. A place is the center of a cell; hours, weekdays and seasons lie on a circle, so
that 23 h is next to 0 h. An unknown value lies at the mean and adds no distance.

References
----------
Escofier & Pagès (1994), Multiple factor analysis, Computational Statistics & Data Analysis 18:
blocks are balanced before they are combined. They divide by the first singular value of a block,
which would let a type with thirty values weigh far more than a yes or no; we divide by the square
root of the block's total variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.conditions import Condition, conditions_of
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from sql import load

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint16]

CELL_M = 2_000
BATCH_ROWS = 262_144
RAREST = {"type": 0.002, "location_type": 0.005}
"""Values with a smaller share of the incidents are merged into `OTHER`."""
OTHER = "(other)"
SEASONS = ("Winter", "Spring", "Summer", "Autumn")
FEATURES = (
    "type", "location_type", "hour", "weekday", "season", "place", "arrest", "domestic", "harm",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class FeatureBlock:
    """One feature: its values and the coordinates of each.

    Attributes
    ----------
    name : str
    values : tuple of str
        In the order of their codes; code `len(values)` is unknown.
    incidents : int64 array of shape (values + 1,)
        Incidents by code in the training data.
    table : array of shape (values + 1, columns)
        Coordinates by code, centered and scaled: their variances over the incidents with a known
        value add up to 1. The last row (unknown) is 0.
    """

    name: str
    values: tuple[str, ...]
    incidents: npt.NDArray[np.int64] = field(repr=False)
    table: Floats = field(repr=False)

    @property
    def unknown(self) -> int:
        return len(self.values)

    def codes(self, column: pl.Series) -> Codes:
        """Codes of a text column; values that training did not see are other or unknown."""
        known = column.cast(pl.Enum(list(self.values)), strict=False).to_physical()
        other = self.values.index(OTHER) if OTHER in self.values else self.unknown
        missing = np.where(column.is_null().to_numpy(), self.unknown, other)
        found = known.cast(pl.Float64).fill_null(-1).to_numpy()
        return np.where(found < 0, missing, found).astype(np.uint16)


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """Blocks of all features that vary."""

    blocks: tuple[FeatureBlock, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(block.name for block in self.blocks)

    @property
    def columns(self) -> int:
        return sum(block.table.shape[1] for block in self.blocks)

    @property
    def slices(self) -> dict[str, slice]:
        """Columns of each block."""
        ends = np.cumsum([0, *(block.table.shape[1] for block in self.blocks)])
        return {
            block.name: slice(int(first), int(last))
            for block, first, last in zip(self.blocks, ends, ends[1:], strict=False)
        }

    def codes(self, features: pl.DataFrame) -> Codes:
        """Codes of incidents, shape (incidents, blocks), from columns of text."""
        return np.column_stack([block.codes(features[block.name]) for block in self.blocks])

    def keys(self, codes: Codes) -> npt.NDArray[np.int64]:
        """One number for each row of codes: equal rows have equal keys."""
        found = np.zeros(len(codes), dtype=np.int64)
        for number, block in enumerate(self.blocks):
            found = found * (len(block.values) + 1) + codes[:, number]
        return found

    def matrix(self, codes: Codes) -> npt.NDArray[np.float32]:
        """Coordinates of incidents, shape (incidents, columns)."""
        parts = [block.table[codes[:, number]] for number, block in enumerate(self.blocks)]
        return np.hstack(parts).astype(np.float32)

    def without(self, names: Sequence[str]) -> FeatureSpace:
        """The same space without some features."""
        return FeatureSpace(tuple(block for block in self.blocks if block.name not in names))

    @property
    def frame(self) -> pl.DataFrame:
        """block, value (null for unknown), incidents and coordinates; stored with the model."""
        parts = [
            pl.DataFrame(
                {
                    "block": [block.name] * len(block.table),
                    "value": [*block.values, None],
                    "incidents": block.incidents,
                    "coordinates": [row.tolist() for row in block.table],
                },
                schema_overrides={"value": pl.String, "coordinates": pl.List(pl.Float64)},
            )
            for block in self.blocks
        ]
        return pl.concat(parts)

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> FeatureSpace:
        """The space that `frame` was made from."""
        blocks = []
        for (name,), part in frame.group_by("block", maintain_order=True):
            table = np.array(part["coordinates"].to_list(), dtype=np.float64)
            incidents = part["incidents"].to_numpy().astype(np.int64)
            values = tuple(part["value"].to_list()[:-1])
            blocks.append(FeatureBlock(str(name), values, incidents, table))
        return cls(tuple(blocks))


def fit_space(counts: dict[str, dict[str | None, int]], cell_m: int = CELL_M) -> FeatureSpace:
    """The space of incidents, from their counts by value of each feature.

    Raises
    ------
    InputError
        Fewer than two features vary.
    """
    made = [_block(name, counts[name], cell_m) for name in FEATURES if name in counts]
    blocks = tuple(block for block in made if block is not None)
    if len(blocks) < 2:
        raise InputError("Fewer than two features of these incidents vary; there is no pattern.")
    return FeatureSpace(blocks)


def count_values(batches: Iterator[pl.DataFrame]) -> dict[str, dict[str | None, int]]:
    """Incidents by value of each feature."""
    found: dict[str, dict[str | None, int]] = {name: {} for name in FEATURES}
    for batch in batches:
        for name, counts in found.items():
            for value, incidents in batch[name].value_counts().iter_rows():
                counts[value] = counts.get(value, 0) + incidents
    return found


def read_features(
    reader: SnapshotReader,
    selection: Selection | None = None,
    *,
    cell_m: int = CELL_M,
    columns: Sequence[str] = (),
) -> Iterator[pl.DataFrame]:
    """Features of incidents as text, `BATCH_ROWS` at a time, in the order they are stored.

    Parameters
    ----------
    selection : Selection, optional
        Which incidents; None for all of them.
    columns : sequence of str
        Further columns of `incidents`; never user input.
    """
    where = (
        Condition("true", {})
        if selection is None
        else conditions_of(reader).where(EVERYTHING, selection)
    )
    return features_of(reader.cursor(), where, cell_m, columns)


def features_of(
    connection: Any, where: Condition, cell_m: int = CELL_M, columns: Sequence[str] = ()
) -> Iterator[pl.DataFrame]:
    """`read_features` from a connection whose search path has `incidents`."""
    statement = load(
        "patterns/features",
        conditions=where.sql,
        columns="".join(f"{name}, " for name in columns),
    )
    relation = connection.sql(statement, params={**where.params, "cell_m": cell_m})
    for batch in relation.to_arrow_reader(BATCH_ROWS):
        yield pl.DataFrame(batch)


def _block(name: str, counts: dict[str | None, int], cell_m: int) -> FeatureBlock | None:
    known = {value: number for value, number in counts.items() if value is not None}
    merged = _merged(name, known)
    values = tuple(sorted(merged, key=lambda value: (value == OTHER, _order(name, value))))
    if len(values) < 2:
        return None
    incidents = np.array([merged[value] for value in values], dtype=np.int64)
    coordinates = _coordinates(name, values, cell_m)
    shares = incidents / incidents.sum()
    coordinates = coordinates - shares @ coordinates
    variance = float(shares @ (coordinates**2).sum(axis=1))
    if variance <= 1e-12:
        return None
    table = np.vstack([coordinates / np.sqrt(variance), np.zeros(coordinates.shape[1])])
    unknown = int(counts.get(None, 0))
    return FeatureBlock(name, values, np.append(incidents, unknown), table)


def _merged(name: str, known: dict[str, int]) -> dict[str, int]:
    least = RAREST.get(name, 0.0) * sum(known.values())
    kept = {value: number for value, number in known.items() if number >= least}
    rest = sum(known.values()) - sum(kept.values())
    return {**kept, OTHER: rest} if rest else kept


def _order(name: str, value: str) -> tuple[float, str]:
    if name in ("hour", "weekday", "harm"):
        return float(value), value
    return (float(SEASONS.index(value)) if name == "season" else 0.0), value


def _coordinates(name: str, values: Sequence[str], cell_m: int) -> Floats:
    """Coordinates of values before centering and scaling, shape (values, columns)."""
    if name == "place":
        cells = np.array([value.split("_") for value in values], dtype=np.float64)
        return (cells + 0.5) * cell_m
    if name in ("hour", "weekday", "season"):
        around = {"hour": 24, "weekday": 7, "season": 4}[name]
        turns = np.array([_order(name, value)[0] for value in values]) / around
        return np.column_stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)])
    if name in ("arrest", "domestic"):
        return np.array([[1.0 if value == "yes" else 0.0] for value in values])
    if name == "harm":
        return np.log1p(np.array([[float(value)] for value in values]))
    return np.eye(len(values))
