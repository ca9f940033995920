"""Propose a source for an unknown file, and show its first rows through it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl

from analytics.errors import InputError
from analytics.incidents.guess import KEY_FIELDS, TRUE_WORDS, Column, Guess, guess, moments
from analytics.incidents.inputs import Input, expand
from analytics.incidents.model import BASE_COLUMNS, MAX_ATTRIBUTES
from analytics.incidents.normalise import create_incoming, finish_incoming, normalise
from analytics.incidents.read import map_columns, read
from analytics.incidents.source import Source
from analytics.incidents.tables import InputTable
from sql import load

SAMPLE_BYTES = 4_000_000
SAMPLE_ROWS = 5_000
SHOWN_ROWS = 10
HEAPED = ("00:00", "00:01", "09:00", "12:00")
HEAP_SHARE = 0.02
MARGIN_DEGREES = 0.2

ORDER = {name: place for place, name in enumerate(BASE_COLUMNS)}

# First match wins: west, south, east, north of the middle of the incidents.
TIMEZONES = (
    ("Pacific/Honolulu", (-161, 18, -154, 23)),
    ("America/Anchorage", (-170, 54, -130, 72)),
    ("America/Los_Angeles", (-125, 32, -114.2, 49)),
    ("America/Denver", (-114.2, 31, -102, 49)),
    ("America/Chicago", (-102, 25, -86.5, 49)),
    ("America/New_York", (-86.5, 24, -66, 48)),
    ("Europe/London", (-8.7, 49.8, 1.9, 61)),
)


@dataclass(frozen=True)
class Suggestion:
    """A proposed source. `rows` are the file's first rows through it, base columns that it has."""

    toml: str
    rows: pl.DataFrame
    notes: tuple[str, ...]
    sampled: int
    refused: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "toml": self.toml,
            "rows": self.rows.to_dicts(),
            "notes": list(self.notes),
            "sampled": self.sampled,
            "refused": self.refused,
        }

    def lines(self) -> list[str]:
        """The proposed file, then the first rows through it as comments of the same file."""
        text = [self.toml, f"# First rows of {self.sampled:,} sampled, {self.refused:,} refused:"]
        for row in self.rows.to_dicts():
            cells = (f"{name}={value}" for name, value in row.items() if value is not None)
            text.append("#   " + ", ".join(cells).replace("\n", " "))
        return text


def suggest(path: Path) -> Suggestion:
    """Propose a mapping for a file no source is known for.

    Raises
    ------
    InputError
        The file cannot be read, holds no rows, or none of its columns is a date.
    """
    with TemporaryDirectory() as name, duckdb.connect() as connection:
        folder = Path(name)
        table = _sample(connection, path, folder)
        columns = _columns(table)
        found = guess(columns)
        if "occurred_from" not in found.fields:
            raise InputError(
                f"{path}: none of its columns looks like the date of an incident "
                f"({', '.join(column.name for column in columns[:30])})."
            )
        toml = _toml(found, path)
        source = Source.parse(toml, Path(f"{_slug(path)}.toml"))
        rows, refused = _through(connection, table, source)
        return Suggestion(toml, rows, tuple(found.notes), table.rows, refused)


def _sample(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> InputTable:
    """The beginning of the first file behind `path`, as text columns."""
    anything = Source(name="unknown", title="", timezone="UTC", unit_of_count="")
    for given in expand([path], folder):
        if given.kind == "about":
            continue
        beginning = _beginning(connection, given, folder)
        table = read(connection, beginning, anything, folder / "sample.parquet")
        if table is not None and table.rows:
            return table
        break
    raise InputError(f"{path}: holds no rows.")


def _beginning(connection: duckdb.DuckDBPyConnection, given: Input, folder: Path) -> Input:
    target = folder / "beginning"
    if given.kind in ("csv", "json_lines") and given.path.stat().st_size > SAMPLE_BYTES:
        with given.path.open("rb") as handle:
            lines = handle.read(SAMPLE_BYTES)
        target.write_bytes(lines[: lines.rfind(b"\n") + 1])
    elif given.kind == "parquet":
        relation = connection.read_parquet(str(given.path)).limit(SAMPLE_ROWS)
        relation.write_parquet(str(target))
    else:
        return given
    return Input(given.name, target, given.original, given.kind)


def _columns(table: InputTable) -> list[Column]:
    frame = pl.read_parquet(table.path, n_rows=SAMPLE_ROWS)
    if table.first_line is None:
        frame = frame[:, 1:]
    columns = []
    for name, series in zip(table.columns, frame.iter_columns(), strict=True):
        if name in table.nested:
            continue
        text = series.cast(pl.String).str.strip_chars()
        values = [value for value in text.to_list() if value]
        columns.append(Column(name, values, len(series)))
    return columns


def _through(
    connection: duckdb.DuckDBPyConnection, table: InputTable, source: Source
) -> tuple[pl.DataFrame, int]:
    create_incoming(connection, source)
    positions = map_columns(table, source, "sample")
    counts = normalise(connection, table, positions, source, name="sample", number=1)
    finish_incoming(connection)
    # DuckDB 2.0 refuses a relation while a result of execute() is unfinished; execute() is free.
    first = connection.execute(load("derive/first_rows"), {"rows": SHOWN_ROWS})
    names = [column[0] for column in first.description]
    rows = pl.DataFrame(first.fetchall(), schema=names, orient="row")
    shown = [
        column
        for column in (*BASE_COLUMNS, *(attribute.column for attribute in source.attributes))
        if rows[column].null_count() < len(rows)
    ]
    return rows.select(shown), counts.refused


def _toml(found: Guess, path: Path) -> str:
    sections: tuple[Callable[[Guess], list[str]], ...] = (
        _columns_section,
        _dates_section,
        _flags_section,
        _padding_section,
        _coordinates_section,
        _attributes_section,
        _missing_section,
        _heaped_section,
    )
    lines = [
        f"# Proposed from {path.name}. Check every line, then: patroliq ingest FILE --source "
        f"{_slug(path)}.toml",
        *(f"# Note: {note}" for note in found.notes),
        f"name = {_quoted(_slug(path))}",
        f"title = {_quoted(path.name)}",
        f"timezone = {_quoted(_timezone(found))}",
        'unit_of_count = "row (say what one row of the file is)"',
        "verified = false",
    ]
    if all(name == "%Y-%m" for name in found.fields["occurred_from"].date_formats):
        lines.append('precision = "month"')
    if "id" not in found.fields:
        lines.append('missing_id = "content"')
    for section in sections:
        body = section(found)
        if body:
            lines += ["", *body]
    return "\n".join(lines) + "\n"


def _columns_section(found: Guess) -> list[str]:
    lines = ["[columns]"]
    if "id" not in found.fields:
        lines.append('id = ["no column is an id"]')
    for name, column in sorted(found.fields.items(), key=lambda item: ORDER[item[0]]):
        if name in found.clocks:
            clock = _quoted(found.clocks[name].name)
            lines.append(f"{name} = {{ date = [{_quoted(column.name)}], time = [{clock}] }}")
        else:
            lines.append(f"{name} = [{_quoted(column.name)}]")
    return lines


def _dates_section(found: Guess) -> list[str]:
    dated = [column for column in found.fields.values() if column.date_formats]
    formats = _listed(name for column in dated for name in column.date_formats)
    lines = ["[dates]", f"formats = {formats}"]
    if found.clocks:
        times = _listed(name for c in found.clocks.values() for name in c.time_formats)
        lines.append(f"time_formats = {times}")
    return lines


def _flags_section(found: Guess) -> list[str]:
    lines = []
    for name in ("arrest", "domestic"):
        if name in found.fields:
            words = found.fields[name].words
            true, false = sorted(words & TRUE_WORDS), sorted(words - TRUE_WORDS)
            lines.append(f"[flags.{name}]")
            lines += [f"true = {_listed(true)}"] if true else []
            lines += [f"false = {_listed(false)}"] if false else []
    return lines


def _padding_section(found: Guess) -> list[str]:
    lines = []
    for name in KEY_FIELDS:
        column = found.fields.get(name)
        if column is None:
            continue
        widths = {len(value) for value in column.distinct}
        if len(widths) == 1 and any(value.startswith("0") for value in column.distinct):
            lines.append(f"{name} = {widths.pop()}")
    return ["[padding]", *lines] if lines else []


def _coordinates_section(found: Guess) -> list[str]:
    middle = _bounds(found)
    if middle is None:
        return []
    west, south, east, north = middle
    bounds = [
        round(west - MARGIN_DEGREES, 2),
        round(south - MARGIN_DEGREES, 2),
        round(east + MARGIN_DEGREES, 2),
        round(north + MARGIN_DEGREES, 2),
    ]
    return ["[coordinates]", "placeholders = [[0, 0]]", f"bounds = {bounds}"]


def _bounds(found: Guess) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all but the outermost hundredth of places."""
    if "lat" not in found.fields:
        return None
    corners = []
    for share in (0.01, 0.99):
        for name in ("lon", "lat"):
            numbers = [number for number in found.fields[name].numbers if number]
            corners.append(float(np.quantile(numbers, share)) if numbers else 0.0)
    west, south, east, north = corners
    return west, south, east, north


def _timezone(found: Guess) -> str:
    bounds = _bounds(found)
    if bounds is not None:
        lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        for name, (west, south, east, north) in TIMEZONES:
            if west <= lon <= east and south <= lat <= north:
                return name
    return "UTC"


def _attributes_section(found: Guess) -> list[str]:
    lines: list[str] = []
    names: set[str] = {*BASE_COLUMNS, "group", "hour", "weekday", "shift", "month", "season"}
    for column in found.attributes:
        name = _slug_text(column.plain)
        if name in names or len(lines) >= 3 * MAX_ATTRIBUTES:
            continue
        names.add(name)
        lines += [f"[attributes.{name}]", 'kind = "category"', f"column = [{_quoted(column.name)}]"]
    return lines


def _missing_section(found: Guess) -> list[str]:
    absent = [
        name
        for name in BASE_COLUMNS
        if name not in found.fields and name not in ("id", "lat", "lon")
    ]
    lines = [f'{name} = "The file has no such column."' for name in absent]
    if "lat" not in found.fields:
        lines.append('place = "The file has no latitude and longitude."')
    return ["[missing]", *lines] if lines else []


def _heaped_section(found: Guess) -> list[str]:
    column = found.fields["occurred_from"]
    clock = found.clocks.get("occurred_from")
    if clock is not None:
        texts = [value.zfill(4) if value.isdecimal() else value for value in clock.values]
        times = [moment.strftime("%H:%M") for moment in moments(texts, clock.time_formats)]
    elif column.has_clock:
        found_moments = moments(column.values, column.date_formats)
        times = [moment.strftime("%H:%M") for moment in found_moments]
    else:
        return []
    heaps = [time for time in HEAPED if times.count(time) > HEAP_SHARE * len(times)]
    return ["[heaped]", f"times = {_listed(heaps)}"] if heaps else []


def _listed(texts: object) -> str:
    names = dict.fromkeys(texts)  # type: ignore[call-overload]
    return "[" + ", ".join(_quoted(text) for text in names) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string: the escapes of JSON are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _slug(path: Path) -> str:
    return _slug_text(path.name.split(".")[0])


def _slug_text(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return (slug if slug[:1].isalpha() else f"source_{slug}".rstrip("_"))[:40]
