"""Turn the text columns of one file into typed records; refuse rows that cannot be records.

Fills table `incoming`: the kind's columns, `attr_<name>` columns, `row_hash`, `_file`, `_line`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from analytics.incidents.model import ATTRIBUTE_TYPES
from analytics.ingest.code_table import create_codes
from analytics.ingest.expressions import Expressions
from analytics.ingest.place_columns import PlaceColumns, convert_places
from analytics.ingest.tables import InputTable
from analytics.sources.mapping import WORLD
from analytics.sources.source import Source
from sql import load

_EXACT = frozenset({"id", "case_number", "code", "fbi_code"})
"""Texts in which each capital may mean something."""

SCIENTIFIC = r"\d([.,]\d+)?[eE]\+\d+"
DIGITS = 8
"""Hexadecimal digits of its content that tell incidents with one id apart."""
IN_SCIENTIFIC = "id in scientific notation"


@dataclass
class FileCounts:
    """Problems found while normalizing one file. Counts are rows."""

    refused: int = 0
    placeholders: int = 0
    out_of_bounds: int = 0
    placed: int = 0
    place_columns: tuple[str, ...] = ()
    unreadable: dict[str, int] = field(default_factory=dict)  # column → unreadable values


def stored_columns(source: Source) -> dict[str, str]:
    """Columns stored for a record before derivation, and their types."""
    attributes = {a.column: ATTRIBUTE_TYPES[a.kind] for a in source.attributes}
    return {**source.kind.columns, **attributes}


def folded_columns(source: Source) -> list[str]:
    """Columns of texts in which capitals mean nothing."""
    attributes = [one.column for one in source.attributes if one.kind == "category"]
    return [name for name in source.kind.texts if name not in _EXACT] + attributes


def hash_sql(source: Source) -> str:
    """SQL of the hash of a record's content, whatever the capitals of its texts."""
    folded = set(folded_columns(source))
    values = (f"upper({name})" if name in folded else name for name in stored_columns(source))
    return f"hash({', '.join(values)})"


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
    places = PlaceColumns(expressions)
    create_codes(connection, source)
    if places.converted:
        convert_places(connection, table, expressions)
    statement = load(
        "incidents/normalize",
        names=table.names_sql,
        line=table.line_sql,
        moment=source.kind.moment,
        fields=_fields(expressions, places),
        date_text=_date_text(expressions),
        unreadable=_unreadable(expressions, places),
        placeholder=places.placeholder,
        places="LEFT JOIN projected USING (x, y)" if places.converted else "",
        id=_id(source),
        columns=", ".join(stored_columns(source)),
        hash=hash_sql(source),
        finals=", ".join(_final(name) for name in stored_columns(source)),
    )
    values = _bound_values(table, positions, source)
    values |= {"number": number, "now": now, **expressions.values}
    connection.execute(statement, values)
    counts = _count(connection, table, name, number)
    counts.place_columns = tuple(
        table.columns[positions[field]] for field in places.fields if field in positions
    )
    return counts


def finish_incoming(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the columns that are only needed while normalizing."""
    for column in ("_row", "_reason", "_column", "_value", "_place_problem", "_unreadable"):
        connection.execute(load("incidents/drop_column", column=column))


def _column_name(table: InputTable, positions: Mapping[str, int], field_name: str) -> str | None:
    at = positions.get(field_name)
    return None if at is None else table.columns[at]


def _bound_values(
    table: InputTable, positions: Mapping[str, int], source: Source
) -> dict[str, Any]:
    """What the statement takes of a file and its source."""
    west, south, east, north = source.coordinates.bounds or WORLD
    return {
        "path": str(table.path),
        "earliest": source.earliest,
        "too_early": f"date before {source.earliest.isoformat()}",
        "scientific": SCIENTIFIC,
        "in_scientific": IN_SCIENTIFIC,
        "id_column": _column_name(table, positions, "id"),
        "date_column": _column_name(table, positions, source.kind.moment),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def _fields(expressions: Expressions, places: PlaceColumns) -> str:
    source = expressions.source
    parts = [f"{expressions.text(name)} AS {name}" for name in source.kind.texts]
    parts += [f"{expressions.number(name)} AS {name}" for name in source.kind.numbers]
    for name in source.kind.dates:
        date = source.dates.get(name)
        moment = expressions.moment(name, date) if date else "CAST(NULL AS TIMESTAMP)"
        parts.append(f"{moment} AS {name}")
    for name in source.kind.flags:
        flag = source.flags.get(name)
        value = expressions.flag(name, flag) if flag else "CAST(NULL AS BOOLEAN)"
        parts.append(f"{value} AS {name}")
    for attribute in source.attributes:
        number = attribute.kind == "number"
        value = expressions.number(attribute.name) if number else expressions.text(attribute.name)
        parts.append(f"{value} AS {attribute.column}")
    parts += places.columns
    return ",\n        ".join(parts)


def _date_text(expressions: Expressions) -> str:
    moment = expressions.source.kind.moment
    columns = expressions.columns_of(moment)
    if len(columns) == 1:
        return expressions.cleaned(moment)
    return f"nullif(concat_ws(' ', {', '.join(map(expressions.cleaned, columns))}), '')"


def _final(name: str) -> str:
    if name in ("lat", "lon"):
        return f"CASE WHEN _place_problem IS NULL THEN raw_{name} END AS {name}"
    return "_id AS id" if name == "id" else name


def _id(source: Source) -> str:
    if source.missing_id != "content" and source.on_repeat != "keep_all":
        return "id"
    content = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in _content(source))
    digest = f"md5(concat_ws(chr(31), {content}))"
    own = "id"
    if source.on_repeat == "keep_all":
        own = f"CASE WHEN id IS NOT NULL THEN concat(id, '-', left({digest}, {DIGITS})) END"
    if source.missing_id != "content":
        return own
    number = f"row_number() OVER (PARTITION BY {digest}, id IS NULL)"
    return f"coalesce({own}, concat('content-', left({digest}, 16), '-', {number}))"


def _content(source: Source) -> list[str]:
    apart = {"id", "lat", "lon", *(("updated",) if source.on_repeat == "keep_all" else ())}
    return [*(name for name in stored_columns(source) if name not in apart), "raw_lat", "raw_lon"]


def _unreadable(expressions: Expressions, places: PlaceColumns) -> str:
    """Names of optional times, flags and numbers with unreadable text, or null."""
    kind = expressions.source.kind
    parts = [
        f"CASE WHEN {name} IS NULL AND {expressions.cleaned(name)} IS NOT NULL THEN '{name}' END"
        for name in (*kind.dates, *kind.flags, *kind.numbers)
        if name != kind.moment and name in expressions.positions
    ]
    parts += [
        f"CASE WHEN {places.unreadable(name)} THEN '{name}' END"
        for name in places.fields
        if name in expressions.positions
    ]
    return f"nullif(concat_ws(',', {', '.join(parts)}), '')" if parts else "CAST(NULL AS VARCHAR)"


def _count(
    connection: duckdb.DuckDBPyConnection, table: InputTable, name: str, number: int
) -> FileCounts:
    values = {"number": number}
    problems = dict(connection.execute(load("incidents/place_problems"), values).fetchall())
    unreadable = connection.execute(load("incidents/unreadable"), values).fetchall()
    counts = FileCounts(
        placeholders=problems.get("placeholder", 0),
        out_of_bounds=problems.get("out of bounds", 0),
        placed=problems.get("placed", 0),
        refused=problems.get("refused", 0),
        unreadable=dict(unreadable),
    )
    if counts.refused:
        refuse(connection, table, name, number)
    return counts


def refuse(
    connection: duckdb.DuckDBPyConnection, table: InputTable, name: str, number: int
) -> None:
    """Move a file's rows that have a reason from `incoming` to `refused`, as in the file."""
    values = {"number": number}
    cells = ", ".join(f"CAST(c{at} AS VARCHAR)" for at in range(len(table.columns)))
    statement = load("incidents/refuse", names=table.names_sql, cells=cells)
    named = {"path": str(table.path), "name": name, "names": list(table.columns)}
    connection.execute(statement, {**values, **named})
    connection.execute(load("incidents/drop_refused"), values)
