"""The document of a source file, from columns assigned to fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from analytics.incidents.model import BASE_COLUMNS, MAX_ATTRIBUTES
from analytics.ingest.assignment import KEYS, Assignment
from analytics.ingest.column_meanings import meanings, plain, value_words, words_of
from analytics.ingest.file_context import Context
from analytics.ingest.survey import SurveyedColumn
from analytics.ingest.value_shapes import point_kind
from analytics.sources.mapping import EARLIEST, WORLD, Bounds
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source_file import reserved_attributes

LEAST_MARGIN_DEGREES = 0.2
MARGIN_SHARE = 0.25  # of the distance between the outermost hundredths of places
MOST_CATEGORIES = 60
NO_DATE = ("no column is a date",)

ORDER = {name: place for place, name in enumerate((*BASE_COLUMNS, "point", "x", "y"))}
_DERIVED = frozenset({
    "year", "month", "day", "week", "hour", "minute", "lat", "lon", "x", "y", "point", "location",
    "address", "street", "tech", "date", "time", "mercator",
})  # fmt: skip
"""Meanings of columns that say again what a field says."""


def document(
    found: Assignment, columns: Sequence[SurveyedColumn], context: Context
) -> dict[str, Any]:
    """Keys and tables of the source file, in the order of docs/sources.md."""
    whole: dict[str, Any] = {
        "name": source_name(context.name),
        "title": context.title or context.name,
        "timezone": context.timezone,
        "unit_of_count": context.unit_of_count or "row (say what one row of the file is)",
        "verified": False,
        **_precision(found),
        **({} if "id" in found.fields else {"missing_id": "content"}),
        **context.file_keys,
    }
    if any(column.decimal == "," for column in columns):
        whole["decimal"] = ","
    tables = {
        "columns": _columns(found, context),
        "dates": _dates(found, context),
        "flags": _flags(found),
        "padding": _padding(found),
        "empty": _empty(found),
        "coordinates": _coordinates(found, context),
        "attributes": _attributes(found),
        "missing": _missing(found, context),
    }
    return {**whole, **{name: table for name, table in tables.items() if table}}


def source_name(file_name: str) -> str:
    """The source's name, from that of the file."""
    return slug(file_name.split(".", maxsplit=1)[0])


def slug(text: str) -> str:
    """Turn a text into a valid name of a source or an attribute."""
    name = re.sub(r"[^a-z0-9]+", "_", plain(text)).strip("_")
    return (name if name[:1].isalpha() else f"source_{name}".rstrip("_"))[:40].rstrip("_")


def without(whole: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """The document without a key that is not valid, such as `dates.reported.formats`.

    None if there is nothing that could be left out.
    """
    table, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    if table not in whole or table in ("name", "title", "timezone", "unit_of_count"):
        return None
    if (table, name) == ("columns", "occurred_from"):
        none = {**whole[table], name: [*NO_DATE]}
        return None if whole[table] == none else {**whole, table: none}
    if not name or not isinstance(whole[table], Mapping):
        return {one: value for one, value in whole.items() if one != table}
    left = {one: value for one, value in whole.items() if one != table}
    left[table] = {one: value for one, value in whole[table].items() if one != name}
    if name not in whole[table] or not left[table]:
        del left[table]
    if (table, name) == ("columns", "id"):
        left["missing_id"] = "content"
    if table in ("dates", "flags") and name in left.get("columns", {}):
        left["columns"] = {one: value for one, value in left["columns"].items() if one != name}
    return left


def _precision(found: Assignment) -> dict[str, str]:
    column = found.column("occurred_from")
    if column is None:
        timed = not found.parts or "hour" in found.parts
        return {} if timed else {"precision": "day"}
    if column.only_months:
        return {"precision": "month"}
    timed = column.has_clock or "occurred_from" in found.clocks or column.dates is None
    return {} if timed else {"precision": "day"}


def _columns(found: Assignment, context: Context) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if found.parts:
        columns["occurred_from"] = {part: [one.column.name] for part, one in found.parts.items()}
    elif "occurred_from" not in found.fields:
        columns["occurred_from"] = [*NO_DATE]
    for name in sorted(found.fields, key=ORDER.__getitem__):
        column = found.fields[name].column
        if name in ("x", "y") and context.crs is None:
            continue
        clock = found.clocks.get(name)
        columns[name] = (
            {"date": [column.name], "time": [clock.column.name]} if clock else [column.name]
        )
    return columns


def _dates(found: Assignment, context: Context) -> dict[str, Any]:
    """The keys of `occurred_from` for all dates, then keys of dates that differ."""
    usual = _date_keys(found, "occurred_from", context)
    table = dict(usual)
    if context.first_day is not None and context.first_day.date() < EARLIEST:
        table["earliest"] = date(context.first_day.year // 10 * 10, 1, 1)
    for name in found.fields:
        own = _date_keys(found, name, context)
        differing = {key: value for key, value in own.items() if usual.get(key) != value}
        if differing:
            table[name] = differing
    return table


def _date_keys(found: Assignment, name: str, context: Context) -> dict[str, Any]:
    """Keys and values of one date's format."""
    column, clock = found.column(name), found.clocks.get(name)
    if column is None or column.dates is None or not column.dates.formats:
        return {}
    keys: dict[str, Any] = {"formats": list(column.dates.formats)}
    if column.dates.zones:
        keys["ignore_zone"] = context.local_zones or not column.has_clock
    elif context.utc and column.has_clock:
        keys["utc"] = True
    elif context.local_zones or context.utc:
        keys["ignore_zone"] = False
    if clock is not None and clock.column.times is not None:
        keys["time_formats"] = list(clock.column.times.formats)
    return keys


def _flags(found: Assignment) -> dict[str, Any]:
    flags = {}
    for name in ("arrest", "domestic"):
        column = found.column(name)
        if column is not None:
            flags[name] = _flag_words(column)
    return flags


def _flag_words(column: SurveyedColumn) -> dict[str, Any]:
    """Words that mean yes and no; of a status, those that speak of an arrest."""
    if column.flag:
        known = value_words("true")
        true = sorted(word for word in column.words if plain(word) in known)
        false = sorted(word for word in column.words if plain(word) not in known)
        return {key: words for key, words in (("true", true), ("false", false)) if words}
    known = value_words("arrest")
    true = sorted(text for text in column.distinct if _speaks_of(text, known))
    return {"true": true, "false": "*"}


def _speaks_of(text: str, known: frozenset[str]) -> bool:
    denied = {"not", "no", "non", "kein", "keine", "sin", "geen", "sans"}
    words = {*words_of(text)}
    found = words & known or (not text.isascii() and any(word in text for word in known))
    return bool(found) and not words & denied


def _padding(found: Assignment) -> dict[str, int]:
    widths = {}
    for name in KEYS:
        column = found.column(name)
        if column is not None:
            lengths = {len(value) for value in column.distinct}
            if len(lengths) == 1 and any(value.startswith("0") for value in column.distinct):
                widths[name] = lengths.pop()
    return widths


def _empty(found: Assignment) -> dict[str, list[str]]:
    """Words for unknown, such as NULL, that stand in the columns of fields."""
    known = value_words("empty")
    columns = [one.column for one in found.fields.values()] + found.left
    words = {text for column in columns for text in column.distinct if text.lower() in known}
    return {"all": sorted(words)} if words else {}


def _coordinates(found: Assignment, context: Context) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    point = found.column("point")
    if point is not None:
        keys["point"] = point_kind(point) or "wkt"
    if "x" in found.fields and context.crs is not None:
        keys["crs"] = context.crs
    if context.bounds is not None:
        keys["placeholders"] = [[0, 0]]
        keys["bounds"] = _with_margin(context.bounds)
    return keys


def _with_margin(bounds: Bounds) -> list[float]:
    west, south, east, north = bounds
    wide = max(LEAST_MARGIN_DEGREES, MARGIN_SHARE * (east - west))
    high = max(LEAST_MARGIN_DEGREES, MARGIN_SHARE * (north - south))
    outer = (west - wide, south - high, east + wide, north + high)
    return [
        round(max(low, edge) if low < 0 else min(low, edge), 2)
        for edge, low in zip(outer, WORLD, strict=True)
    ]


def _attributes(found: Assignment) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    taken = set(reserved_attributes(INCIDENTS))
    for column in found.left:
        name = slug(column.name)
        if len(attributes) < MAX_ATTRIBUTES and name not in taken and _is_category(column):
            taken.add(name)
            attributes[name] = {"kind": "category", "column": [column.name]}
            if re.search(r"[^\x00-\x7f]", column.name):
                attributes[name]["label"] = column.name
    return attributes


def _is_category(column: SurveyedColumn) -> bool:
    few = 2 <= len(column.distinct) <= MOST_CATEGORIES
    repeats = len(column.values) >= 4 * len(column.distinct)
    derived = frozenset().union(*meanings(column.name)) & _DERIVED
    return few and repeats and not derived and not column.is_date and not column.is_time


def _missing(found: Assignment, context: Context) -> dict[str, str]:
    mapped = {*found.fields, *(["occurred_from"] if found.parts else [])}
    absent = {
        name: "The file has no such column."
        for name in BASE_COLUMNS
        if name not in mapped and name not in ("id", "occurred_from", "lat", "lon")
    }
    if not {"lat", "point"} & mapped and not ("x" in mapped and context.crs):
        absent["place"] = "The file has no latitude and longitude."
    return absent
