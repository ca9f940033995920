"""Codes of a snapshot that differs from an earlier one in few incidents.

The codes of all others are copied, moved where new values came between, and their sums and blocks
are corrected by what changed; so the time depends on the number of changed incidents, and on the
bytes that are copied. The result is what `codes.encode` would write for the same order of storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from analytics.crossfilter.code_sums import (
    BLOCK_ROWS,
    MOST_PRESENT,
    Array,
    Ints,
    codes_in_blocks,
    harm_of_blocks,
    sums_by_code,
)
from analytics.crossfilter.codes import (
    CELL,
    DAY,
    FLAGS,
    FOLDER,
    HOUR_WEEKDAY,
    INDEX,
    MAX_CELLS,
    OFFENSE,
    POINT,
    WORD_COLUMNS,
    CodeColumn,
    CodeIndex,
    cells_of,
    coded_batches,
    harm_of_codes,
    index_of,
    numbered_columns,
    totals_of,
    write_cells,
    write_values,
)
from analytics.errors import IntegrityError
from sql import load


@dataclass(frozen=True)
class _Changes:
    """The incidents that changed, and what is known of all: `positions` says where they are stored.

    Those from `rows_before` on are new. `codes` has theirs by column; `offenses_were` are the codes
    of offense and arrest that the replaced ones had; `harm` is that of one incident by such a code.
    """

    source: Path
    target: Path
    rows_before: int
    rows: int
    positions: Ints
    codes: dict[str, Array]
    offenses_were: Array
    harm: Ints

    @property
    def replaced(self) -> Ints:
        """Positions of incidents that were stored before."""
        return self.positions[self.positions < self.rows_before]

    def blocks(self) -> Ints:
        """Blocks with changed incidents, and all from the one to which incidents were added on."""
        first, count = self.rows_before // BLOCK_ROWS, -(-self.rows // BLOCK_ROWS)
        added = np.arange(first, count if self.rows > self.rows_before else first)
        return np.union1d(self.positions // BLOCK_ROWS, added).astype(np.int64)


def has_every_column(snapshot: Path, attributes: list[str]) -> bool:
    """Whether a snapshot's codes have the columns written today, so that they can be amended."""
    try:
        index = CodeIndex.read(snapshot / FOLDER / INDEX)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    expected = {OFFENSE, POINT, DAY, HOUR_WEEKDAY, FLAGS, *WORD_COLUMNS, *attributes}
    return {column.name for column in index.columns} - {CELL} == expected


def amend_codes(
    connection: duckdb.DuckDBPyConnection,
    amended: duckdb.DuckDBPyConnection,
    before: Path,
    folder: Path,
    positions: Ints,
) -> None:
    """Write the codes of an amended snapshot to `codes/` in its folder.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Its `incidents` are the changed ones only.
    amended : DuckDBPyConnection
        Has all `incidents`, `points` and `offenses`, new ones behind those before.
    before : Path
        The snapshot that was amended.
    folder : Path
        The snapshot being built.
    positions : int64 (changed,)
        Where each changed incident is stored.

    Raises
    ------
    IntegrityError
        An hour has two shifts.
    """
    target, source = folder / FOLDER, before / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    old = CodeIndex.read(source / INDEX)
    totals = totals_of(amended)
    columns, moved = _columns(connection, old, totals, source, target)
    codes = _changed_codes(connection, columns, totals)
    former = {column.name: column for column in old.columns}
    if CELL in former and (cells := _cells(connection, source, target, codes[POINT])) is not None:
        columns[CELL], moved[CELL], codes[CELL] = cells
    index = index_of(totals, _shifts(connection, old), tuple(columns.values()))
    replaced = positions[positions < old.rows]
    were = moved[OFFENSE][_read(source, former[OFFENSE], old.rows)[replaced]]
    harm = harm_of_codes(amended)
    changes = _Changes(source, target, old.rows, index.rows, positions, codes, were, harm)
    for name, column in columns.items():
        _Column(column, former[name], moved[name]).write(changes)
    offenses = _read(target, columns[OFFENSE], index.rows)
    np.save(target / "harm.blocks.npy", _harm(offenses, changes))
    index.write(target / INDEX)


def _changed_codes(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, CodeColumn], totals: dict[str, Any]
) -> dict[str, Array]:
    """Codes of the changed incidents by column, in the order of `incidents`."""
    batches = [pl.DataFrame(one) for one in coded_batches(connection, [*columns.values()], totals)]
    if not batches:
        return {name: np.empty(0, np.uint32) for name in columns}
    return {name: pl.concat(batches)[name].to_numpy() for name in columns}


@dataclass(frozen=True)
class _Column:
    """A column being amended; `moved` has the new code of each former one."""

    column: CodeColumn
    former: CodeColumn
    moved: Ints

    def write(self, changes: _Changes) -> None:
        """Write the column's codes, sums and blocks."""
        name, count = self.column.name, self.column.codes
        before = _read(changes.source, self.former, changes.rows_before)
        changed = changes.codes[name]
        codes = np.empty(changes.rows, self.column.dtype)
        codes[: len(before)] = self._moved_codes(before)
        codes[changes.positions] = changed
        codes.tofile(changes.target / self.column.file)

        were = before[changes.replaced]
        gone = sums_by_code(were, changes.offenses_were, changes.harm, self.former.codes)
        sums = self._moved_sums(np.load(changes.source / f"{name}.sums.npy") - gone)
        sums += sums_by_code(changed, changes.codes[OFFENSE], changes.harm, count)
        np.save(changes.target / f"{name}.sums.npy", sums)

        blocks = self._moved_blocks(np.load(changes.source / f"{name}.blocks.npy"), codes)
        for block in changes.blocks():
            part = codes[block * BLOCK_ROWS : (block + 1) * BLOCK_ROWS]
            blocks[block] = codes_in_blocks(part, count)[0]
        np.save(changes.target / f"{name}.blocks.npy", blocks)

    @property
    def _stays(self) -> bool:
        return bool((self.moved == np.arange(len(self.moved))).all())

    def _moved_codes(self, codes: Array) -> Array:
        return codes if self._stays else self.moved.astype(self.column.dtype)[codes]

    def _moved_sums(self, sums: Ints) -> Ints:
        # bincount adds floats, which are exact for whole numbers below 2**53.
        parts = [np.bincount(self.moved, one, self.column.codes).astype(np.int64) for one in sums]
        return np.stack(parts)

    def _moved_blocks(self, before: Array, codes: Array) -> Array:
        """What each block has, right for blocks in which nothing changed."""
        count = -(-len(codes) // BLOCK_ROWS)
        was_present = self.former.codes <= MOST_PRESENT
        if was_present != (self.column.codes <= MOST_PRESENT):
            return codes_in_blocks(codes, self.column.codes)
        if not was_present:
            moved: Array = self.moved[before]
        elif self._stays and self.column.codes == self.former.codes:
            moved = before
        else:
            found = np.zeros((len(before), self.column.codes), np.bool_)
            block, code = np.nonzero(np.unpackbits(before, axis=1, count=self.former.codes))
            found[block, self.moved[code]] = True
            moved = np.packbits(found, axis=1)
        return np.concatenate([moved, np.zeros((count - len(before), moved.shape[1]), moved.dtype)])


def _harm(offenses: Array, changes: _Changes) -> Ints:
    """Harm of each block of incidents."""
    before = np.load(changes.source / "harm.blocks.npy")
    count = -(-changes.rows // BLOCK_ROWS)
    blocks: Ints = np.concatenate([before, np.zeros(count - len(before), np.int64)])
    for block in changes.blocks():
        part = offenses[block * BLOCK_ROWS : (block + 1) * BLOCK_ROWS]
        blocks[block] = harm_of_blocks(part, changes.harm)[0]
    return blocks


def _read(folder: Path, column: CodeColumn, rows: int) -> Array:
    if not rows:
        return np.empty(0, column.dtype)
    return np.memmap(folder / column.file, column.dtype, "r", shape=(rows,))


def _columns(
    connection: duckdb.DuckDBPyConnection,
    old: CodeIndex,
    totals: dict[str, Any],
    source: Path,
    target: Path,
) -> tuple[dict[str, CodeColumn], dict[str, Ints]]:
    """The columns but that of cells, and the new code of each former one."""
    columns = numbered_columns(totals)
    former = {column.name: column for column in old.columns}
    offenses = 3 * old.offenses
    moved = {
        OFFENSE: np.append(np.arange(offenses), 3 * totals["offenses"] + np.arange(3)),
        POINT: np.append(np.arange(old.points), totals["points"]),
        DAY: _moved_days(old, former[DAY].codes - 1, totals),
        HOUR_WEEKDAY: np.arange(columns[HOUR_WEEKDAY].codes),
        FLAGS: np.arange(columns[FLAGS].codes),
    }
    for name in (one.name for one in old.columns if one.values and one.name != CELL):
        before = {"before": str(source / former[name].values)}
        connection.execute(load("crossfilter/codes_values_amended", column=name), before)
        columns[name] = write_values(connection, name, target)
        found = connection.sql(load("crossfilter/codes_moved", column=name), params=before)
        codes = found.pl()["code"].to_numpy().astype(np.int64)
        moved[name] = np.append(codes, columns[name].codes - 1)
    return columns, moved


def _moved_days(old: CodeIndex, days: int, totals: dict[str, Any]) -> Ints:
    """New codes of days; those of days that no incident has any more become unknown."""
    unknown = totals["days"]
    if old.first_day is None or totals["first"] is None:
        return np.full(days + 1, unknown)
    shifted = np.arange(days) + (date.fromisoformat(old.first_day) - totals["first"]).days
    inside = (shifted >= 0) & (shifted < unknown)
    return np.append(np.where(inside, shifted, unknown), unknown)


def _cells(
    connection: duckdb.DuckDBPyConnection, source: Path, target: Path, points: Array
) -> tuple[CodeColumn, Ints, Array] | None:
    """The column of cells, the new code of each former cell, and the codes of changed incidents.

    `points` are the points of the changed incidents; table `points` has them, in order.
    """
    former = np.load(source / f"{CELL}.npy")
    places = connection.sql(load("crossfilter/codes_points")).pl()
    keys, inverse = np.unique(
        np.concatenate([former, cells_of(places)]), axis=0, return_inverse=True
    )
    if len(keys) + 1 > MAX_CELLS:
        return None
    numbers = inverse.reshape(-1)
    of_places = np.append(numbers[len(former) :], len(keys))
    at = np.searchsorted(places["point_id"].to_numpy(), points)  # an unknown point is behind all
    return write_cells(keys, target), np.append(numbers[: len(former)], len(keys)), of_places[at]


def _shifts(connection: duckdb.DuckDBPyConnection, old: CodeIndex) -> tuple[str | None, ...]:
    shifts = list(old.shifts)
    for hour, shift in connection.execute(load("crossfilter/codes_shifts")).fetchall():
        code = len(shifts) - 1 if hour is None else hour
        if shifts[code] not in {None, shift}:
            raise IntegrityError(f"Hour {hour} is in two shifts; codes cannot be written.")
        shifts[code] = shift
    return tuple(shifts)
