"""What the values of a column look like, and how well they suit each field.

Each function gives 0 (cannot be) to 1 (just like it). Names are judged in `column_meanings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from analytics.ingest.column_meanings import means, value_words, words_of
from analytics.ingest.survey import SurveyedColumn

MOST_LABELS = 600
"""Distinct values above which a column is not one of labels."""
ENOUGH_REPEATS = 3
CITY_DEGREES = 12.0
"""Largest spread of the places of one agency: a whole country fits."""
MOST_REPEATED_IDS = 0.02
LEAST_TOLD = 0.01
LEAST_END = 4  # letters of a word that ends a compound, such as Hauptstrasse

POINT_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "wkt": re.compile(r"(?i)(?:SRID=\d+;)?POINT ?Z? ?\(\s*[-+.\d]+ +[-+.\d]+"),
    "wkb": re.compile(r"(?i)01010000(?:20[0-9a-f]{8}|00)[0-9a-f]{32}$|00[02]0000001[0-9a-f]{32,}$"),
    "pair": re.compile(r".*?([-+]?\d{1,3}\.\d{2,})\s*[,;]\s*([-+]?\d{1,3}\.\d{2,})\W*$", re.DOTALL),
}
_SERIAL = re.compile(r".*[^\W\d]|\d{6}")  # letters among the digits, or many digits
_FINE = re.compile(r"-?\d*[.,]\d{3,}$")
_LETTERS = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"\d")
_CROSSING = re.compile(r"\s[/&\\@]\s|\bx\b")
_NIBRS = re.compile(r"\d\d[A-Z]?$|\d{3}$|\d{2}[A-Z]$|\d{3}[A-Z]$")
_CODE = re.compile(r"\w[\w ./:()§-]{0,14}$")
_ID = re.compile(r"[\w./#: -]{1,40}$")


def suits(column: SurveyedColumn, field: str) -> float:
    """How well a column's values suit a field."""
    judge = _JUDGES.get(field)
    return judge(column) if judge is not None and column.values else 0.0


def tells(column: SurveyedColumn, field: str) -> float:
    """How sure values alone, whatever the name, make a field."""
    distinctive = _DISTINCTIVE.get(field)
    return distinctive(column) if distinctive is not None and column.values else 0.0


def word_share(column: SurveyedColumn, kind: str) -> float:
    """Share of the values that have a word of a kind, by distinct value and by row."""
    known = value_words(kind)
    holds = {text: _holds(text, known) for text in column.distinct}
    by_text = sum(holds.values()) / max(1, len(holds))
    by_row = sum(rows for text, rows in column.distinct.items() if holds[text])
    return (by_text + by_row / max(1, len(column.values))) / 2


def point_kind(column: SurveyedColumn) -> str | None:
    """How a column writes points, as under `coordinates.point`; None if it has none."""
    for kind, pattern in POINT_PATTERNS.items():
        if column.share(pattern) >= 0.9:
            return kind if kind != "pair" else _pair_order(column)
    return None


def is_sequence(column: SurveyedColumn) -> bool:
    """Whether the numbers only count the rows of the file."""
    numbers = column.numbers
    if len(numbers) < len(column.cells) or len(numbers) < 3:
        return False
    steps = {round(after - before, 6) for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps != {0.0} and min(abs(numbers[0]), abs(numbers[-1])) <= 1


def outer(column: SurveyedColumn) -> tuple[float, float]:
    """The 2nd and 98th percentile of a column's numbers other than 0."""
    numbers = sorted(number for number in column.numbers if number) or [0.0]
    last = len(numbers) - 1
    return numbers[round(0.02 * last)], numbers[round(0.98 * last)]


def has_fractions(column: SurveyedColumn) -> bool:
    """Whether most numbers have three decimals or more, as coordinates do and amounts do not."""
    return bool(column.numbers) and column.share(_FINE) >= 0.5


def _holds(text: str, known: frozenset[str]) -> bool:
    """Whether a text has one of the words, alone or as the end of a compound."""
    words = words_of(text)
    if any(word in known for word in words):
        return True
    ends = tuple(word for word in known if len(word) >= LEAST_END)
    foreign = () if text.isascii() else [word for word in known if not word.isascii()]
    return any(word.endswith(ends) for word in words) or any(word in text for word in foreign)


def _pair_order(column: SurveyedColumn) -> str:
    pairs = [
        found.groups() for text in column.values if (found := POINT_PATTERNS["pair"].match(text))
    ]
    beyond = sum(abs(float(first)) > 90 or float(second) < -60 for first, second in pairs[:500])
    reverse = sum(abs(float(second)) > 90 or float(first) < -60 for first, second in pairs[:500])
    return "lon, lat" if beyond > reverse else "lat, lon"


def _labels(column: SurveyedColumn) -> bool:
    """Whether values repeat as labels do."""
    distinct = len(column.distinct)
    few = len(column.values) <= 50 and distinct < len(column.values)
    return distinct <= MOST_LABELS and (few or len(column.values) >= ENOUGH_REPEATS * distinct)


def _lettered(column: SurveyedColumn) -> float:
    return column.share(_LETTERS, anywhere=True)


def _id(column: SurveyedColumn) -> float:
    if column.is_date or column.share(_ID) < 0.9 or _measured(column):
        return 0.0
    if column.repeated is None or column.repeated > MOST_REPEATED_IDS * (column.filled or 0):
        return 0.0
    filled = len(column.values) / max(1, len(column.cells))
    if filled < 0.98:
        return 0.0
    return (1.0 if not column.repeated else 0.85) * (0.8 if is_sequence(column) else 1.0)


def _measured(column: SurveyedColumn) -> bool:
    """Whether numbers are measured, as coordinates are."""
    return bool(column.numbers) and any(number != round(number) for number in column.numbers)


def _case_number(column: SurveyedColumn) -> float:
    if column.is_date or column.share(_ID) < 0.9 or _measured(column):
        return 0.0
    spread = len(column.distinct) / max(1, len(column.values))
    return 0.0 if spread < 0.3 or is_sequence(column) else min(1.0, 0.5 + spread / 2)


def _date(column: SurveyedColumn) -> float:
    if column.dates is None or not column.dates.formats:
        return 0.0
    share = 1 - column.dates.unread_rows / max(1, column.dates.rows)
    return share if share >= 0.5 else 0.0


def _first_date(column: SurveyedColumn) -> float:
    filled = len(column.values) / max(1, len(column.cells))
    return _date(column) * (0.5 + 0.5 * filled)


def _offense(column: SurveyedColumn) -> float:
    if column.is_date or _lettered(column) < 0.7 or column.flag:
        return 0.0
    share = word_share(column, "offense")
    known = 0.3 + 0.7 * min(1.0, 1.6 * share)
    if len(column.distinct) == 1:
        return 0.5 if share else 0.0
    return known if _labels(column) else 0.5 * known


def _code(column: SurveyedColumn) -> float:
    if column.is_date or not _labels(column) or column.flag:
        return 0.0
    digits = column.share(re.compile(r"\d"), anywhere=True)
    return column.share(_CODE) * (0.4 + 0.6 * digits) if len(column.distinct) > 1 else 0.0


def _fbi_code(column: SurveyedColumn) -> float:
    return column.share(_NIBRS) if _labels(column) else 0.0


def _location_type(column: SurveyedColumn) -> float:
    if column.is_date or _lettered(column) < 0.7 or not _labels(column) or column.flag:
        return 0.0
    return 0.4 + 0.6 * min(1.0, 1.5 * word_share(column, "place"))


def _block(column: SurveyedColumn) -> float:
    if column.is_date or _lettered(column) < 0.6 or len(column.distinct) < 5:
        return 0.0
    if point_kind(column) is not None:
        return 0.0
    return 0.4 + 0.6 * max(_address_share(column), 0.7 * word_share(column, "road"))


def _address_share(column: SurveyedColumn) -> float:
    roads = value_words("road")
    found = sum(
        rows
        for text, rows in column.distinct.items()
        if _holds(text, roads)
        and (_ADDRESS.search(text) or _CROSSING.search(text))
        and (" " in text or not text.isascii())
    )
    return found / max(1, len(column.values))


def _arrest(column: SurveyedColumn) -> float:
    if column.flag:
        return 1.0
    words = word_share(column, "arrest")
    return 0.8 if 0 < words < 1 and _labels(column) and len(column.distinct) <= 40 else 0.0


def _flag(column: SurveyedColumn) -> float:
    return 1.0 if column.flag else 0.0


def _area(column: SurveyedColumn) -> float:
    if column.is_date or has_fractions(column) or column.flag:
        return 0.0
    distinct, rows = len(column.distinct), len(column.values)
    if (distinct > rows / 2 and rows > 50) or distinct > 3_000:
        return 0.0
    return 0.9 if distinct > 1 else 0.5


def _named_area(column: SurveyedColumn) -> float:
    return _area(column) * (0.8 + 0.2 * _lettered(column))


def _coordinate(limit: float) -> Callable[[SurveyedColumn], float]:
    def judge(column: SurveyedColumn) -> float:
        low, high = outer(column)
        if not _measured(column) or low < -limit or high > limit:
            return 0.0
        if not has_fractions(column):
            return 0.5  # kilometers at best
        return 1.0 if high - low <= CITY_DEGREES else 0.6

    return judge


def _projected(column: SurveyedColumn) -> float:
    if not column.numbers:
        return 0.0
    low, high = outer(column)
    return 1.0 if max(abs(low), abs(high)) > 1_000 else 0.0


def _point(column: SurveyedColumn) -> float:
    return 1.0 if point_kind(column) is not None else 0.0


def _part(low: int, high: int) -> Callable[[SurveyedColumn], float]:
    def judge(column: SurveyedColumn) -> float:
        numbers = column.numbers
        return 1.0 if numbers and low <= min(numbers) and max(numbers) <= high else 0.0

    return judge


_JUDGES: Mapping[str, Callable[[SurveyedColumn], float]] = {
    "id": _id,
    "case_number": _case_number,
    "occurred_from": _first_date,
    "occurred_to": _date,
    "reported": _date,
    "updated": _date,
    "type": _offense,
    "description": _offense,
    "code": _code,
    "fbi_code": _fbi_code,
    "location_type": _location_type,
    "block": _block,
    "arrest": _arrest,
    "domestic": _flag,
    "district": _area,
    "beat": _area,
    "ward": _area,
    "area": _named_area,
    "lat": _coordinate(90),
    "lon": _coordinate(180),
    "x": _projected,
    "y": _projected,
    "point": _point,
    "year": _part(1970, 2100),
    "day": _part(1, 31),
    "hour": _part(0, 24),
    "minute": _part(0, 59),
}


def _tells_id(column: SurveyedColumn) -> float:
    coded = not is_sequence(column) and _id(column) == 1.0 and column.share(_SERIAL) >= 0.9
    return 0.3 if coded and len(column.values) >= 50 else 0.0


def _tells_offense(column: SurveyedColumn) -> float:
    share = word_share(column, "offense") if _labels(column) and not column.flag else 0.0
    return 0.55 if share >= 0.4 and not column.is_date else 0.0


def _tells_place(column: SurveyedColumn) -> float:
    places, offenses = (word_share(column, kind) for kind in ("place", "offense"))
    return 0.4 if _location_type(column) and places >= 0.6 > 2 * offenses else 0.0


def _tells_address(column: SurveyedColumn) -> float:
    return 0.45 if _block(column) and _address_share(column) >= 0.7 else 0.0


def _tells_lat(column: SurveyedColumn) -> float:
    low, high = outer(column)
    fits = _JUDGES["lat"](column) == 1.0 and low >= -60 and high <= 72
    return 0.36 if fits and low > 0 else 0.32 if fits else LEAST_TOLD * _JUDGES["lon"](column)


def _tells_lon(column: SurveyedColumn) -> float:
    low, high = outer(column)
    fits = _JUDGES["lon"](column) == 1.0
    return 0.4 if fits and (low < -60 or high > 72) else 0.32 if fits else 0.0


def _tells_projected(column: SurveyedColumn) -> float:
    measured = has_fractions(column) or means(column.name, "coordinate")
    return 0.32 * _projected(column) if measured else 0.0


def _tells_date(column: SurveyedColumn) -> float:
    return 0.45 * _first_date(column)


_DISTINCTIVE: Mapping[str, Callable[[SurveyedColumn], float]] = {
    "id": _tells_id,
    "type": _tells_offense,
    "description": lambda column: 0.9 * _tells_offense(column),
    "location_type": _tells_place,
    "block": _tells_address,
    "occurred_from": _tells_date,
    "lat": _tells_lat,
    "lon": _tells_lon,
    "x": _tells_projected,
    "y": _tells_projected,
    "point": lambda column: 0.5 * _point(column),
}
