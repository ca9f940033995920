"""Codes: every incident as small integers in plain files beside the database of its snapshot.

codes/codes.json              what there is: rows, columns, codes, widths
codes/<column>.bin            one code per incident, little-endian, in the order they are stored
codes/<column>.parquet        the values codes stand for, where no table of the database holds them
codes/<column>.sums.npy       int64 (3, codes): incidents, arrests and harm of each code
codes/<column>.blocks.npy     which codes occur in each block of incidents: bits, or least and most
codes/harm.blocks.npy         int64 (blocks,): harm of each block

Everything else follows from a code: the offense gives type, description, groups and harm, the point
its coordinates, cell of any size and whether it lies in a polygon.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

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
POINT_DTYPE = "<u4"  # always: the scan looks points up through tables
DAY = "day"
HOUR_WEEKDAY = "hour_weekday"  # 25 × (weekday from 0, 7 unknown) + (hour, 24 unknown)
FLAGS = "flags"  # 4 × domestic (as arrest) + 2 × heaped + default address
CELL = "cell"  # fishnet of CELL_M; larger cells follow from it
WORD_COLUMNS = (*AREA_LEVELS, "location_type")
HOUR_WEEKDAYS = 200
FLAG_CODES = 12


@dataclass(frozen=True)
class Column:
    """One file of codes 0 to `codes` - 1; the last one is "unknown" where there is such a thing."""

    name: str
    codes: int
    dtype: str  # as numpy writes it: |u1, <u2, <u4
    values: str = ""  # file of the values, in the order of their codes

    @property
    def file(self) -> str:
        return f"{self.name}.bin"


@dataclass(frozen=True)
class CodeIndex:
    """What codes.json says."""

    version: int
    rows: int
    offenses: int
    points: int
    first_day: str | None  # day of code 0
    shifts: tuple[str | None, ...]  # by hour; the last one of an unknown hour
    columns: tuple[Column, ...]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> CodeIndex:
        """Read codes.json.

        Raises
        ------
        ValueError, KeyError, TypeError
            It is damaged or of another version.
        """
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["version"] != VERSION:
            raise ValueError(f"codes of version {raw['version']}, this program reads {VERSION}")
        raw["columns"] = tuple(Column(**column) for column in raw["columns"])
        raw["shifts"] = tuple(raw["shifts"])
        return cls(**raw)


def encode(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the codes of table `incidents` to `codes/` in a snapshot's folder.

    Incidents stream through in batches of `BATCH_ROWS`; only the values of a column (not its
    incidents) are ever held as a whole.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Holds `incidents`, `points` and `offenses`.
    folder : Path
        The snapshot being built.

    Raises
    ------
    IntegrityError
        An hour has two shifts, so that shifts do not follow from hours.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    facts = connection.sql(load("crossfilter/codes_facts")).pl().row(0, named=True)
    columns = {
        OFFENSE: _column(OFFENSE, 3 * (facts["offenses"] + 1)),
        POINT: Column(POINT, facts["points"] + 1, POINT_DTYPE),
        DAY: _column(DAY, facts["days"] + 1),
        HOUR_WEEKDAY: _column(HOUR_WEEKDAY, HOUR_WEEKDAYS),
        FLAGS: _column(FLAGS, FLAG_CODES),
    }
    for name in _value_columns(connection):
        columns[name] = _values(connection, name, target)
    streamed = list(columns.values())
    cells = _cells(connection, target)
    derived = [cells] if cells else []
    index = CodeIndex(
        version=VERSION,
        rows=facts["rows"],
        offenses=facts["offenses"],
        points=facts["points"],
        first_day=facts["first"].isoformat() if facts["first"] else None,
        shifts=_shifts(connection),
        columns=(*streamed, *(column for column, _ in derived)),
    )
    batches = _batches(connection, streamed, facts)
    _write_columns(batches, target, streamed, derived)
    write_sums(target, index, _harm(connection))
    index.write(target / INDEX)


def _column(name: str, codes: int, values: str = "") -> Column:
    dtype = "|u1" if codes <= 2**8 else "<u2" if codes <= 2**16 else "<u4"
    return Column(name, codes, dtype, values)


def _value_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of `incidents` that get a list of values: words, and further attributes."""
    names = [row[0] for row in connection.execute("DESCRIBE incidents").fetchall()]
    return [*WORD_COLUMNS, *(name for name in names if name.startswith(ATTRIBUTE_PREFIX))]


def _values(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> Column:
    """Number the values of a column in their order, and write them down."""
    connection.execute(load("crossfilter/codes_values", column=name))
    file = f"{name}.parquet"
    connection.execute(
        load("crossfilter/codes_write_values", column=name), {"target": str(target / file)}
    )
    ((values,),) = connection.execute(f'SELECT count(*) FROM temp."codes_{name}"').fetchall()
    return _column(name, values + 1, file)


_Derived = tuple[Column, np.ndarray[Any, Any]]
"""A column that follows from the points, and its code for each point."""


def _cells(connection: duckdb.DuckDBPyConnection, target: Path) -> _Derived | None:
    """Cells of `CELL_M` and the cell of each point; None where they are too many to pay."""
    points = connection.sql(load("crossfilter/places")).pl()
    x, y = (np.floor(points[axis].to_numpy() / CELL_M).astype(np.int64) for axis in ("x_m", "y_m"))
    keys, inverse = np.unique(np.stack([x, y], axis=1), axis=0, return_inverse=True)
    if len(keys) + 1 > MAX_CELLS:
        return None
    file = f"{CELL}.npy"
    np.save(target / file, keys)
    column = _column(CELL, len(keys) + 1, file)
    table = np.append(inverse.reshape(-1), len(keys)).astype(column.dtype)
    return column, table


def _shifts(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, ...]:
    shifts: list[str | None] = [None] * 25
    seen: set[int] = set()
    for hour, shift in connection.execute(load("crossfilter/codes_shifts")).fetchall():
        code = 24 if hour is None else hour
        if code in seen:
            raise IntegrityError(f"Hour {hour} lies in two shifts; codes cannot be written.")
        seen.add(code)
        shifts[code] = shift
    return tuple(shifts)


def _harm(connection: duckdb.DuckDBPyConnection) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Harm of one incident by offense code."""
    days = connection.sql(load("crossfilter/codes_harm")).pl()["harm_days"].to_numpy()
    return np.repeat(np.append(days, 0), 3).astype(np.int64)


def _write_columns(
    batches: Iterator[Any], target: Path, streamed: list[Column], derived: list[_Derived]
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


def _batches(
    connection: duckdb.DuckDBPyConnection, columns: list[Column], facts: dict[str, Any]
) -> Iterator[Any]:
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
        "offenses": facts["offenses"],
        "points": facts["points"],
        "days": facts["days"],
        "first": facts["first"],
    }
    yield from connection.sql(statement, params=parameters).to_arrow_reader(BATCH_ROWS)
