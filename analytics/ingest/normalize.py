"""Turn the text columns of one file into typed incidents; refuse rows that cannot be incidents.

Fills table `incoming`: BASE_COLUMNS, `attr_<name>` columns, `row_hash`, `_file` and `_line`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyproj

from analytics.incidents.model import ATTRIBUTE_TYPES, BASE_COLUMNS
from analytics.ingest.expressions import Expressions
from analytics.ingest.tables import InputTable
from analytics.sources.mapping import DATES, FLAGS, TEXTS, Coordinates
from analytics.sources.source import Source
from sql import load

EARLIEST = datetime(1900, 1, 1)
BATCH = 1 << 16
WORLD = (-180.0, -90.0, 180.0, 90.0)
NULL_ISLAND = (0.0, 0.0)
SCIENTIFIC = r"\d([.,]\d+)?[eE]\+\d+"
IN_SCIENTIFIC = "id in scientific notation"
TOLERANCE = {False: 1e-6, True: 1.0}  # degrees; units of the projected system


@dataclass
class FileCounts:
    """Problems found while normalizing one file. Counts are rows."""

    refused: int = 0
    placeholders: int = 0
    out_of_bounds: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)  # column → unreadable values


def stored_columns(source: Source) -> dict[str, str]:
    """Columns stored for an incident before derivation, and their types."""
    attributes = {a.column: ATTRIBUTE_TYPES[a.kind] for a in source.attributes}
    return {**BASE_COLUMNS, **attributes}


def hash_sql(source: Source, prefix: str = "") -> str:
    """SQL of the hash of an incident's content."""
    return f"hash({', '.join(prefix + name for name in stored_columns(source))})"


def create_incoming(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Create the empty tables `incoming` and `refused`."""
    columns = ", ".join(f"{name} {kind}" for name, kind in stored_columns(source).items())
    connection.execute(load("incidents/create_incoming", columns=columns))
    connection.execute(load("incidents/create_refused"))


def normalize(
    connection: duckdb.DuckDBPyConnection,
    table: InputTable,
    positions: Mapping[str, int],
    source: Source,
    *,
    name: str,
    number: int,
    now: datetime | None = None,
) -> FileCounts:
    """Add the rows of one file to `incoming`, and refused ones to `refused`.

    Parameters
    ----------
    positions : mapping
        Field → position of its column in the file, from `map_columns`.
    name : str
        The file's name in reports.
    number : int
        The file's number within this ingest.
    now : datetime, optional
        Local time after which a date is in the future; by default the present.
    """
    expressions = Expressions(source, positions)
    now = now or datetime.now(ZoneInfo(source.timezone)).replace(tzinfo=None)
    if "x" in positions and "lat" not in positions:
        _make_places(connection, table, expressions)
    statement = load(
        "incidents/normalize",
        names=table.names_sql,
        line=table.line_sql,
        fields=_fields(expressions),
        date_text=_date_text(expressions),
        unreadable=_unreadable(expressions),
        placeholder=_placeholder(expressions),
        places="LEFT JOIN projected USING (x, y)" if _projected(expressions) else "",
        id=_id(source),
        columns=", ".join(stored_columns(source)),
        hash=hash_sql(source),
        finals=", ".join(_final(name) for name in stored_columns(source)),
    )
    west, south, east, north = source.coordinates.bounds or WORLD
    values = {
        "path": str(table.path),
        "number": number,
        "now": now,
        "earliest": EARLIEST,
        "scientific": SCIENTIFIC,
        "in_scientific": IN_SCIENTIFIC,
        "id_column": _column_name(table, positions, "id"),
        "date_column": _column_name(table, positions, "occurred_from"),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        **expressions.values,
    }
    connection.execute(statement, values)
    return _count(connection, table, name, number)


def finish_incoming(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the columns that are only needed while normalizing."""
    for column in ("_row", "_reason", "_column", "_value", "_place_problem", "_unreadable"):
        connection.execute(load("incidents/drop_column", column=column))


def _column_name(table: InputTable, positions: Mapping[str, int], field_name: str) -> str | None:
    at = positions.get(field_name)
    return None if at is None else table.columns[at]


def _fields(expressions: Expressions) -> str:
    source = expressions.source
    parts = [f"{expressions.text(name)} AS {name}" for name in TEXTS]
    for name in DATES:
        date = source.dates.get(name)
        moment = expressions.moment(name, date) if date else "CAST(NULL AS TIMESTAMP)"
        parts.append(f"{moment} AS {name}")
    for name in FLAGS:
        flag = source.flags.get(name)
        value = expressions.flag(name, flag) if flag else "CAST(NULL AS BOOLEAN)"
        parts.append(f"{value} AS {name}")
    for attribute in source.attributes:
        number = attribute.kind == "number"
        value = expressions.number(attribute.name) if number else expressions.text(attribute.name)
        parts.append(f"{value} AS {attribute.column}")
    if _projected(expressions):
        parts += [f"{expressions.number(name)} AS {name}" for name in ("x", "y")]
    else:
        parts += [f"{expressions.number(name)} AS raw_{name}" for name in ("lat", "lon")]
    return ",\n        ".join(parts)


def _projected(expressions: Expressions) -> bool:
    return "x" in expressions.positions and "lat" not in expressions.positions


def _date_text(expressions: Expressions) -> str:
    text = expressions.trimmed("occurred_from")
    if "occurred_from time" in expressions.positions:
        return f"concat_ws(' ', {text}, {expressions.trimmed('occurred_from time')})"
    return text


def _placeholder(expressions: Expressions) -> str:
    coordinates: Coordinates = expressions.source.coordinates
    projected = _projected(expressions)
    first, second = ("x", "y") if projected else ("raw_lat", "raw_lon")
    tolerance = expressions.bind(TOLERANCE[projected])
    tests = [
        f"(abs({first} - {expressions.bind(a)}) <= {tolerance} "
        f"AND abs({second} - {expressions.bind(b)}) <= {tolerance})"
        for a, b in dict.fromkeys((*coordinates.placeholders, NULL_ISLAND))
    ]
    return " OR ".join(tests)


def _final(name: str) -> str:
    if name in ("lat", "lon"):
        return f"CASE WHEN _place_problem IS NULL THEN raw_{name} END AS {name}"
    return "_id AS id" if name == "id" else name


def _id(source: Source) -> str:
    if source.missing_id != "content":
        return "id"
    content = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in _content(source))
    digest = f"md5(concat_ws(chr(31), {content}))"
    number = f"row_number() OVER (PARTITION BY {digest}, id IS NULL)"
    return f"coalesce(id, concat('content-', left({digest}, 16), '-', {number}))"


def _content(source: Source) -> list[str]:
    names = [name for name in stored_columns(source) if name not in ("id", "lat", "lon")]
    return [*names, "raw_lat", "raw_lon"]


def _unreadable(expressions: Expressions) -> str:
    """Names of optional times and flags with unreadable text, or null."""
    parts = [
        f"CASE WHEN {name} IS NULL AND {expressions.trimmed(name)} IS NOT NULL THEN '{name}' END"
        for name in (*DATES, *FLAGS)
        if name != "occurred_from" and name in expressions.positions
    ]
    return f"nullif(concat_ws(',', {', '.join(parts)}), '')" if parts else "CAST(NULL AS VARCHAR)"


def _make_places(
    connection: duckdb.DuckDBPyConnection, table: InputTable, expressions: Expressions
) -> None:
    """Fill table `projected` with degrees of every distinct pair x, y, in batches."""
    own = Expressions(expressions.source, expressions.positions)
    statement = load(
        "incidents/distinct_places",
        names=table.names_sql,
        x=own.number("x"),
        y=own.number("y"),
    )
    connection.execute(load("incidents/create_projected"))
    transformer = pyproj.Transformer.from_crs(
        expressions.source.coordinates.crs, "EPSG:4326", always_xy=True
    )
    reader = connection.cursor()
    reader.execute(statement, {"path": str(table.path), **own.values})
    while pairs := reader.fetchmany(BATCH):
        x, y = np.array(pairs, dtype=np.float64).T
        lon, lat = transformer.transform(x, y)
        batch = {"x": x, "y": y, "raw_lat": lat, "raw_lon": lon}
        connection.register("projected_batch", batch)
        connection.execute(load("incidents/add_projected"))
        connection.unregister("projected_batch")


def _count(
    connection: duckdb.DuckDBPyConnection, table: InputTable, name: str, number: int
) -> FileCounts:
    values = {"number": number}
    problems = dict(connection.execute(load("incidents/place_problems"), values).fetchall())
    unreadable = connection.execute(load("incidents/unreadable"), values).fetchall()
    counts = FileCounts(
        placeholders=problems.get("placeholder", 0),
        out_of_bounds=problems.get("out of bounds", 0),
        refused=problems.get("refused", 0),
        unreadable=dict(unreadable),
    )
    if counts.refused:
        cells = ", ".join(f"CAST(c{at} AS VARCHAR)" for at in range(len(table.columns)))
        statement = load("incidents/refuse", names=table.names_sql, cells=cells)
        named = {"path": str(table.path), "name": name, "names": list(table.columns)}
        connection.execute(statement, {**values, **named})
        connection.execute(load("incidents/drop_refused"), values)
    return counts
