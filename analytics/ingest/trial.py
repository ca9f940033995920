"""Try a proposed source on the whole file it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from analytics.incidents.model import BASE_COLUMNS
from analytics.ingest.normalize import (
    FileCounts,
    create_incoming,
    finish_incoming,
    normalize,
)
from analytics.ingest.oddities import HEAP_SHARE
from analytics.ingest.proposal import NO_DATE
from analytics.ingest.read import map_columns
from analytics.ingest.tables import InputTable
from analytics.sources.source import Source
from sql import load

SHOWN_ROWS = 10
SHOWN_PLACES = 2_000
HEAPED = ("00:00", "00:01", "09:00", "12:00")
FEW_READ = 0.98


@dataclass(frozen=True)
class ProposalTrial:
    """Result of reading the whole file with a proposed source.

    `heaps` are times of day with implausibly many rows; `warnings` are by field. `hours` counts
    rows by hour, 0 to 23, if the file has times of day; `places` are latitude and longitude of a
    sample.
    """

    shown: pl.DataFrame = field(default_factory=pl.DataFrame)
    refused: int = 0
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    heaps: tuple[str, ...] = ()
    warnings: Mapping[str, str] = field(default_factory=dict)
    hours: tuple[int, ...] = ()
    places: tuple[tuple[float, float], ...] = ()


def try_on(
    connection: duckdb.DuckDBPyConnection, table: InputTable, source: Source
) -> ProposalTrial:
    """Read the whole file; nothing if the source has no time of occurrence."""
    if source.dates["occurred_from"].date == NO_DATE:
        return ProposalTrial()
    create_incoming(connection, source)
    positions = map_columns(table, source, "sample")
    counts = normalize(connection, table, positions, source, name="sample", number=1)
    finish_incoming(connection)
    # DuckDB 2.0 refuses a relation while a result of execute() is unfinished, but not execute().
    first = connection.execute(load("derive/first_rows"), {"rows": SHOWN_ROWS})
    names = [column[0] for column in first.description]
    rows = pl.DataFrame(first.fetchall(), schema=names, orient="row")
    shown = [
        column
        for column in (*BASE_COLUMNS, *(attribute.column for attribute in source.attributes))
        if rows[column].null_count() < len(rows)
    ]
    refused = connection.execute(load("incidents/survey_refused")).fetchall()
    heaps = connection.execute(load("incidents/survey_heaps"), {"times": list(HEAPED)}).fetchall()
    return ProposalTrial(
        rows.select(shown),
        counts.refused,
        tuple(_losses(table, source, counts, refused)),
        tuple(_large_losses(table, counts)),
        tuple(t for t, share in heaps if share > HEAP_SHARE and source.precision == "minute"),
        _field_warnings(table, counts),
        _hours(connection) if source.precision == "minute" else (),
        _places(connection),
    )


def _hours(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    rows = dict(connection.execute(load("incidents/preview_hours")).fetchall())
    return tuple(rows.get(hour, 0) for hour in range(24))


def _places(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[float, float], ...]:
    statement = load("incidents/preview_places").replace("$most", str(SHOWN_PLACES))
    return tuple(connection.execute(statement).fetchall())


def _losses(
    table: InputTable, source: Source, counts: FileCounts, refused: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Notes on rows and values that the proposed source would lose."""
    if table.faults:
        yield f"{table.faults:,} rows are malformed and would be quarantined."
    for reason, rows, line, value in refused:
        yield (
            f"{_rows(rows)} of {table.rows:,} would be quarantined: {reason}, "
            f"first in line {line:,}{'' if value is None else f': {value!r}'}."
        )
    if counts.out_of_bounds:
        yield (
            f"{counts.out_of_bounds:,} of {table.rows:,} places are outside the bounds "
            f"{source.coordinates.bounds} and would become unknown."
        )
    if counts.placeholders:
        yield f"{counts.placeholders:,} places are 0, 0 and would become unknown."
    for name, rows in counts.unreadable.items():
        yield f"{rows:,} values of {name} cannot be read and would become unknown."


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _large_losses(table: InputTable, counts: FileCounts) -> Iterator[str]:
    if counts.refused > (1 - FEW_READ) * table.rows:
        yield (
            f"Is the right column the time of occurrence? {counts.refused:,} of {table.rows:,} "
            "rows would be quarantined, see the notes."
        )
    if counts.out_of_bounds > (1 - FEW_READ) * table.rows:
        yield (
            f"Are the bounds right? {counts.out_of_bounds:,} of {table.rows:,} places are outside: "
            "change coordinates.bounds."
        )


def _field_warnings(table: InputTable, counts: FileCounts) -> dict[str, str]:
    lost = {name: f"{rows:,} values cannot be read." for name, rows in counts.unreadable.items()}
    if counts.refused:
        lost["occurred_from"] = f"{_rows(counts.refused)} would be quarantined."
    if counts.out_of_bounds > (1 - FEW_READ) * table.rows:
        lost["lat"] = lost["lon"] = f"{counts.out_of_bounds:,} places are out of bounds."
    return lost
