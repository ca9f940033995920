"""Parse a selection's text into clauses; messages say what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any
from urllib.parse import unquote_plus

from analytics.crossfilter.clauses import (
    Cells,
    Choice,
    Clause,
    CustomAreas,
    Hours,
    HourWeekdays,
    Labels,
    Near,
    Period,
    Polygon,
    Span,
    Weekdays,
    Words,
)
from analytics.crossfilter.dimensions import (
    ATTRIBUTE_NAME,
    DIMENSIONS,
    LABEL_MODEL,
    STORED,
    Kind,
    dimension,
)
from analytics.crossfilter.relative_dates import EXAMPLES, month_of, read_relative
from analytics.errors import InputError
from analytics.formats import FOOT_M, MILE_M
from analytics.incidents.model import UNKNOWN
from analytics.near_name import near_name

MAX_TEXT = 40_000
MAX_WORD = 200
_NUMBER = r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?"
_SPAN = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LABEL = re.compile(
    rf"\s*({LABEL_MODEL})@([0-9]{{1,9}}):(.+)", re.ASCII | re.IGNORECASE | re.DOTALL
)
_AREA = re.compile(r"\s*([0-9a-f]{10})\s*", re.ASCII | re.IGNORECASE)
_YEARS = range(1900, 2201)


def read_text(text: str, attributes: Collection[str] | None = None) -> dict[str, Clause]:
    """Parse clauses by dimension. Without `attributes`, any well-formed name is accepted as one.

    Raises
    ------
    InputError
        A part is not valid; the message names it and what is allowed there.
    """
    clauses, unreadable = read_parts(text, attributes)
    for error in unreadable.values():
        raise error
    return clauses


def read_parts(
    text: str, attributes: Collection[str] | None = None
) -> tuple[dict[str, Clause], dict[str, InputError]]:
    """Parse clauses by dimension; returns unreadable parts with their errors as well."""
    text = text.strip().removeprefix("?")
    clauses: dict[str, Clause] = {}
    unreadable: dict[str, InputError] = {}
    if len(text) > MAX_TEXT:
        message = f"A selection has at most {MAX_TEXT:,} characters, not {len(text):,}."
        return clauses, {text: InputError(message)}
    for part in filter(str.strip, text.split("&")):
        try:
            name, raw = _name_and_value(part, attributes)
            if name in clauses:
                raise InputError(f"{name} is given twice; separate its values with commas.")
            clauses[name] = read_raw(name, raw)
        except InputError as error:
            unreadable[part] = error
    return clauses, unreadable


def shown(text: str) -> str:
    """Quote a text from outside, shortened and safe to print."""
    return ascii(text if len(text) <= 60 else text[:57] + "...") if _odd(text) else f'"{text[:60]}"'


def read_raw(name: str, raw: str) -> Clause:
    """Parse the clause of one dimension from the encoded text after its equals sign."""
    raw = raw.strip()
    if not raw:
        raise InputError(f"{name}= has no value; leave it out to choose all.")
    kind = dimension(name).kind
    if kind is Kind.ATTRIBUTE and (span := _SPAN.fullmatch(raw)):
        low, high = (None if end is None else _float(end) for end in span.groups())
        return _about(name, lambda: Span(low, high))
    if kind in (Kind.WORDS, Kind.FLAG, Kind.ATTRIBUTE, Kind.LABELS):
        return read_keys(name, [unquote_plus(key) for key in raw.split(",")])
    decoded = unquote_plus(raw)
    if kind in (Kind.POLYGON, Kind.NEAR):
        return read_keys(name, [decoded])
    return read_keys(name, decoded.split(","))


def read_keys(name: str, keys: Sequence[Any]) -> Clause:
    """Parse the clause of one dimension from decoded keys, such as the bins of a view.

    None means unknown; numbers are converted to text.
    """
    texts = [UNKNOWN if key is None else str(key) for key in keys]
    reader = _READERS[dimension(name).kind]
    return _about(name, lambda: reader(name, texts))


def check_name(name: str, attributes: Collection[str] | None = None) -> str:
    """Check that a name is a dimension or a further attribute, and return it.

    Raises
    ------
    InputError
        It is neither; the message suggests the closest name, or lists all.
    """
    known = [*DIMENSIONS, *(attributes or ())]
    if name in known or (attributes is None and ATTRIBUTE_NAME.fullmatch(name)):
        return name
    near = near_name(name, known)
    hint = f"did you mean {near}?" if near else f"choose from {', '.join(known)}."
    raise InputError(f"Dimension not found: {shown(name)}; {hint}")


def _name_and_value(part: str, attributes: Collection[str] | None) -> tuple[str, str]:
    name, equals, raw = part.partition("=")
    name = unquote_plus(name).strip().lower()
    if name == STORED:
        raise InputError(
            f"{shown(part)} names a stored selection, which only the app that stored it can "
            "look up. Open it there, or give the selection itself."
        )
    if not equals:
        raise InputError(
            f"{shown(part)} is not a valid filter; write dimension=value, such as type=ROBBERY."
        )
    return check_name(name, attributes), raw


def _about(name: str, read: Callable[[], Clause]) -> Clause:
    """Add the dimension and an example to an error message."""
    try:
        return read()
    except InputError as error:
        raise InputError(f"{name}: {error} Example: {dimension(name).example}") from error


def _words(name: str, texts: Sequence[str]) -> Choice:
    allowed = dimension(name).allowed
    if allowed:
        texts = [text.strip().lower() for text in texts]
    for text in texts:
        _check_word(text)
        if allowed and text not in allowed:
            raise InputError(f"{shown(text)} is not one of {', '.join(allowed)}.")
    return Words(tuple(texts))


def _check_word(text: str) -> None:
    if not text.strip():
        raise InputError("a value is empty.")
    if len(text) > MAX_WORD or any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in text):
        raise InputError(f"{shown(text)} is not a valid value.")


def _hours(_name: str, texts: Sequence[str]) -> Choice:
    keys: list[int | None] = []
    for text in texts:
        if _is_unknown(text):
            keys.append(None)
            continue
        ends = re.fullmatch(r"\s*([0-9]{1,2})(?:\s*-\s*([0-9]{1,2}))?\s*", text)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (24, 24)
        if first > 23 or last > 23:
            raise InputError(f"{shown(text)} is not a valid hour; hours are 0 to 23, or unknown.")
        keys += [(first + step) % 24 for step in range((last - first) % 24 + 1)]
    return Hours(tuple(keys))


def _weekdays(_name: str, texts: Sequence[str]) -> Choice:
    return Weekdays(tuple(_part(text, 1, 7, "weekday; 1 is Monday, 7 is Sunday") for text in texts))


def _hour_weekdays(_name: str, texts: Sequence[str]) -> Choice:
    keys = []
    for text in texts:
        weekday, dash, hour = text.partition("-")
        if not dash:
            raise InputError(f"{shown(text)} is not a valid weekday-hour.")
        keys.append(
            (_part(weekday, 1, 7, "weekday (1 to 7)"), _part(hour, 0, 23, "hour (0 to 23)"))
        )
    return HourWeekdays(tuple(keys))


def _part(text: str, low: int, high: int, what: str) -> int | None:
    if _is_unknown(text):
        return None
    if not re.fullmatch(r"\s*[0-9]{1,2}\s*", text) or not low <= int(text) <= high:
        raise InputError(f"{shown(text)} is not a valid {what}.")
    return int(text)


def _cells(_name: str, texts: Sequence[str]) -> Choice:
    keys: list[tuple[int, int, int] | None] = []
    for text in texts:
        if _is_unknown(text):
            keys.append(None)
            continue
        match = re.fullmatch(r"\s*([0-9]{1,5}):(-?[0-9]{1,7})_(-?[0-9]{1,7})\s*", text)
        if not match:
            raise InputError(f"{shown(text)} is not a valid cell; write size in meters:column_row.")
        keys.append((cell_size(match[1]), int(match[2]), int(match[3])))
    return Cells(tuple(keys))


def _labels(name: str, texts: Sequence[str]) -> Choice:
    keys: list[tuple[str, int, str] | None] = []
    for text in texts:
        if _is_unknown(text):
            keys.append(None)
            continue
        _check_word(text)
        match = _LABEL.fullmatch(text)
        if not match or not match[3].strip():
            raise InputError(f"{shown(text)} is not a valid label; write model@version:label.")
        keys.append((dimension(name).models + match[1].lower(), int(match[2]), match[3]))
    return Labels(tuple(keys))


def cell_size(text: str) -> int:
    """Side of a fishnet cell in meters, 10 to 50,000."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 10 <= int(text) <= 50_000:
        raise InputError(f"{shown(text)} is not a valid cell size; it is 10 to 50000 meters.")
    return int(text)


def _polygon(_name: str, texts: Sequence[str]) -> Clause:
    vertices = []
    for vertex in _single(texts).split(";"):
        parts = vertex.split(",")
        if len(parts) != 2:
            raise InputError(
                f"{shown(vertex)} is not a valid corner; write lat,lon;lat,lon;lat,lon."
            )
        vertices.append((_float(parts[0]), _float(parts[1])))
    return Polygon(tuple(vertices))


def _near(_name: str, texts: Sequence[str]) -> Clause:
    parts = _single(texts).split(",")
    if len(parts) != 3:
        raise InputError(f"{shown(texts[0])} is not a valid place; write lat,lon,meters.")
    distance = _DISTANCE.fullmatch(parts[2].strip().lower())
    if distance is None:
        raise InputError(
            f"{shown(parts[2])} is not a valid distance; write a number of m, km, ft or mi."
        )
    number, unit = distance.groups()
    return Near(_float(parts[0]), _float(parts[1]), round(_float(number) * _UNITS_M[unit or "m"]))


_UNITS_M = {
    **dict.fromkeys(("m", "meter", "meters"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometers"), 1_000.0),
    **dict.fromkeys(("ft", "foot", "feet"), FOOT_M),
    **dict.fromkeys(("mi", "mile", "miles"), MILE_M),
}
_DISTANCE = re.compile(rf"([-+.0-9]+)\s*({'|'.join(_UNITS_M)})?")


def _custom_areas(_name: str, texts: Sequence[str]) -> Choice:
    keys = []
    for text in texts:
        match = _AREA.fullmatch(text)
        if not match:
            raise InputError(f"{shown(text)} is not the id of a custom area.")
        keys.append(match[1].lower())
    return CustomAreas(tuple(keys))


def _period(_name: str, texts: Sequence[str]) -> Clause:
    periods = [_one_period(text.strip()) for text in texts]
    if len(periods) > 1 and any(period.relative for period in periods):
        raise InputError("a relative period cannot be combined with others.")
    period = periods[0]
    for other in periods[1:]:
        period = period.hull(other)
    return period


def _one_period(text: str) -> Period:
    if relative := read_relative(text):
        return Period(relative=relative)
    if re.fullmatch(r"[0-9]{4}", text):
        return Period(_day(f"{text}-01-01"), _day(f"{text}-12-31"))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        return Period(*month_of(_day(f"{text}-01")))
    if re.fullmatch(_DATE, text):
        return Period(_day(text), _day(text))
    if (match := re.fullmatch(rf"({_DATE})?\.\.({_DATE})?", text)) and text != "..":
        first, last = (_day(end) if end else None for end in match.groups())
        return Period(first, last)
    raise InputError(
        f"{shown(text)} is not a valid period; write 2017-03-05, 2017-03, 2017, "
        f"2017-01-01..2017-12-31, 2017-01-01.., {EXAMPLES}."
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise InputError(f"{shown(text)} is not a valid day from {_YEARS[0]} to {_YEARS[-1]}.")
    return day


def _float(text: str) -> float:
    if not re.fullmatch(rf"\s*{_NUMBER}\s*", text):
        raise InputError(f"{shown(text)} is not a valid number.")
    return round(float(text), 6) + 0.0


def _single(texts: Sequence[str]) -> str:
    if len(texts) != 1:
        raise InputError("only one can be chosen.")
    return texts[0]


def _is_unknown(text: str) -> bool:
    return text.strip().lower() == UNKNOWN


def _odd(text: str) -> bool:
    return len(text) > 60 or not text.isprintable()


_READERS: dict[Kind, Callable[[str, Sequence[str]], Clause]] = {
    Kind.WORDS: _words,
    Kind.FLAG: _words,
    Kind.ATTRIBUTE: _words,
    Kind.HOURS: _hours,
    Kind.WEEKDAYS: _weekdays,
    Kind.HOUR_WEEKDAYS: _hour_weekdays,
    Kind.PERIOD: _period,
    Kind.CELLS: _cells,
    Kind.POLYGON: _polygon,
    Kind.NEAR: _near,
    Kind.CUSTOM_AREAS: _custom_areas,
    Kind.LABELS: _labels,
}
