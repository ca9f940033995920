"""States of the cross-filter benchmark, and new selections for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from analytics.crossfilter.clauses import Hours, Period, Polygon, Weekdays, Words
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import View, view
from analytics.incidents.reader import SnapshotReader

CELL_M = 250
VIEWS = tuple(
    view(name)
    for name in ("type", "hour_weekday", "district", "month", f"cells:{CELL_M}", "arrest")
)
RARE_SHARE = 0.01  # types with less of all incidents than this are rare
WINDOW_DAYS = 1_000
EVENING = Hours((18, 19, 20, 21, 22, 23))


@dataclass(frozen=True)
class Step:
    """A selection, and the dimension whose clause has just changed ("" at the first load)."""

    selection: Selection
    changed: str = ""

    @property
    def views(self) -> tuple[View, ...]:
        """The views that may change: those that do not own the dimension."""
        return tuple(shown for shown in VIEWS if self.changed not in shown.owns)


@dataclass(frozen=True)
class SnapshotValues:
    """Values to choose from in one snapshot."""

    common: tuple[str, ...]  # types
    rare: tuple[str, ...]
    districts: tuple[str, ...]
    first: date
    last: date
    places: tuple[tuple[float, float], ...]  # lat, lon of some incidents

    @classmethod
    def of(cls, reader: SnapshotReader) -> SnapshotValues:
        types = reader.frame(
            "SELECT type, count(*) AS incidents FROM incidents WHERE type IS NOT NULL "
            "GROUP BY type ORDER BY incidents DESC, type"
        )
        rare = types["incidents"] < RARE_SHARE * int(types["incidents"].sum())
        districts = reader.frame(
            "SELECT DISTINCT district FROM incidents WHERE district IS NOT NULL ORDER BY 1"
        )
        first, last = reader.frame(
            "SELECT min(operational_day), max(operational_day) FROM incidents"
        ).row(0)
        places = reader.frame(
            "SELECT lat, lon FROM points ORDER BY incidents DESC, point_id LIMIT 500"
        )
        return cls(
            tuple(types.filter(~rare)["type"]),
            tuple(types.filter(rare)["type"]),
            tuple(districts["district"]),
            first,
            last,
            tuple(places.iter_rows()),
        )


def read_values(text: str) -> SnapshotValues:
    """SnapshotValues from the JSON of their fields."""
    raw = json.loads(text)
    for name in ("first", "last"):
        raw[name] = date.fromisoformat(raw[name])
    for name in ("common", "rare", "districts"):
        raw[name] = tuple(raw[name])
    return SnapshotValues(**{**raw, "places": tuple((lat, lon) for lat, lon in raw["places"])})


class RandomClauses:
    """Draws random clauses; the same for the same seed."""

    def __init__(self, values: SnapshotValues, seed: int) -> None:
        self.values = values
        self._rng = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self._rng.integers(low, high + 1))

    def some(self, values: tuple[Any, ...], count: int) -> tuple[Any, ...]:
        picked = self._rng.choice(len(values), min(count, len(values)), replace=False)
        return tuple(values[at] for at in sorted(picked))

    def types(self, count: int = 3) -> Words:
        return Words(self.some(self.values.common, count))

    def rare(self) -> Words:
        return Words(self.some(self.values.rare or self.values.common, self.whole(1, 2)))

    def districts(self, count: int = 5) -> Words:
        return Words(self.some(self.values.districts, count))

    def hours(self) -> Hours:
        start, length = self.whole(0, 23), self.whole(4, 8)
        return Hours(tuple((start + step) % 24 for step in range(length)))

    def hours_of_one_day(self) -> Hours:
        """Hours that do not pass midnight: with weekdays, those would also be the next day's."""
        length = self.whole(4, 8)
        start = self.whole(0, 24 - length)
        return Hours(tuple(range(start, start + length)))

    def window(self) -> Period:
        days = (self.values.last - self.values.first).days
        length = min(WINDOW_DAYS, days * 2 // 3)
        first = self.values.first + timedelta(days=self.whole(0, days - length))
        return Period(first, first + timedelta(days=length - 1))

    def polygon(self) -> Polygon:
        """An irregular ring of 5 to 12 corners, 1 to 5 km across, around a busy place."""
        lat, lon = self.values.places[self.whole(0, len(self.values.places) - 1)]
        corners = self.whole(5, 12)
        angles = np.sort(self._rng.uniform(0, 2 * np.pi, corners))
        radii = self._rng.uniform(0.005, 0.022, corners)
        return Polygon(
            tuple(
                (lat + radius * np.sin(angle), lon + 1.3 * radius * np.cos(angle))
                for angle, radius in zip(angles, radii, strict=True)
            )
        )


def choose(**clauses: Any) -> Selection:
    """A selection of clauses by dimension."""
    selection = EMPTY
    for name, clause in clauses.items():
        selection = selection.replace(name, clause)
    return selection


def _first_load(_dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(EMPTY)


def _types(dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(choose(type=dice.types()), "type")


def _evening(dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(choose(type=dice.types(), hour=EVENING), "hour")


def _other_hours(dice: RandomClauses) -> Iterator[Step]:
    types = dice.types()
    while True:
        yield Step(choose(type=types, hour=dice.hours()), "hour")


def _window(dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(choose(type=dice.types(), hour=dice.hours(), date=dice.window()), "date")


def _moving_window(dice: RandomClauses) -> Iterator[Step]:
    types, hours = dice.types(), dice.hours()
    while True:
        yield Step(choose(type=types, hour=hours, date=dice.window()), "date")


def _different_views(dice: RandomClauses) -> Iterator[Step]:
    """Each click is in another view than the previous one; at most three clauses are kept."""
    draw: dict[str, Callable[[], Any]] = {
        "type": dice.types,
        "hour": dice.hours,
        "district": dice.districts,
        "date": dice.window,
        "arrest": lambda: Words(dice.some(("yes", "no"), 1)),
    }
    selection, before = EMPTY, ""
    order: list[str] = []
    while True:
        changed = dice.some(tuple(name for name in draw if name != before), 1)[0]
        selection = selection.replace(changed, draw[changed]())
        order = [name for name in order if name != changed] + [changed]
        if len(order) > 3:
            dropped = order.pop(0)
            selection = selection.without({dropped})
            yield Step(selection.without({changed}), dropped)  # removing a clause is also a click
        yield Step(selection, changed)
        before = changed


def _alternating(dice: RandomClauses) -> Iterator[Step]:
    """Types and districts chosen alternately."""
    types, districts = dice.types(), dice.districts()
    while True:
        types = dice.types()
        yield Step(choose(type=types, district=districts), "type")
        districts = dice.districts()
        yield Step(choose(type=types, district=districts), "district")


def _polygon(dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(choose(polygon=dice.polygon()), "polygon")


def _rare(dice: RandomClauses) -> Iterator[Step]:
    while True:
        yield Step(choose(type=dice.rare()), "type")


def _many(dice: RandomClauses) -> Iterator[Step]:
    while True:
        selection = choose(
            type=dice.types(6),
            hour=dice.hours_of_one_day(),
            weekday=Weekdays(dice.some((1, 2, 3, 4, 5, 6, 7), 4)),
            district=dice.districts(10),
            date=dice.window(),
            arrest=Words(("no",)),
            domestic=Words(("no",)),
        )
        yield Step(selection, "type")


STATES: dict[str, Callable[[RandomClauses], Iterator[Step]]] = {
    "first load, six views": _first_load,
    "three types chosen, never seen": _types,
    "other type sets": _types,
    "+ hours 18-23, never seen": _evening,
    "+ other hours": _other_hours,
    "+ 1000-day window, never seen": _window,
    "+ window moving": _moving_window,
    "clicks in a different view each time": _different_views,
    "alternating clicks": _alternating,
    "polygon": _polygon,
    "rare type": _rare,
    "many clauses": _many,
}


def steps_of(state: str, values: SnapshotValues, seed: int) -> Iterator[Step]:
    """An endless sequence of a state's selections; the same for the same seed."""
    number = list(STATES).index(state)
    return STATES[state](RandomClauses(values, 1000 * seed + number))
