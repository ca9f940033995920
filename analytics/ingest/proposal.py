"""Write the source file that `--suggest` proposes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analytics.incidents.model import BASE_COLUMNS, MAX_ATTRIBUTES
from analytics.ingest.guess import KEY_FIELDS, Guess, only_months
from analytics.ingest.survey import TRUE_WORDS, Reading, SurveyedColumn, Value
from analytics.sources.date_formats import HOURS, has_two_digit_year, swapped
from analytics.sources.source_file import RESERVED_ATTRIBUTES

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

LEAST_MARGIN_DEGREES = 0.2
MARGIN_SHARE = 0.25  # of the distance between the outermost hundredths of places
WORLD = (-180.0, -90.0, 180.0, 90.0)
ENOUGH_TIMES = 200  # rows from which times without an afternoon are suspicious

ORDER = {name: place for place, name in enumerate(BASE_COLUMNS)}

# Zone and its box (west, south, east, north); the first that holds the incidents' center wins.
TIMEZONES = (
    ("Pacific/Honolulu", (-161, 18, -154, 23)),
    ("America/Anchorage", (-170, 54, -130, 72)),
    ("America/Los_Angeles", (-125, 32, -114.2, 49)),
    ("America/Denver", (-114.2, 31, -102, 49)),
    ("America/Chicago", (-102, 25, -86.5, 49)),
    ("America/New_York", (-86.5, 24, -66, 48)),
    ("Europe/London", (-8.7, 49.8, 1.9, 61)),
)


def propose(
    found: Guess, path: Path, bounds: Bounds | None, notes: Sequence[str], heaps: Sequence[str]
) -> str:
    """The text of a source file.

    Parameters
    ----------
    found : Guess
        Columns by field.
    path : Path
        The file, which names the source.
    bounds : tuple of float, optional
        West, south, east, north of most places.
    notes : sequence of str
        What a person should check; written as comments.
    heaps : sequence of str
        Times of day with implausibly many rows.
    """
    lines = [
        f"# Proposed from {path.name}. Check every line, then: patroliq ingest FILE --source "
        f"{slug(path.name.split('.')[0])}.toml",
        *(f"# Note: {note}" for note in notes),
    ]
    lines = [comment(line) for line in lines]
    lines += [
        f"name = {_quoted(slug(path.name.split('.')[0]))}",
        f"title = {_quoted(path.name)}",
        f"timezone = {_quoted(_timezone(bounds))}",
        'unit_of_count = "row (say what one row of the file is)"',
        "verified = false",
    ]
    if only_months(found.fields["occurred_from"]):
        lines.append('precision = "month"')
    if "id" not in found.fields:
        lines.append('missing_id = "content"')
    sections = (
        _columns(found),
        _dates(found),
        _flags(found),
        _padding(found),
        _coordinates(bounds),
        _attributes(found),
        _missing(found),
        ["[heaped]", f"times = {_listed(heaps)}"] if heaps else [],
    )
    for body in sections:
        if body:
            lines += ["", *body]
    return "\n".join(lines) + "\n"


def comment(text: str) -> str:
    """One line of a TOML comment, in which control characters are not allowed."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def slug(text: str) -> str:
    """Turn a text into a valid name of a source or an attribute."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return (plain if plain[:1].isalpha() else f"source_{plain}".rstrip("_"))[:40]


def what_to_check(found: Guess, columns: Sequence[SurveyedColumn]) -> list[str]:
    """Notes on guesses about dates and times, and on values that cannot be read."""
    notes = list(found.notes)
    for name, column in sorted(found.fields.items(), key=lambda item: ORDER[item[0]]):
        if column.dates is not None and column.is_date:
            lost = "is quarantined" if name == "occurred_from" else f"has no {name}"
            notes += _date_notes(column.name, column.dates, lost, column in _untrue_zones(found))
            clock = found.clocks.get(name)
            if clock is not None and clock.times is not None:
                notes += _time_notes(clock.name, clock.times, lost)
                without = column.dates.rows - clock.times.rows
                if without > 0:
                    notes.append(
                        f"Column {clock.name!r}: empty ({_rows(without)}) counts as 00:00."
                    )
    for column in columns:
        for reading in (column.dates, column.times):
            if reading is not None and not reading.usable and reading.formats:
                notes.append(
                    f"Column {column.name!r} looks like dates or times, but is not used: "
                    f"{_unread(reading)}."
                )
    return notes


def _date_notes(name: str, reading: Reading, lost: str, untrue_zone: bool) -> Iterator[str]:
    if reading.unread_rows:
        yield f"Column {name!r}: {_unread(reading)}. Such a row {lost}."
    if reading.either_order:
        yield (
            f"QUESTION: is the day or the month first in column {name!r}? All of its "
            f"{_rows(reading.rows)} can be read both ways; {reading.example!r} is read as "
            f"{reading.example_read}. "
            f"If that is wrong, its formats are {_listed(map(swapped, reading.formats))}."
        )
    elif reading.day_first is not None:
        order = "day first" if reading.day_first else "month first"
        yield f"Column {name!r} is read {order}: {reading.example!r} as {reading.example_read}."
    if any(map(has_two_digit_year, reading.formats)):
        yield f"Column {name!r}: years of two digits are 1969 to 2068."
    if reading.at_24:
        yield f"Column {name!r}: 24:00 ({_rows(reading.at_24)}) is 00:00 of the next day."
    if reading.zones:
        listed = ", ".join(f"{zone} ({_rows(rows)})" for zone, rows in reading.zones[:3])
        yield (
            f"Column {name!r} has no times of day, so its time zone ({listed}) is ignored."
            if untrue_zone
            else f"Column {name!r} has a time zone ({listed}); its times are converted to that of "
            "the source. Some agencies write Z after local times: then add ignore_zone = true "
            "under [dates]."
        )


def _time_notes(name: str, reading: Reading, lost: str) -> Iterator[str]:
    if reading.unread_rows:
        yield f"Column {name!r}: {_unread(reading)}. Such a row {lost}."
    if HOURS in reading.formats:
        yield f"Column {name!r} is read as hours of the day; the minutes are not known."
    if reading.at_24:
        yield f"Column {name!r}: 24:00 ({_rows(reading.at_24)}) is 00:00 of the next day."
    no_afternoon = reading.latest is not None and reading.latest < "13"
    twelve_hours = any("%p" in name for name in reading.formats)
    if no_afternoon and not twelve_hours and reading.rows >= ENOUGH_TIMES:
        yield f"Column {name!r} has no time after 12:59; is it a 12-hour clock?"


def _unread(reading: Reading) -> str:
    listed = ", ".join(_value(value) for value in reading.unread)
    more = (
        " and others" if sum(value.rows for value in reading.unread) < reading.unread_rows else ""
    )
    return f"{reading.unread_rows:,} of {reading.rows:,} values cannot be read: {listed}{more}"


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _value(value: Value) -> str:
    return f"{value.text[:60]!r} ({value.rows:,}, first in line {value.line:,})"


def _columns(found: Guess) -> list[str]:
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


def _dates(found: Guess) -> list[str]:
    """The keys of `occurred_from` for all dates, then keys of dates that differ."""
    usual = _date_keys(found, "occurred_from")
    lines = ["[dates]", *(f"{key} = {value}" for key, value in usual.items())]
    for name, column in found.fields.items():
        own = _date_keys(found, name) if column.is_date else {}
        differing = [f"{key} = {value}" for key, value in own.items() if usual.get(key) != value]
        if differing:
            lines += ["", f"[dates.{name}]", *differing]
    return lines


def _date_keys(found: Guess, name: str) -> dict[str, str]:
    """Keys and values of one date's format, as written in the file."""
    column, clock = found.fields[name], found.clocks.get(name)
    keys = {}
    if column.dates is not None:
        keys["formats"] = _listed(column.dates.formats)
    untrue = _untrue_zones(found)
    if untrue:
        keys["ignore_zone"] = str(column in untrue).lower()
    if clock is not None and clock.times is not None:
        keys["time_formats"] = _listed(clock.times.formats)
    return keys


def _untrue_zones(found: Guess) -> list[SurveyedColumn]:
    """Columns of days without times but with a zone: converting midnight would change the day."""
    return [
        column
        for column in found.fields.values()
        if column.dates is not None and column.dates.zones and not column.dates.has_clock
    ]


def _flags(found: Guess) -> list[str]:
    lines = []
    for name in ("arrest", "domestic"):
        if name in found.fields:
            words = found.fields[name].words
            true, false = sorted(words & TRUE_WORDS), sorted(words - TRUE_WORDS)
            lines.append(f"[flags.{name}]")
            lines += [f"true = {_listed(true)}"] if true else []
            lines += [f"false = {_listed(false)}"] if false else []
    return lines


def _padding(found: Guess) -> list[str]:
    lines = []
    for name in KEY_FIELDS:
        column = found.fields.get(name)
        if column is None:
            continue
        widths = {len(value) for value in column.distinct}
        if len(widths) == 1 and any(value.startswith("0") for value in column.distinct):
            lines.append(f"{name} = {widths.pop()}")
    return ["[padding]", *lines] if lines else []


def _coordinates(bounds: Bounds | None) -> list[str]:
    if bounds is None:
        return []
    west, south, east, north = bounds
    wide = max(LEAST_MARGIN_DEGREES, MARGIN_SHARE * (east - west))
    high = max(LEAST_MARGIN_DEGREES, MARGIN_SHARE * (north - south))
    outer = (west - wide, south - high, east + wide, north + high)
    limited = [
        round(max(low, edge) if low < 0 else min(low, edge), 2)
        for edge, low in zip(outer, WORLD, strict=True)
    ]
    return ["[coordinates]", "placeholders = [[0, 0]]", f"bounds = {limited}"]


def _timezone(bounds: Bounds | None) -> str:
    if bounds is not None:
        lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        for name, (west, south, east, north) in TIMEZONES:
            if west <= lon <= east and south <= lat <= north:
                return name
    return "UTC"


def _attributes(found: Guess) -> list[str]:
    lines: list[str] = []
    names = set(RESERVED_ATTRIBUTES)
    for column in found.attributes:
        name = slug(column.plain)
        if name in names or len(lines) >= 3 * MAX_ATTRIBUTES:
            continue
        names.add(name)
        lines += [f"[attributes.{name}]", 'kind = "category"', f"column = [{_quoted(column.name)}]"]
    return lines


def _missing(found: Guess) -> list[str]:
    absent = [
        name
        for name in BASE_COLUMNS
        if name not in found.fields and name not in ("id", "lat", "lon")
    ]
    lines = [f'{name} = "The file has no such column."' for name in absent]
    if "lat" not in found.fields:
        lines.append('place = "The file has no latitude and longitude."')
    return ["[missing]", *lines] if lines else []


def _listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in dict.fromkeys(texts)) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string; its escapes are those of JSON, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
