"""Check a source's TOML document, and convert it to the fields of `Source`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyproj

from analytics.errors import InputError
from analytics.incidents.model import (
    ATTRIBUTE_TYPES,
    BASE_COLUMNS,
    DERIVED_COLUMNS,
    MAX_ATTRIBUTES,
)
from analytics.sources.date_formats import date_problem, time_problem, without_zone
from analytics.sources.mapping import (
    COORDINATES,
    DATES,
    FLAGS,
    REQUIRED,
    TEXTS,
    Coordinates,
    DateColumns,
    Flag,
    SourceAttribute,
)

_TOP = {
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
    "delimiter": str,
    "encoding": str,
    "decimal": str,
}
_TABLES = (
    "columns",
    "dates",
    "flags",
    "padding",
    "empty",
    "values",
    "coordinates",
    "attributes",
    "missing",
    "heaped",
    "tables",
)
_CHOICES = {
    "precision": ("minute", "day", "month"),
    "missing_id": ("refuse", "content"),
    "decimal": (".", ","),
}
_DATE_KEYS = ("formats", "time_formats", "utc", "ignore_zone")
_LOOKUPS = ("groups", "classes", "codes", "default_addresses")
_DIMENSIONS = (
    "date", "day", "cell", "polygon", "near", "zone", "temporal_profile", "all", "sel",
    "heaped", "total",
)  # fmt: skip
RESERVED_ATTRIBUTES = frozenset({*BASE_COLUMNS, *DERIVED_COLUMNS, *_DIMENSIONS})
_TYPE_WORDS = {str: "a text", bool: "true or false", int: "a whole number"}


class _Document:
    """Reads keys of one TOML file; every error names the file and the key."""

    def __init__(self, values: Mapping[str, Any], path: Path) -> None:
        self.values = values
        self.path = path

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
                near = difflib.get_close_matches(name, allowed, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else f". Known: {', '.join(allowed)}."
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


def read_source(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Fields of `Source` from a TOML document.

    Raises
    ------
    InputError
        A key is missing, unknown or of the wrong kind; the message names file and key.
    """
    document = _Document(values, path)
    document.known("", values, [*_TOP, *_TABLES])
    fields = _top(document)
    columns = _columns(document)
    fields["dates"] = _dates(document, columns)
    fields["columns"] = {name: names for name, names in columns.items() if name not in DATES}
    fields["flags"] = _flags(document, columns)
    fields["padding"] = _padding(document)
    fields["empty"] = _empty(document)
    fields["values"] = _crosswalk(document)
    fields["coordinates"] = _coordinates(document, columns)
    fields["attributes"] = _attributes(document)
    fields["missing"] = _missing(document, columns)
    fields["heaped_times"] = _heaped(document)
    fields["tables"] = _tables(document)
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
    if fields.get("provisional_days", 0) < 0:
        raise document.fail("provisional_days", "must be 0 or more")
    try:
        "a".encode(fields.get("encoding", "utf-8"))
    except (LookupError, ValueError) as error:
        raise document.fail(
            "encoding", f"{fields['encoding']!r} is not a text encoding, such as cp1252"
        ) from error
    if len(fields.get("delimiter", ",")) != 1:
        raise document.fail("delimiter", "must be one character")
    return fields


def _columns(document: _Document) -> dict[str, Any]:
    table = document.table("columns")
    document.known("columns", table, [*TEXTS, *DATES, *FLAGS, *COORDINATES])
    for name in REQUIRED:
        if name not in table:
            raise document.fail(f"columns.{name}", "is missing; every source needs it")
    columns: dict[str, Any] = {}
    for name, value in table.items():
        if name in DATES and isinstance(value, dict):
            columns[name] = value
        else:
            columns[name] = document.texts(f"columns.{name}", value)
    for first, second in (("lat", "lon"), ("x", "y")):
        if (first in columns) != (second in columns):
            raise document.fail(f"columns.{first}", f"columns.{second} is needed as well")
    return columns


def _dates(document: _Document, columns: Mapping[str, Any]) -> dict[str, DateColumns]:
    table = document.table("dates")
    document.known("dates", table, [*_DATE_KEYS, *DATES])
    dates = {}
    for name in DATES:
        if name not in columns:
            continue
        own = document.table(f"dates.{name}")
        document.known(f"dates.{name}", own, _DATE_KEYS)
        chosen = {**{key: table[key] for key in table if key not in DATES}, **own}
        dates[name] = _date(document, name, columns[name], chosen)
    return dates


def _date(document: _Document, name: str, where: Any, chosen: Mapping[str, Any]) -> DateColumns:
    given = chosen.get("formats")  # typed columns and ISO 8601 need none
    problem = partial(date_problem, months=document.values.get("precision") == "month")
    formats = document.formats(f"dates.{name}.formats", given, problem) if given is not None else ()
    flags = {key: _switch(document, name, key, chosen) for key in ("utc", "ignore_zone")}
    if not isinstance(where, dict):
        return DateColumns(where, (), formats, (), **flags)
    key = f"columns.{name}"
    document.known(key, where, ["date", "time"])
    for part in ("date", "time"):
        if part not in where:
            raise document.fail(f"{key}.{part}", "is missing; give both, or name one column")
    if "time_formats" not in chosen:
        raise document.fail("dates.time_formats", f"is missing; {key}.time needs it")
    return DateColumns(
        document.texts(f"{key}.date", where["date"]),
        document.texts(f"{key}.time", where["time"]),
        formats,
        document.formats("dates.time_formats", chosen["time_formats"], time_problem),
        **flags,
    )


def _switch(document: _Document, name: str, key: str, chosen: Mapping[str, Any]) -> bool:
    value = chosen.get(key, False)
    if not isinstance(value, bool):
        raise document.fail(f"dates.{name}.{key}", "must be true or false")
    return value


def _flags(document: _Document, columns: Mapping[str, Any]) -> dict[str, Flag]:
    document.known("flags", document.table("flags"), FLAGS)
    flags = {}
    for name in FLAGS:
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
    document.known("padding", table, TEXTS)
    for name, width in table.items():
        if not isinstance(width, int) or isinstance(width, bool) or not 1 <= width <= 32:
            raise document.fail(f"padding.{name}", "must be a number of characters, 1 to 32")
    return table


def _empty(document: _Document) -> dict[str, tuple[str, ...]]:
    table = document.table("empty")
    names = [*TEXTS, *document.table("attributes"), "all"]
    document.known("empty", table, names)
    return {name: document.texts(f"empty.{name}", value) for name, value in table.items()}


def _crosswalk(document: _Document) -> dict[str, dict[str, str]]:
    table = document.table("values")
    document.known("values", table, [*TEXTS, *document.table("attributes")])
    for name in table:
        for word, value in document.table(f"values.{name}").items():
            if not isinstance(value, str):
                raise document.fail(f"values.{name}.{word!r}", "must be a text")
    return table


def _coordinates(document: _Document, columns: Mapping[str, Any]) -> Coordinates:
    table = document.table("coordinates")
    document.known("coordinates", table, ["crs", "placeholders", "bounds"])
    crs = table.get("crs", "EPSG:4326")
    try:
        known = pyproj.CRS.from_user_input(crs)
    except (pyproj.exceptions.CRSError, TypeError) as error:
        raise document.fail(
            "coordinates.crs", f"{crs!r} is unknown; give its code, such as EPSG:2232"
        ) from error
    if not (known.is_projected or known.is_geographic):
        raise document.fail("coordinates.crs", f"{crs!r} is not projected or geographic")
    authority = known.to_authority()
    crs = ":".join(authority) if authority else known.to_wkt()
    if "x" in columns and crs == "EPSG:4326":
        raise document.fail("coordinates.crs", "is missing; columns.x and columns.y need it")
    if "lat" in columns and crs != "EPSG:4326":
        raise document.fail("coordinates.crs", "is for columns.x and columns.y, not lat and lon")
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
        if name in RESERVED_ATTRIBUTES:
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
    allowed = [*BASE_COLUMNS, "hour", "group", "place", "harm", "proactive", "default_address"]
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
