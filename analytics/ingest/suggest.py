"""Propose a source for an unknown file, and test it on the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from analytics.errors import InputError
from analytics.incidents.model import BASE_COLUMNS
from analytics.ingest.guess import Guess, guess
from analytics.ingest.inputs import expand
from analytics.ingest.normalize import (
    FileCounts,
    create_incoming,
    finish_incoming,
    normalize,
)
from analytics.ingest.proposal import Bounds, comment, propose, slug, what_to_check
from analytics.ingest.read import map_columns, read
from analytics.ingest.survey import Survey
from analytics.ingest.tables import InputTable
from analytics.sources.source import Source
from sql import load

SHOWN_ROWS = 10
HEAPED = ("00:00", "00:01", "09:00", "12:00")
HEAP_SHARE = 0.02


@dataclass(frozen=True)
class Suggestion:
    """A proposed source, and the result of reading the file with it.

    `shown` are the first rows, with the columns that have values; `rows` and `refused` count the
    whole file.
    """

    toml: str
    shown: pl.DataFrame
    notes: tuple[str, ...]
    rows: int
    refused: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "toml": self.toml,
            "shown": self.shown.to_dicts(),
            "notes": list(self.notes),
            "rows": self.rows,
            "refused": self.refused,
        }

    def lines(self) -> list[str]:
        """The proposed source file, with the first rows as comments at its end."""
        text = [self.toml, f"# First rows of {self.rows:,}, {self.refused:,} refused:"]
        for row in self.shown.to_dicts():
            cells = (f"{name}={value}" for name, value in row.items() if value is not None)
            text.append(comment("#   " + ", ".join(cells)))
        return text


@dataclass(frozen=True)
class _Trial:
    """Result of reading the whole file with a proposed source."""

    shown: pl.DataFrame
    refused: int
    notes: list[str]
    heaps: list[str]


def suggest(path: Path) -> Suggestion:
    """Propose a mapping for a file of an unknown source.

    All rows are read to decide the order of day and month, to find the bounds of places and to
    count unreadable values.

    Raises
    ------
    InputError
        The file cannot be read, has no rows, or has no column of dates.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        with duckdb.connect(str(folder / "trial.duckdb")) as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET TimeZone = 'UTC'")
            table = _table(connection, path, folder)
            survey = Survey(connection, table)
            columns = survey.columns()
            found = guess(columns)
            notes = what_to_check(found, columns)
            if "occurred_from" not in found.fields:
                names = ", ".join(column.name for column in columns[:30])
                raise InputError(
                    f"{path}: no column looks like the date of an incident ({names})."
                    + "".join(f"\n{note}" for note in notes if "looks like" in note)
                )
            bounds = _bounds(survey, found)
            file_name = Path(f"{slug(path.name.split('.')[0])}.toml")
            draft = Source.parse(propose(found, path, bounds, notes, ()), file_name)
            trial = _try(connection, table, draft)
            notes += trial.notes
            toml = propose(found, path, bounds, notes, trial.heaps)
            Source.parse(toml, file_name)
            return Suggestion(toml, trial.shown, tuple(notes), table.rows, trial.refused)


def _table(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> InputTable:
    """The first file behind `path`, as text columns."""
    anything = Source(name="unknown", title="", timezone="UTC", unit_of_count="")
    for given in expand([path], folder):
        if given.kind == "about":
            continue
        table = read(connection, given, anything, folder / "table.parquet")
        if table is not None and table.rows:
            return table
        break
    raise InputError(f"{path} has no rows.")


def _bounds(survey: Survey, found: Guess) -> Bounds | None:
    if "lat" not in found.fields:
        return None
    return survey.bounds(found.fields["lat"].name, found.fields["lon"].name)


def _try(connection: duckdb.DuckDBPyConnection, table: InputTable, source: Source) -> _Trial:
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
    return _Trial(
        rows.select(shown),
        counts.refused,
        [*_losses(table, source, counts, refused)],
        [time for time, share in heaps if share > HEAP_SHARE and source.precision == "minute"],
    )


def _losses(
    table: InputTable, source: Source, counts: FileCounts, refused: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Notes on rows and values that the proposed source would lose."""
    if table.faults:
        yield f"{table.faults:,} rows are malformed and would be quarantined."
    for reason, rows, line, value in refused:
        yield (
            f"{rows:,} of {table.rows:,} rows would be quarantined: {reason}, "
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
