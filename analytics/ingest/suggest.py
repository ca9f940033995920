"""Propose a source for an unknown file, and try it on the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from analytics.errors import InputError
from analytics.ingest.assignment import (
    DATES,
    LIKELY,
    SURE,
    AssignedColumn,
    Assignment,
    assign,
    confidence_word,
)
from analytics.ingest.date_checks import date_notes, order_question
from analytics.ingest.file_context import Context, SourceChoices, Surveyed, file_context
from analytics.ingest.file_layout import file_layout
from analytics.ingest.gaps import gap_questions
from analytics.ingest.inputs import expand
from analytics.ingest.proposal import ORDER, document, source_name, without
from analytics.ingest.read import map_columns, read
from analytics.ingest.sheets import SheetChoice
from analytics.ingest.survey import Survey, SurveyedColumn
from analytics.ingest.tables import InputTable
from analytics.ingest.toml_text import toml_text
from analytics.ingest.trial import try_on
from analytics.sources.source import Source

SHOWN_SAMPLES = 3
_KEY = re.compile(r": ([a-z_]+(?:\.[\w-]+)*): ")


@dataclass(frozen=True)
class ProposedField:
    """A field, the column proposed for it, and how its values are read.

    `format` is what reads it: formats of dates joined by ` | `, or a coordinate system; None for
    texts. A separate time of day is the field `occurred_from.time`, parts of a date are
    `occurred_from.year` and so on. `confidence` is 0 to 1, see `confidence_word`. `samples` are
    its most frequent values.
    """

    field: str
    column: str
    format: str | None
    confidence: float
    warning: str | None
    samples: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "column": self.column,
            "format": self.format,
            "confidence": round(self.confidence, 2),
            "warning": self.warning,
        }


@dataclass(frozen=True)
class Suggestion:
    """A proposed source, what to check about it, and the result of reading the file with it.

    `columns` are all columns of the file. `shown` are the first rows as read, with the fields that
    have values; `rows` and `refused` count the whole file. `hours` and `places` are those of
    `ProposalTrial`.
    """

    toml: str
    fields: tuple[ProposedField, ...]
    questions: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    shown: pl.DataFrame
    rows: int
    refused: int
    hours: tuple[int, ...] = ()
    places: tuple[tuple[float, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "toml": self.toml,
            "fields": [one.as_dict() for one in self.fields],
            "questions": list(self.questions),
        }

    def remarks(self) -> list[str]:
        """What a person should check, in lines for a terminal."""
        lines = [f"{self.rows:,} rows read with this proposal, {self.refused:,} quarantined."]
        for one in self.fields:
            how = f" as {one.format}" if one.format else ""
            warning = f": {one.warning}" if one.warning else ""
            word = confidence_word(one.confidence)
            lines.append(f"{one.field} = {one.column!r}{how}, {word}{warning}")
        return [*lines, *(f"QUESTION: {question}" for question in self.questions), *self.notes]


def suggest(
    path: Path, choices: SourceChoices | None = None, name: str | None = None
) -> Suggestion:
    """Propose a mapping for a file of an unknown source.

    All rows are read to decide the order of day and month, to find the bounds of places and to
    count unreadable values.

    Parameters
    ----------
    path : Path
        The file.
    choices : SourceChoices, optional
        What a person decided; the rest is proposed around it.
    name : str, optional
        The file's name, if it is not that of `path`.

    Raises
    ------
    InputError
        The file cannot be read or has no rows.
    """
    with TemporaryDirectory() as folder, duckdb.connect(f"{folder}/trial.duckdb") as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        table, keys = _table(connection, path, Path(folder))
        return _suggest(connection, table, keys, choices or SourceChoices(), name=name or path.name)


def read_with(path: Path, source: Source) -> Suggestion:
    """Read a file with a source that is known, so that nothing is proposed.

    Raises
    ------
    InputError
        The file cannot be read, has no rows, or lacks columns of the source.
    """
    with TemporaryDirectory() as folder, duckdb.connect(f"{folder}/trial.duckdb") as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        table = _known_table(connection, path, source, Path(folder))
        trial = try_on(connection, table, source)
    return Suggestion(
        source.text, (), trial.questions, trial.notes, table.columns, trial.shown, table.rows,
        trial.refused, trial.hours, trial.places,
    )  # fmt: skip


def _suggest(
    connection: duckdb.DuckDBPyConnection,
    table: InputTable,
    keys: Mapping[str, Any],
    choices: SourceChoices,
    *,
    name: str,
) -> Suggestion:
    survey = Survey(connection, table)
    columns = survey.columns(day_first=choices.day_first)
    dated = [column for column in columns if column.dates is not None and column.dates.formats]
    file = Surveyed(survey, columns, survey.moments(dated))
    found = assign(columns, file.moments, choices.columns)
    context, questions = file_context(file, found, choices, name)
    context = replace(context, file_keys=keys)
    whole, source, dropped = _loadable(document(found, columns, context), name)
    trial = try_on(connection, table, source)
    if trial.heaps:
        whole["heaped"] = {"times": list(trial.heaps)}
    gaps = gap_questions(found, columns, has_header="header" not in keys)
    questions = [*gaps, *questions, *dropped, *trial.questions]
    notes = [*date_notes(found, columns), *context.notes, *trial.notes]
    return Suggestion(
        toml=toml_text(whole, _comments(found, context, questions, notes)),
        fields=tuple(_fields(found, context, trial.warnings)),
        questions=tuple(questions),
        notes=tuple(notes),
        columns=table.columns,
        shown=trial.shown,
        rows=table.rows,
        refused=trial.refused,
        hours=trial.hours,
        places=trial.places,
    )


def _table(
    connection: duckdb.DuckDBPyConnection, path: Path, folder: Path
) -> tuple[InputTable, dict[str, Any]]:
    """The first file behind `path`, or its largest sheet, and keys that tell how it was read."""
    sheets: list[tuple[InputTable, dict[str, Any]]] = []
    for number, given in enumerate(expand([path], folder)):
        keys = file_layout(given)
        anything = Source(name="unknown", title="", timezone="UTC", unit_of_count="", **keys)
        table = read(connection, given, anything, folder / f"table-{number}.parquet")
        if table is None or not table.rows:
            continue
        if given.kind != "sheet":
            return table, keys
        sheets.append((table, keys | ({"sheets": given.sheet} if sheets else {})))
    if not sheets:
        raise InputError(f"{path} has no rows.")
    return max(sheets, key=lambda found: found[0].rows)


def _known_table(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, folder: Path
) -> InputTable:
    """The first file behind `path`, or sheet, that has the source's columns."""
    sheets = SheetChoice(source)
    for number, given in enumerate(expand([path], folder)):
        if not sheets.wants(given):
            continue
        table = read(connection, given, source, folder / f"table-{number}.parquet")
        if table is None or not table.rows:
            continue
        try:
            map_columns(table, source, given.name)
        except InputError as error:
            sheets.refused(given, error)
            continue
        return table
    sheets.check()
    raise InputError(f"{path.name} has no rows.")


def _loadable(whole: dict[str, Any], name: str) -> tuple[dict[str, Any], Source, list[str]]:
    """The document, its source, and questions about what had to be left out to load it."""
    questions: list[str] = []
    path = Path(f"{source_name(name)}.toml")
    while True:
        try:
            return whole, Source.parse(toml_text(whole, ()), path), questions
        except InputError as error:
            key = _KEY.search(str(error))
            smaller = without(whole, key[1]) if key else None
            if key is None or smaller is None:
                raise
            questions.append(f"What should {key[1]} be? {error}")
            whole = smaller


def _fields(
    found: Assignment, context: Context, warnings: Mapping[str, str]
) -> Iterator[ProposedField]:
    for part, one in found.parts.items():
        yield _field(f"occurred_from.{part}", one, None)
    for name in sorted(found.fields, key=ORDER.__getitem__):
        yield _field(
            name,
            _warned(name, found.fields[name], context, warnings),
            _format(name, found.fields[name].column, context),
        )
        clock = found.clocks.get(name)
        if clock is not None and clock.column.times is not None:
            yield _field(f"{name}.time", clock, " | ".join(clock.column.times.formats))


def _warned(
    name: str, one: AssignedColumn, context: Context, warnings: Mapping[str, str]
) -> AssignedColumn:
    """The column with what the whole file says against it."""
    question = order_question(one.column) if name in DATES else None
    if question is not None:
        one = one.warned(question, at_most=LIKELY)
    if name == "occurred_from" and one.column.only_months:
        one = one.warned("Only the month is known.")
    if name in ("x", "y") and context.crs is None:
        one = one.warned("Its coordinate system is not known.", at_most=LIKELY)
    if name in warnings:
        one = one.warned(warnings[name])
    return one


def _field(name: str, one: AssignedColumn, read_as: str | None) -> ProposedField:
    warnings = one.warnings
    if one.confidence < SURE and not warnings:
        word = confidence_word(one.confidence).capitalize()
        warnings = (f"{word}: check that {one.column.name!r} is the {name}.",)
    samples = tuple(text for text, _ in one.column.distinct.most_common(SHOWN_SAMPLES))
    return ProposedField(
        name, one.column.name, read_as, one.confidence, " ".join(warnings) or None, samples
    )


def _format(name: str, column: SurveyedColumn, context: Context) -> str | None:
    if name in DATES and column.dates is not None:
        return " | ".join(column.dates.formats)
    if name in ("x", "y"):
        return context.crs
    return "EPSG:4326" if name in ("lat", "lon", "point") else None


def _comments(
    found: Assignment, context: Context, questions: Sequence[str], notes: Sequence[str]
) -> Iterator[str]:
    yield (
        f"Proposed from {context.name}. Check every line, then: patroliq ingest FILE --source "
        f"{source_name(context.name)}.toml"
    )
    for question in questions:
        yield f"QUESTION: {question}"
    for note in notes:
        yield f"Note: {note}"
    if "x" in found.fields and context.crs is None:
        names = (f'{name} = ["{found.fields[name].column.name}"]' for name in ("x", "y"))
        yield f"Once coordinates.crs is known, add under [columns]: {', '.join(names)}"
