"""Codes: every incident as small integers in plain files beside its snapshot's database.

codes/codes.json              the index: rows, columns, codes, widths
codes/<column>.bin            one code per incident, little-endian, in the order of storage
codes/<column>.parquet        the values of codes that no table of the database holds
codes/<column>.sums.npy       int64 (3, codes): incidents, arrests and harm of each code
codes/<column>.blocks.npy     codes in each block of incidents: bits, or least and greatest code
codes/harm.blocks.npy         int64 (blocks,): harm of each block

Everything else follows from a code: the offense gives type, description, groups and harm; the point
gives coordinates, cells of any size and whether it lies in a polygon.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from analytics.crossfilter.code_sums import write_sums
from analytics.errors import IntegrityError
from analytics.incidents.model import AREA_LEVELS, ATTRIBUTE_PREFIX
from sql import load

FOLDER = "codes"
INDEX = "codes.json"
VERSION = 1
BATCH_ROWS = 262_144
CELL_M = 250
MAX_CELLS = 65_536

OFFENSE = "offense_arrest"  # 3 × offense + (0 no arrest, 1 arrest, 2 unknown)
POINT = "point"
POINT_DTYPE = "<u4"  # always, since the scan looks points up in tables
DAY = "day"
HOUR_WEEKDAY = "hour_weekday"  # 25 × (weekday from 0, 7 unknown) + (hour, 24 unknown)
FLAGS = "flags"  # 4 × domestic (coded like arrest) + 2 × heaped + default address
CELL = "cell"  # fishnet of CELL_M; larger cells follow from it
BLOCK = "block"
WORD_COLUMNS = (*AREA_LEVELS, "location_type", BLOCK)
HOUR_WEEKDAYS = 200
FLAG_CODES = 12
HOURS = 25
"""Those of a day, and an unknown one."""


@dataclass(frozen=True)
class CodeColumn:
    """One file of codes 0 to `codes` - 1; the last one means "unknown" if values can be missing."""

    name: str
    codes: int
    dtype: str  # as numpy writes it: |u1, <u2, <u4
    values: str = ""  # file of the values, in the order of their codes

    @property
    def file(self) -> str:
        return f"{self.name}.bin"


@dataclass(frozen=True)
class CodeIndex:
    """The content of codes.json."""

    version: int
    rows: int
    offenses: int
    points: int
    first_day: str | None  # day of code 0
    shifts: tuple[str | None, ...]  # by hour; the last one for an unknown hour
    columns: tuple[CodeColumn, ...]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> CodeIndex:
        """Read codes.json.

        Raises
        ------
        ValueError, KeyError, TypeError
            It is damaged or has another version.
        """
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["version"] != VERSION:
            raise ValueError(f"codes have version {raw['version']}, not {VERSION}")
        raw["columns"] = tuple(CodeColumn(**column) for column in raw["columns"])
        raw["shifts"] = tuple(raw["shifts"])
        return cls(**raw)


def encode(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the codes of table `incidents` to `codes/` in a snapshot's folder.

    Incidents are streamed in batches of `BATCH_ROWS`; only a column's distinct values are held in
    memory.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has `incidents`, `points` and `offenses`.
    folder : Path
        The snapshot being built.

    Raises
    ------
    IntegrityError
        An hour has two shifts, so shifts do not follow from hours.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    totals = totals_of(connection)
    columns = numbered_columns(totals)
    for name in _value_columns(connection):
        connection.execute(load("crossfilter/codes_values", column=name))
        columns[name] = write_values(connection, name, target)
    streamed = list(columns.values())
    cells = _cells(connection, target)
    derived = [cells] if cells else []
    index = index_of(totals, _shifts(connection), (*streamed, *(column for column, _ in derived)))
    batches = coded_batches(connection, streamed, totals)
    _write_columns(batches, target, streamed, derived)
    write_sums(target, index, harm_of_codes(connection))
    index.write(target / INDEX)


def totals_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """How many rows, offenses, points and days `incidents` has, and its first day."""
    return connection.sql(load("crossfilter/codes_totals")).pl().row(0, named=True)


def numbered_columns(totals: Mapping[str, Any]) -> dict[str, CodeColumn]:
    """The columns whose codes are numbers of offenses, points, days, hours and flags."""
    return {
        OFFENSE: column_of(OFFENSE, 3 * (totals["offenses"] + 1)),
        POINT: CodeColumn(POINT, totals["points"] + 1, POINT_DTYPE),
        DAY: column_of(DAY, totals["days"] + 1),
        HOUR_WEEKDAY: column_of(HOUR_WEEKDAY, HOUR_WEEKDAYS),
        FLAGS: column_of(FLAGS, FLAG_CODES),
    }


def index_of(
    totals: Mapping[str, Any], shifts: tuple[str | None, ...], columns: tuple[CodeColumn, ...]
) -> CodeIndex:
    """The index of codes with these totals."""
    return CodeIndex(
        version=VERSION,
        rows=totals["rows"],
        offenses=totals["offenses"],
        points=totals["points"],
        first_day=totals["first"].isoformat() if totals["first"] else None,
        shifts=shifts,
        columns=columns,
    )


def column_of(name: str, codes: int, values: str = "") -> CodeColumn:
    """A column as narrow as its codes allow."""
    dtype = "|u1" if codes <= 2**8 else "<u2" if codes <= 2**16 else "<u4"
    return CodeColumn(name, codes, dtype, values)


def _value_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of `incidents` with a list of values: areas, location types, further attributes."""
    names = [row[0] for row in connection.execute("DESCRIBE incidents").fetchall()]
    return [*WORD_COLUMNS, *(name for name in names if name.startswith(ATTRIBUTE_PREFIX))]


def write_values(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> CodeColumn:
    """Write the values of a column, which the temporary table `codes_<name>` numbers."""
    file = f"{name}.parquet"
    connection.execute(
        load("crossfilter/codes_write_values", column=name), {"target": str(target / file)}
    )
    ((values,),) = connection.execute(f'SELECT count(*) FROM temp."codes_{name}"').fetchall()
    return column_of(name, values + 1, file)


_Derived = tuple[CodeColumn, np.ndarray[Any, Any]]
"""A column that follows from the points, and its code for each point."""


def _cells(connection: duckdb.DuckDBPyConnection, target: Path) -> _Derived | None:
    """Cells of `CELL_M` and the cell of each point; None if there are too many cells."""
    places = connection.sql(load("crossfilter/places")).pl()
    keys, inverse = np.unique(cells_of(places), axis=0, return_inverse=True)
    if len(keys) + 1 > MAX_CELLS:
        return None
    column = write_cells(keys, target)
    return column, np.append(inverse.reshape(-1), len(keys)).astype(column.dtype)


def cells_of(places: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Column and row of the cell of each place (x_m, y_m); shape (places, 2)."""
    x, y = (np.floor(places[axis].to_numpy() / CELL_M).astype(np.int64) for axis in ("x_m", "y_m"))
    return np.stack([x, y], axis=1)


def write_cells(keys: np.ndarray[Any, Any], target: Path) -> CodeColumn:
    """Write the sorted cells, int64 of shape (cells, 2)."""
    file = f"{CELL}.npy"
    np.save(target / file, keys)
    return column_of(CELL, len(keys) + 1, file)


def _shifts(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, ...]:
    shifts: list[str | None] = [None] * HOURS
    seen: set[int] = set()
    for hour, shift in connection.execute(load("crossfilter/codes_shifts")).fetchall():
        code = 24 if hour is None else hour
        if code in seen:
            raise IntegrityError(f"Hour {hour} is in two shifts; codes cannot be written.")
        seen.add(code)
        shifts[code] = shift
    return tuple(shifts)


def harm_of_codes(connection: duckdb.DuckDBPyConnection) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Harm of one incident by offense code."""
    days = connection.sql(load("crossfilter/codes_harm")).pl()["harm_days"].to_numpy()
    return np.repeat(np.append(days, 0), 3).astype(np.int64)


def _write_columns(
    batches: Iterator[Any], target: Path, streamed: list[CodeColumn], derived: list[_Derived]
) -> None:
    written = (*streamed, *(column for column, _ in derived))
    with ExitStack() as stack:
        files = {
            column.name: stack.enter_context((target / column.file).open("wb"))
            for column in written
        }
        for batch in batches:
            for column in streamed:
                codes = batch.column(column.name).to_numpy(zero_copy_only=False)
                files[column.name].write(codes.astype(column.dtype).tobytes())
                for follower, table in derived if column.name == POINT else ():
                    files[follower.name].write(table[codes].tobytes())


def coded_batches(
    connection: duckdb.DuckDBPyConnection, columns: list[CodeColumn], totals: Mapping[str, Any]
) -> Iterator[Any]:
    """Codes of `incidents` in the order of storage, as batches of Arrow."""
    valued = [column for column in columns if column.values]
    statement = load(
        "crossfilter/codes",
        words="".join(
            f',\n    coalesce("codes_{column.name}".code, {column.codes - 1})::UINTEGER '
            f'AS "{column.name}"'
            for column in valued
        ),
        joins="\n".join(
            f'LEFT JOIN temp."codes_{column.name}" '
            f'ON "codes_{column.name}".value = incidents."{column.name}"'
            for column in valued
        ),
    )
    parameters = {
        "offenses": totals["offenses"],
        "points": totals["points"],
        "days": totals["days"],
        "first": totals["first"],
    }
    yield from connection.sql(statement, params=parameters).to_arrow_reader(BATCH_ROWS)
