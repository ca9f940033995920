"""Labels, units and colors of variables, for every view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from analytics.formats import hour_name, month_year, number, percent, short_weekday
from analytics.incidents.model import UNKNOWN
from analytics.whole_number import whole_number
from components.frame.theme import Theme, color


@dataclass(frozen=True)
class Variable:
    """Names of a dimension: in a title, for one value, for several."""

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
    "block": Variable("Block", "block", "blocks"),
    "area": Variable("Community area", "community area", "community areas"),
    "hour": Variable("Hour", "hour", "hours"),
    "weekday": Variable("Weekday", "weekday", "weekdays"),
    "hour_weekday": Variable("Hour and weekday", "hour of the week", "hours of the week"),
    "shift": Variable("Shift", "shift", "shifts"),
    "date": Variable("Date", "day", "days"),
    "cell": Variable("Map cell", "cell", "cells"),
    "arrest": Variable("Arrest", "answer", "answers"),
    "domestic": Variable("Domestic", "answer", "answers"),
    "heaped": Variable("Rounded times", "answer", "answers"),
    "default_address": Variable("Default addresses", "answer", "answers"),
}


@dataclass(frozen=True)
class Measure:
    """Names of a measure: in a title, for one unit, for several."""

    label: str
    one: str
    many: str


MEASURES: dict[str, Measure] = {
    "incidents": Measure("Incidents", "incident", "incidents"),
    "harm": Measure("Harm", "day of harm", "days of harm"),
    "arrests": Measure("Arrests", "arrest", "arrests"),
    "arrest_share": Measure("Arrest share", "% with an arrest", "% with an arrest"),
    "share": Measure("Share of all incidents", "% of all incidents", "% of all incidents"),
}

_VALUES: dict[str, dict[str, str]] = {
    "arrest": {"yes": "Arrest made", "no": "No arrest", UNKNOWN: "Unknown"},
    "domestic": {"yes": "Domestic", "no": "Not domestic", UNKNOWN: "Unknown"},
    "heaped": {"yes": "Rounded", "no": "Not rounded"},
    "default_address": {"yes": "Default", "no": "Elsewhere"},
}

# Okabe & Ito 2008, without black and yellow, which are invisible on dark and on white.
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


def category_color(value: str, theme: Theme) -> str:
    """Color of a crime type or group, the same on every page; gray for those without one."""
    index = _CATEGORIES.get(value.casefold(), -1)
    return color(theme, "unknown") if index < 0 else OKABE_ITO[index]


def dimension_label(dimension: str, attributes: Mapping[str, str] | None = None) -> str:
    """Title of a dimension; `attributes` are the labels of the source's further attributes."""
    if dimension in VARIABLES:
        return VARIABLES[dimension].label
    return (attributes or {}).get(dimension) or sentence_case(dimension.replace("_", " "))


def value_label(dimension: str, key: str, labels: Mapping[str, str] | None = None) -> str:
    """Label of a key: `THEFT` → Theft, weekday `5` → Fri."""
    if labels and key in labels:
        return labels[key]
    if key in _VALUES.get(dimension, {}):
        return _VALUES[dimension][key]
    if key == UNKNOWN:
        return "Unknown"
    whole = whole_number(key)
    if dimension == "weekday" and whole is not None:
        return short_weekday(whole)
    if dimension == "hour" and whole is not None:
        return hour_name(whole)
    return sentence_case(key)


def sentence_case(text: str) -> str:
    """Lowercase a text in capitals, then capitalize the first letter: `THEFT` → Theft."""
    lowered = text.lower() if text.isupper() else text
    return lowered[:1].upper() + lowered[1:]


def quantity(value: float, measure: str = "incidents") -> str:
    """`1,204 incidents`, `1 incident`."""
    words = MEASURES[measure]
    if measure == "arrest_share":
        return f"{number(100 * value, 1)}{words.many}"
    return f"{number(value)} {words.one if value == 1 else words.many}"


def harm_share(crime: str, days: float, of: float) -> str:
    """`20% of the harm is theft`, measured in days of sentence."""
    return f"{percent(days / of, 0)} of the harm is {value_label('type', crime).lower()}"


def month_name(month: str) -> str:
    """`2017-03` → `Mar 2017`."""
    return month_year(date.fromisoformat(f"{month}-01"))


def listing(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last
