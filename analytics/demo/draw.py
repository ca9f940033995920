"""Draw random offenses, outcomes, times and points, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from analytics.demo.city import City, Integers
from analytics.demo.families import family, setting
from analytics.demo.profile import Clock, DemoProfile, Floats

YEARS_DAYS = 3 * 365 + 1
INCOMPLETE_DAYS = 28  # of these recent days, some incidents are not yet reported
MISSING_SHARE, MISSING_SCALE_DAYS = 0.4, 7.0  # share missing on the last day, and its decay


@dataclass
class Draft:
    """Incidents being generated, with one element of each array per incident."""

    offense: Integers  # index into profile.offenses, ascending
    location: Integers  # index into `locations`
    arrest: npt.NDArray[np.bool_]
    domestic: npt.NDArray[np.bool_]
    day: Integers  # 0 = first day
    minute: Integers  # of the day
    point: Integers
    planted: npt.NDArray[np.bool_]
    case: Integers  # the incident that gives its case number; mostly itself

    def __len__(self) -> int:
        return len(self.offense)


@dataclass(frozen=True)
class Calendar:
    """The days of the demo, by number."""

    first: date
    months: Integers  # 0 = January
    weekdays: Integers  # 0 = Monday
    first_of_month: npt.NDArray[np.bool_]
    first_of_year: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.months)

    @classmethod
    def ending(cls, until: date) -> Calendar:
        """The calendar of three years up to and including `until`."""
        first = until - timedelta(days=YEARS_DAYS - 1)
        days = [first + timedelta(days=step) for step in range(YEARS_DAYS)]
        months = np.array([day.month - 1 for day in days])
        firsts = np.array([day.day == 1 for day in days])
        return cls(
            first, months, np.array([day.weekday() for day in days]), firsts, firsts & (months == 0)
        )

    def reported_share(self) -> Floats:
        """Share of each day's incidents that are already reported; 1 except in recent weeks."""
        age = np.arange(len(self))[::-1]
        missing = MISSING_SHARE * np.exp(-age / MISSING_SCALE_DAYS)
        return np.where(age < INCOMPLETE_DAYS, 1 - missing, 1.0)

    def weights(self, clock: Clock) -> Floats:
        """Expected incidents of a type on each day, up to a factor."""
        firsts = np.where(self.first_of_month, clock.first_of_month, 1.0)
        firsts = np.where(self.first_of_year, clock.first_of_year, firsts)
        by_weekday = clock.week_hours.sum(axis=1)
        weights: Floats = clock.months[self.months] * by_weekday[self.weekdays] * firsts
        return weights * self.reported_share()


@dataclass(frozen=True)
class Scene:
    """Inputs from which incidents are drawn."""

    profile: DemoProfile
    city: City
    calendar: Calendar
    rng: np.random.Generator


def pick(weights: Floats, count: int, rng: np.random.Generator) -> Integers:
    """Draw `count` indices in proportion to weights."""
    cumulative = weights.cumsum()
    found = np.searchsorted(cumulative, rng.uniform(0, cumulative[-1], count), side="right")
    return np.minimum(found, len(weights) - 1)


def location_names(profile: DemoProfile) -> list[str | None]:
    names = {name for offense in profile.offenses for name in offense.location_types}
    return [None, *sorted(name for name in names if name)]


def draw(scene: Scene, count: int) -> Draft:
    """Draw `count` independent incidents, ordered by offense."""
    profile, rng = scene.profile, scene.rng
    offense = _offenses(profile, count, rng)
    location = np.zeros(count, dtype=np.int64)
    outcome = np.zeros(count, dtype=np.int64)
    numbers = {name: number for number, name in enumerate(location_names(profile))}
    for index, rows in _slices(offense):
        kind = profile.offenses[index]
        size = rows.stop - rows.start
        codes = np.array([numbers[name] for name in kind.location_types])
        location[rows] = codes[pick(kind.location_shares, size, rng)]
        outcome[rows] = pick(kind.outcomes, size, rng)
    day, minute = _times(scene, offense)
    point = _points(scene, offense, location)
    arrest, domestic = (outcome & 1).astype(bool), outcome >= 2
    planted = np.zeros(count, dtype=bool)
    case = np.arange(count)
    return Draft(offense, location, arrest, domestic, day, minute, point, planted, case)


def add_victims(draft: Draft, scene: Scene) -> None:
    """Turn some homicides into further victims of others, with the same case, time and place."""
    rows = scene.rng.permutation(rows_of_type(draft, scene.profile, "HOMICIDE"))
    count = round(scene.profile.further_victims * len(rows))
    victims, first = rows[:count], rows[len(rows) - count :]
    for column in (draft.day, draft.minute, draft.point, draft.location, draft.case):
        column[victims] = column[first]


def rows_of_type(draft: Draft, profile: DemoProfile, crime_type: str) -> Integers:
    """Incidents of a type; `draft` is ordered by offense."""
    wanted = [index for index, kind in enumerate(profile.offenses) if kind.type == crime_type]
    first, last = np.searchsorted(draft.offense, [min(wanted), max(wanted) + 1])
    return np.arange(first, last)


def _offenses(profile: DemoProfile, count: int, rng: np.random.Generator) -> Integers:
    shares = np.array([offense.incidents for offense in profile.offenses], dtype=float)
    drawn = rng.multinomial(count, shares / shares.sum())
    return np.repeat(np.arange(len(shares)), drawn)


def _slices(codes: Integers) -> list[tuple[int, slice]]:
    """Runs of equal values in an ascending array."""
    values, starts = np.unique(codes, return_index=True)
    ends = [*starts[1:].tolist(), len(codes)]
    return [
        (int(value), slice(int(start), int(end)))
        for value, start, end in zip(values, starts, ends, strict=True)
    ]


def type_codes(profile: DemoProfile) -> tuple[list[str], Integers]:
    """Crime types in the order of the offenses, and the type of each offense."""
    types = list(dict.fromkeys(offense.type for offense in profile.offenses))
    return types, np.array([types.index(offense.type) for offense in profile.offenses])


def _times(scene: Scene, offense: Integers) -> tuple[Integers, Integers]:
    profile, calendar, rng = scene.profile, scene.calendar, scene.rng
    types, type_of = type_codes(profile)
    day = np.zeros(len(offense), dtype=np.int64)
    minute = np.zeros(len(offense), dtype=np.int64)
    for index, rows in _slices(type_of[offense]):
        clock = profile.clocks[types[index]]
        day[rows] = pick(calendar.weights(clock), rows.stop - rows.start, rng)
        minute[rows] = _minutes(scene, types[index], day[rows])
    return day, minute


def _minutes(scene: Scene, crime_type: str, day: Integers) -> Integers:
    """Draw minutes of the day for incidents on given days: hour by weekday, minute by hour."""
    profile, calendar, rng = scene.profile, scene.calendar, scene.rng
    clock = profile.clocks[crime_type]
    other, first = profile.minutes[family(crime_type)]
    hours = clock.week_hours.cumsum(axis=1)
    hours /= hours[:, -1:]
    minutes = (other.reshape(24, 60) + 0.01).cumsum(axis=1)
    minutes /= minutes[:, -1:]
    hour = _lookup(hours, calendar.weekdays[day], rng)
    result = hour * 60 + _lookup(minutes, hour, rng)
    on_first = calendar.first_of_month[day]
    result[on_first] = pick(first + 0.001, int(on_first.sum()), rng)
    return result


def _lookup(cumulative: Floats, row: Integers, rng: np.random.Generator) -> Integers:
    """Draw a column from each given row of a table of cumulative shares."""
    columns = cumulative.shape[1]
    flat = (cumulative + np.arange(len(cumulative))[:, None]).ravel()
    found = np.searchsorted(flat, row + rng.uniform(0, 1 - 1e-9, len(row)), side="right")
    return np.minimum(found - row * columns, columns - 1)


def _points(scene: Scene, offense: Integers, location: Integers) -> Integers:
    profile = scene.profile
    families = [family(kind.type) for kind in profile.offenses]
    settings = [setting(name) for name in location_names(profile)]
    known = sorted({*settings})
    names = sorted({*families})
    kind = (
        np.array([names.index(name) for name in families])[offense] * len(known)
        + np.array([known.index(name) for name in settings])[location]
    )
    order = np.argsort(kind, kind="stable")
    point = np.zeros(len(offense), dtype=np.int64)
    for code, rows in _slices(kind[order]):
        where = known[code % len(known)]
        name = names[code // len(known)]
        point[order[rows]] = _place(scene, name, where, rows.stop - rows.start)
    return point


def _place(scene: Scene, name: str, where: str, count: int) -> Integers:
    city, rng = scene.city, scene.rng
    if where == "airport":
        return rng.choice(city.airport, count)
    if where == "station":
        return rng.choice(city.stations, count)
    return pick(city.point_weights(f"{name}/{where}"), count, rng)
