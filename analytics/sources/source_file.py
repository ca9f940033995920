"""Check a source's TOML document, and convert it to the fields of `Source`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyproj

from analytics.errors import InputError
from analytics.incidents.model import ATTRIBUTE_TYPES, DERIVED_COLUMNS, MAX_ATTRIBUTES
from analytics.near_name import near_name
from analytics.sources.date_formats import (
    UNIX,
    UNIX_MS,
    date_problem,
    time_problem,
    without_zone,
)
from analytics.sources.mapping import (
    CALENDARS,
    COORDINATES,
    DATE_PARTS,
    DEGREES,
    EARLIEST,
    POINTS,
    Coordinates,
    DateColumns,
    Flag,
    Join,
    SourceAttribute,
)
from analytics.sources.other_systems import FromDatabase, FromPortal, read_other_system
from analytics.sources.record_kinds import (
    CALL_DIMENSIONS,
    CALLS,
    INCIDENTS,
    RECORD_KINDS,
    RecordKind,
)

_TOP: dict[str, Any] = {
    "kind": str,
    "name": str,
    "title": str,
    "publisher": str,
    "timezone": str,
    "unit_of_count": str,
    "synthetic": bool,
    "verified": bool,
    "provisional_days": int,
    "precision": str,
    "missing_id": str,
    "on_repeat": str,
    "dispatch_filled": bool,
    "delimiter": str,
    "encoding": str,
    "decimal": str,
    "skip_lines": int,
    "header": list,
    "sheets": (str, list),
}
_TABLES = (
    "columns",
    "dates",
    "flags",
    "padding",
    "empty",
    "values",
    "patterns",
    "join",
    "coordinates",
    "attributes",
    "missing",
    "sync",
)
_INCIDENT_TABLES = ("heaped", "tables")
_CHOICES = {
    "kind": tuple(RECORD_KINDS),
    "precision": ("minute", "day", "month"),
    "missing_id": ("refuse", "content"),
    "on_repeat": ("newest", "keep_all", "refuse"),
    "decimal": (".", ","),
}
_DATE_KEYS = ("formats", "time_formats", "utc", "ignore_zone", "calendar")
_OF_ALL_DATES = ("earliest",)
_PLACE_KEYS = ("crs", "placeholders", "bounds", "point", "swapped", "ranges")
_DAY_PARTS = ("year", "month", "day")
_LOOKUPS = ("groups", "classes", "codes", "default_addresses")
_DIMENSIONS = (
    "date", "day", "cell", "polygon", "near", "custom_area", "zone", "temporal_profile", "all",
    "sel", "heaped", "total",
)  # fmt: skip
_OF_INCIDENTS = ("group", "harm", "proactive", "default_address")
_TYPE_WORDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list of texts",
    (str, list): "a text or a list",
}


class _Document:
    """Reads keys of one TOML file; every error names the file and the key."""

    def __init__(self, values: Mapping[str, Any], path: Path) -> None:
        self.values = values
        self.path = path
        self.kind: RecordKind = INCIDENTS

    def fail(self, key: str, problem: str) -> InputError:
        return InputError(f"{self.path}: {key}: {problem}")

    def table(self, key: str) -> dict[str, Any]:
        value: Any = self.values
        for part in key.split("."):
            value = value.get(part, {})
        if not isinstance(value, dict):
            raise self.fail(key, "must be a table, such as [" + key + "]")
        return value

    def known(self, key: str, names: Collection[str], allowed: Collection[str]) -> None:
        for name in names:
            if name not in allowed:
                near = near_name(name, allowed)
                hint = f"; did you mean {near!r}?" if near else f". Known: {', '.join(allowed)}."
                raise self.fail(f"{key}.{name}".lstrip("."), "is not a known key" + hint)

    def texts(self, key: str, value: Any) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise self.fail(key, "must be a text or a list of texts")
        if not listed:
            raise self.fail(key, "is empty")
        return tuple(listed)

    def formats(
        self, key: str, value: Any, problem: Callable[[str], str | None]
    ) -> tuple[str, ...]:
        """Formats without a time zone at their end, each checked by `problem`."""
        formats = tuple(without_zone(item) for item in self.texts(key, value))
        for item in formats:
            if found := problem(item):
                raise self.fail(key, f"{item!r} {found}")
        return formats


def reserved_attributes(kind: RecordKind) -> frozenset[str]:
    """Names that an attribute of the agency cannot have."""
    own = CALL_DIMENSIONS if kind is CALLS else frozenset()
    return frozenset({*kind.columns, *DERIVED_COLUMNS, *_DIMENSIONS}) | own


def read_source(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Fields of `Source` from a TOML document.

    Raises
    ------
    InputError
        A key is missing, unknown or of the wrong kind; the message names file and key.
    """
    document = _Document(values, path)
    document.known("", values, [*_TOP, *_TABLES, *_INCIDENT_TABLES])
    fields = _top(document)
    document.kind = fields["kind"] = RECORD_KINDS[fields.get("kind", INCIDENTS.name)]
    for key in _INCIDENT_TABLES:
        if document.kind is CALLS and key in values:
            raise document.fail(key, "is for incidents; calls have no such table")
    columns = _columns(document)
    fields["dates"] = _dates(document, columns)
    fields["earliest"] = _earliest(document)
    fields["columns"] = {
        name: names for name, names in columns.items() if name not in document.kind.dates
    }
    fields["flags"] = _flags(document, columns)
    fields["padding"] = _padding(document)
    fields["empty"] = _empty(document, columns)
    fields["values"] = _crosswalk(document, "values")
    fields["patterns"] = _patterns(document)
    fields["join"] = _join(document, columns)
    fields["coordinates"] = _coordinates(document, columns)
    fields["attributes"] = _attributes(document)
    fields["missing"] = _missing(document, columns)
    fields["heaped_times"] = _heaped(document)
    fields["tables"] = _tables(document)
    fields["sync"] = _sync(document)
    return fields


def _top(document: _Document) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, kind in _TOP.items():
        if key not in document.values:
            continue
        value = document.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise document.fail(key, f"must be {_TYPE_WORDS[kind]}")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise document.fail(key, f"must be one of {', '.join(_CHOICES[key])}")
        fields[key] = value
    for key in ("name", "title", "timezone", "unit_of_count"):
        if not fields.get(key):
            raise document.fail(key, "is missing")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", fields["name"]):
        raise document.fail("name", "must be lower-case letters, digits and _")
    try:
        ZoneInfo(fields["timezone"])
    except (KeyError, ValueError, OSError) as error:
        raise document.fail("timezone", f"{fields['timezone']!r} is not a time zone") from error
    for key in ("provisional_days", "skip_lines"):
        if fields.get(key, 0) < 0:
            raise document.fail(key, "must be 0 or more")
    if "header" in fields:
        fields["header"] = _header(document, fields["header"])
    if "sheets" in fields:
        fields["sheets"] = document.texts("sheets", fields["sheets"])
    _check_csv(document, fields)
    return fields


def _check_csv(document: _Document, fields: Mapping[str, Any]) -> None:
    try:
        "a".encode(fields.get("encoding", "utf-8"))
    except (LookupError, ValueError) as error:
        raise document.fail(
            "encoding", f"{fields['encoding']!r} is not a text encoding, such as cp1252"
        ) from error
    if len(fields.get("delimiter", ",")) != 1:
        raise document.fail("delimiter", "must be one character")


def _header(document: _Document, names: Any) -> tuple[str, ...]:
    header = document.texts("header", names)
    plain = [name.strip().lower() for name in header]
    if not all(plain) or len({*plain}) < len(plain):
        raise document.fail("header", "must name each column once, in the order of the file")
    return header


def _columns(document: _Document) -> dict[str, Any]:
    table = document.table("columns")
    document.known("columns", table, [*document.kind.columns, *COORDINATES])
    for name in document.kind.required:
        by_content = name == "id" and document.values.get("missing_id") == "content"
        if name not in table and not by_content:
            raise document.fail(f"columns.{name}", "is missing; every source needs it")
    columns: dict[str, Any] = {}
    for name, value in table.items():
        if name in document.kind.dates and isinstance(value, dict):
            columns[name] = value
        else:
            columns[name] = document.texts(f"columns.{name}", value)
    for first, second in (("lat", "lon"), ("x", "y")):
        if (first in columns) != (second in columns):
            raise document.fail(f"columns.{first}", f"columns.{second} is needed as well")
    return columns


def _dates(document: _Document, columns: Mapping[str, Any]) -> dict[str, DateColumns]:
    table, times = document.table("dates"), document.kind.dates
    document.known("dates", table, [*_DATE_KEYS, *_OF_ALL_DATES, *times])
    dates = {}
    for name in times:
        if name not in columns:
            continue
        own = document.table(f"dates.{name}")
        document.known(f"dates.{name}", own, _DATE_KEYS)
        chosen = {**{key: table[key] for key in table if key in _DATE_KEYS}, **own}
        calendar = chosen.get("calendar", "gregorian")
        if calendar not in CALENDARS:
            raise document.fail("dates.calendar", f"must be one of {', '.join(CALENDARS)}")
        date_columns = _date(document, name, columns[name], chosen)
        dates[name] = replace(date_columns, calendar=calendar)
    return dates


def _date(document: _Document, name: str, where: Any, chosen: Mapping[str, Any]) -> DateColumns:
    given = chosen.get("formats")  # typed columns and ISO 8601 need none
    problem = partial(date_problem, months=document.values.get("precision") == "month")
    formats = document.formats(f"dates.{name}.formats", given, problem) if given is not None else ()
    utc, ignore_zone = (_switch(document, name, key, chosen) for key in ("utc", "ignore_zone"))
    if not isinstance(where, dict):
        return DateColumns(where, (), formats, (), utc, ignore_zone)
    key = f"columns.{name}"
    if "year" in where:
        return _parts(document, key, where, utc=utc)
    document.known(key, where, ["date", "time", *DATE_PARTS])
    for part in ("date", "time"):
        if part not in where:
            raise document.fail(f"{key}.{part}", "is missing; give both, or name one column")
    if {UNIX, UNIX_MS} & {*formats}:
        raise document.fail(f"{key}.time", "is not for seconds since 1970, which include the time")
    if "time_formats" not in chosen:
        raise document.fail("dates.time_formats", f"is missing; {key}.time needs it")
    return DateColumns(
        document.texts(f"{key}.date", where["date"]),
        document.texts(f"{key}.time", where["time"]),
        formats,
        document.formats("dates.time_formats", chosen["time_formats"], time_problem),
        utc,
        ignore_zone,
    )


def _parts(document: _Document, key: str, where: Mapping[str, Any], *, utc: bool) -> DateColumns:
    """A time with a column for each of its parts."""
    document.known(key, where, DATE_PARTS)
    needed = _DAY_PARTS[: 2 if document.values.get("precision") == "month" else 3]
    for part in (*needed, *(["hour"] if "minute" in where else [])):
        if part not in where:
            raise document.fail(f"{key}.{part}", "is missing")
    columns = {part: document.texts(f"{key}.{part}", names) for part, names in where.items()}
    year = columns.pop("year")
    return DateColumns(year, (), (), (), utc, parts=columns)


def _switch(document: _Document, name: str, key: str, chosen: Mapping[str, Any]) -> bool:
    return _true_or_false(document, f"dates.{name}.{key}", chosen.get(key, False))


def _true_or_false(document: _Document, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise document.fail(key, "must be true or false")
    return value


def _earliest(document: _Document) -> date:
    value = document.table("dates").get("earliest", EARLIEST)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise document.fail("dates.earliest", "must be a day, such as 1970-01-01 without quotes")
    return value


def _flags(document: _Document, columns: Mapping[str, Any]) -> dict[str, Flag]:
    document.known("flags", document.table("flags"), document.kind.flags)
    flags = {}
    for name in document.kind.flags:
        if name not in columns:
            continue
        table = document.table(f"flags.{name}")
        document.known(f"flags.{name}", table, ["true", "false"])
        if not table:
            raise document.fail(f"flags.{name}", "is missing; it lists the words for true, false")
        words = {
            key: tuple(
                word.strip().lower() for word in document.texts(f"flags.{name}.{key}", table[key])
            )
            if key in table
            else ()
            for key in ("true", "false")
        }
        both = set(words["true"]) & set(words["false"])
        if both:
            raise document.fail(f"flags.{name}", f"{sorted(both)[0]!r} is both true and false")
        flags[name] = Flag(words["true"], words["false"])
    return flags


def _padding(document: _Document) -> dict[str, int]:
    table = document.table("padding")
    document.known("padding", table, document.kind.texts)
    for name, width in table.items():
        if not isinstance(width, int) or isinstance(width, bool) or not 1 <= width <= 32:
            raise document.fail(f"padding.{name}", "must be a number of characters, 1 to 32")
    return table


def _empty(document: _Document, columns: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    table = document.table("empty")
    names = [*document.kind.texts, *columns, *document.table("attributes"), "all"]
    document.known("empty", table, names)
    return {name: document.texts(f"empty.{name}", value) for name, value in table.items()}


def _crosswalk(document: _Document, key: str) -> dict[str, dict[str, str]]:
    table = document.table(key)
    document.known(key, table, [*document.kind.texts, *document.table("attributes")])
    for name in table:
        for word, value in document.table(f"{key}.{name}").items():
            if not isinstance(value, str):
                raise document.fail(f"{key}.{name}.{word!r}", "must be a text")
    return table


def _patterns(document: _Document) -> dict[str, dict[str, str]]:
    table = _crosswalk(document, "patterns")
    tried = [(name, pattern) for name, labels in table.items() for pattern in labels]
    if not tried:
        return table
    with duckdb.connect() as connection:  # which reads patterns otherwise than Python
        for name, pattern in tried:
            try:
                values = [pattern, table[name][pattern]]
                connection.execute("SELECT regexp_replace('', $1, $2)", values).fetchall()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise document.fail(f"patterns.{name}.{pattern!r}", reason) from error
    return table


def _join(document: _Document, columns: Mapping[str, Any]) -> Join | None:
    table = document.table("join")
    if not table:
        return None
    document.known("join", table, ["file", "field", "key", "columns"])
    for key in ("file", "field", "key"):
        if not isinstance(table.get(key), str):
            raise document.fail(f"join.{key}", "must be a text")
    if not re.fullmatch(r"[\w -][\w .-]*", table["file"]):
        raise document.fail("join.file", "must be the name of a file beside the source")
    if table["field"] not in document.kind.texts or table["field"] not in columns:
        raise document.fail("join.field", "must be a field of texts under [columns]")
    given = document.table("join.columns")
    document.known("join.columns", given, document.kind.texts)
    for name, column in given.items():
        if name in columns:
            raise document.fail(f"join.columns.{name}", f"but columns.{name} maps it")
        if not isinstance(column, str):
            raise document.fail(f"join.columns.{name}", "must be the name of a column")
    if not given:
        raise document.fail("join.columns", "is missing; it says which fields the file gives")
    return Join(table["file"], table["field"], table["key"], given)


def _coordinates(document: _Document, columns: Mapping[str, Any]) -> Coordinates:
    table = document.table("coordinates")
    document.known("coordinates", table, _PLACE_KEYS)
    crs = table.get("crs", DEGREES)
    try:
        known = pyproj.CRS.from_user_input(crs)
    except (pyproj.exceptions.CRSError, TypeError) as error:
        raise document.fail(
            "coordinates.crs", f"{crs!r} is unknown; give its code, such as EPSG:2232, or its WKT"
        ) from error
    if not (known.is_projected or known.is_geographic):
        raise document.fail("coordinates.crs", f"{crs!r} is not projected or geographic")
    authority = known.to_authority()
    crs = ":".join(authority) if authority else known.to_wkt()
    if "x" in columns and crs == DEGREES:
        raise document.fail("coordinates.crs", "is missing; columns.x and columns.y need it")
    if "lat" in columns and "x" not in columns and crs != DEGREES:
        raise document.fail("coordinates.crs", "is for columns.x and columns.y, not for degrees")
    point = table.get("point", POINTS[0])
    if point not in POINTS:
        raise document.fail("coordinates.point", f"must be one of {', '.join(map(repr, POINTS))}")
    switches = {
        key: _true_or_false(document, f"coordinates.{key}", table.get(key, False))
        for key in ("swapped", "ranges")
    }
    pairs = table.get("placeholders", [])
    if not isinstance(pairs, list) or not all(_numbers(pair, 2) for pair in pairs):
        raise document.fail("coordinates.placeholders", "must be a list of pairs: [[0, 0]]")
    bounds = table.get("bounds")
    if bounds is not None:
        valid = _numbers(bounds, 4) and bounds[0] < bounds[2] and bounds[1] < bounds[3]
        if not valid or max(abs(bounds[0]), abs(bounds[2])) > 180 or abs(bounds[3]) > 90:
            raise document.fail("coordinates.bounds", "must be west, south, east, north in degrees")
    return Coordinates(
        crs,
        tuple((float(a), float(b)) for a, b in pairs),
        tuple(float(value) for value in bounds) if bounds else None,  # type: ignore[arg-type]
        point,
        **switches,
    )


def _numbers(value: Any, length: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == length
        and all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
    )


def _attributes(document: _Document) -> tuple[SourceAttribute, ...]:
    table = document.table("attributes")
    if len(table) > MAX_ATTRIBUTES:
        raise document.fail("attributes", f"has {len(table)} entries; {MAX_ATTRIBUTES} are allowed")
    attributes = []
    for name in table:
        key = f"attributes.{name}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            raise document.fail(key, "must be lower-case letters, digits and _, at most 40")
        if name in reserved_attributes(document.kind):
            raise document.fail(key, "is the name of a dimension of PatrolIQ; choose another")
        entry = document.table(key)
        document.known(key, entry, ["label", "kind", "column"])
        if "column" not in entry:
            raise document.fail(f"{key}.column", "is missing")
        kind = entry.get("kind", "category")
        if kind not in ATTRIBUTE_TYPES:
            raise document.fail(f"{key}.kind", f"must be one of {', '.join(ATTRIBUTE_TYPES)}")
        label = entry.get("label", name.replace("_", " ").capitalize())
        columns = document.texts(f"{key}.column", entry["column"])
        attributes.append(SourceAttribute(name, label, kind, columns))
    return tuple(attributes)


def _missing(document: _Document, columns: Mapping[str, Any]) -> dict[str, str]:
    table = document.table("missing")
    own = _OF_INCIDENTS if document.kind is INCIDENTS else ()
    allowed = [*document.kind.columns, "hour", "place", *own]
    document.known("missing", table, allowed)
    for name, sentence in table.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise document.fail(f"missing.{name}", "must be a sentence that says why")
        if name in columns:
            raise document.fail(f"missing.{name}", f"but columns.{name} maps it")
    return table


def _heaped(document: _Document) -> tuple[str, ...]:
    table = document.table("heaped")
    document.known("heaped", table, ["times"])
    times = document.texts("heaped.times", table["times"]) if "times" in table else ()
    for time in times:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time):
            raise document.fail("heaped.times", f"{time!r} is not a time, such as 00:00")
    return times


def _tables(document: _Document) -> dict[str, str]:
    table = document.table("tables")
    document.known("tables", table, _LOOKUPS)
    for name, value in table.items():
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise document.fail(f"tables.{name}", "must be the name of a table in data/")
    return table


def _sync(document: _Document) -> FromDatabase | FromPortal | None:
    table = document.table("sync")
    if not table:
        return None
    try:
        found = read_other_system(table)
    except ValueError as error:
        key, problem = error.args
        raise document.fail(f"sync.{key}", problem) from error
    is_day = isinstance(found.start, date) and not isinstance(found.start, datetime)
    if isinstance(found, FromPortal) and not is_day:
        raise document.fail("sync.start", "must be a day, such as 2026-01-31 without quotes")
    return found
