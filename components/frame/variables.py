"""One table of label, unit and colour per variable; every view reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from analytics.incidents.model import UNKNOWN
from components.frame.theme import Theme, colour

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DASH = "–"
MINUS = "−"


@dataclass(frozen=True)
class Variable:
    """How a dimension is named: in a title, for one value, for several."""

    label: str
    one: str
    many: str


VARIABLES: dict[str, Variable] = {
    "type": Variable("Crime type", "type", "types"),
    "group": Variable("Group", "group", "groups"),
    "description": Variable("Description", "description", "descriptions"),
    "location_type": Variable("Location type", "location type", "location types"),
    "district": Variable("District", "district", "districts"),
    "beat": Variable("Beat", "beat", "beats"),
    "ward": Variable("Ward", "ward", "wards"),
    "area": Variable("Community area", "community area", "community areas"),
    "hour": Variable("Hour", "hour", "hours"),
    "weekday": Variable("Weekday", "weekday", "weekdays"),
    "hour_weekday": Variable("Hour and weekday", "hour of the week", "hours of the week"),
    "shift": Variable("Shift", "shift", "shifts"),
    "date": Variable("Date", "day", "days"),
    "cell": Variable("Map cell", "cell", "cells"),
    "arrest": Variable("Arrest", "answer", "answers"),
    "domestic": Variable("Domestic", "answer", "answers"),
    "heaped": Variable("Heaped times", "answer", "answers"),
    "default_address": Variable("Default addresses", "answer", "answers"),
}


@dataclass(frozen=True)
class Measure:
    """What is counted or summed, and its unit."""

    label: str
    one: str
    many: str


MEASURES: dict[str, Measure] = {
    "incidents": Measure("Incidents", "incident", "incidents"),
    "harm": Measure("Harm", "day of harm", "days of harm"),
    "arrests": Measure("Arrests", "arrest", "arrests"),
    "arrest_share": Measure("Arrest share", "% with an arrest", "% with an arrest"),
    "share": Measure("Share there", "% of all there", "% of all incidents there"),
}

_VALUES: dict[str, dict[str, str]] = {
    "arrest": {"yes": "Arrest made", "no": "No arrest", UNKNOWN: "Unknown"},
    "domestic": {"yes": "Domestic", "no": "Not domestic", UNKNOWN: "Unknown"},
    "heaped": {"yes": "Heaped", "no": "Not heaped"},
    "default_address": {"yes": "Default", "no": "Elsewhere"},
}

# Okabe & Ito 2008; black and yellow left out: one vanishes on dark, the other on white.
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7")
_CATEGORIES: dict[str, int] = {
    "violent": 3,
    "property": 0,
    "theft": 0,
    "battery": 3,
    "criminal damage": 1,
    "narcotics": 2,
    "assault": 5,
    "burglary": 4,
    "society": 2,
    "other": -1,
}


def category_colour(value: str, theme: Theme) -> str:
    """Colour of a crime type or group: the same on every page, grey for all that have none."""
    index = _CATEGORIES.get(value.casefold(), -1)
    return colour(theme, "unknown") if index < 0 else OKABE_ITO[index]


def dimension_label(dimension: str, attributes: Mapping[str, str] | None = None) -> str:
    """Title of a dimension; further attributes bring their own labels."""
    if dimension in VARIABLES:
        return VARIABLES[dimension].label
    return (attributes or {}).get(dimension) or sentence_case(dimension.replace("_", " "))


def value_label(dimension: str, key: str, labels: Mapping[str, str] | None = None) -> str:
    """A selection word as a person reads it: `THEFT` → Theft, weekday `5` → Fri."""
    if labels and key in labels:
        return labels[key]
    if key in _VALUES.get(dimension, {}):
        return _VALUES[dimension][key]
    if key == UNKNOWN:
        return "Unknown"
    if dimension == "weekday" and key.isdigit():
        return WEEKDAYS[int(key) - 1]
    if dimension == "hour" and key.isdigit():
        return f"{int(key):02d} h"
    return sentence_case(key)


def sentence_case(text: str) -> str:
    """Shouted labels are calmed, others only get a capital first letter."""
    calm = text.lower() if text.isupper() else text
    return calm[:1].upper() + calm[1:]


def number(value: float | None, decimals: int = 0) -> str:
    """`1,234` or `12.3`; a dash where there is none."""
    return DASH if value is None else f"{value:,.{decimals}f}"


def share(part: float | None, decimals: int = 1) -> str:
    """`12.3 %` of a share from 0 to 1; a dash where there is none."""
    return DASH if part is None else f"{100 * part:,.{decimals}f} %"


def quantity(value: float, measure: str = "incidents") -> str:
    """`1,204 incidents`, `1 incident`."""
    words = MEASURES[measure]
    if measure == "arrest_share":
        return f"{100 * value:,.1f} {words.many}"
    return f"{value:,.0f} {words.one if value == 1 else words.many}"


def harm_share(crime: str, days: float, of: float) -> str:
    """`20 % of the harm is theft`: of days of sentence, which is not its share of incidents."""
    return f"{share(days / of, 0)} of the harm is {value_label('type', crime).lower()}"


def short_date(day: date) -> str:
    """`3 Mar 2017`."""
    return f"{day.day} {day:%b %Y}"


def moment(when: datetime) -> str:
    """`21 Nov 2026, 14:58 UTC`."""
    return f"{short_date(when.date())}, {when:%H:%M} UTC"


def month_name(month: str) -> str:
    """`2017-03` → `Mar 2017`."""
    return f"{date.fromisoformat(month + '-01'):%b %Y}"


def listing(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last
