"""Kinds and names of temporal profiles, by where a profile is above the city's week.

Read without scikit-learn, so that pages can explain a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLEARLY = 1.25
"""Lift from which hours give a profile its name."""
SOMEWHAT = 1.05
"""Lift of nights from which a profile is later than the city (earlier below 1 / 1.05)."""

_EVERY = (1, 2, 3, 4, 5, 6, 7)
WORKDAYS = (1, 2, 3, 4, 5)
WEEKEND = (6, 7)


@dataclass(frozen=True)
class WeekPart:
    """Hours of some weekdays (1 is Monday)."""

    weekdays: tuple[int, ...]
    hours: tuple[int, ...]

    def lift(self, profile: Floats, city: Floats) -> float:
        """Share of a profile in it over the city's share; both of shape (7, 24)."""
        rows = np.array(self.weekdays)[:, None] - 1
        columns = np.array(self.hours)[None, :]
        here, there = profile[rows, columns].sum(), city[rows, columns].sum()
        return float(here / profile.sum() / (there / city.sum())) if there else 1.0


WEEKEND_NIGHTS = WeekPart(WEEKEND, (0, 1, 2, 3))
NIGHTS = WeekPart(_EVERY, (22, 23, 0, 1, 2, 3, 4))
EVENINGS = WeekPart(_EVERY, (18, 19, 20, 21))
COMMUTING = WeekPart(WORKDAYS, (7, 8, 16, 17, 18))
BETWEEN = WeekPart(WORKDAYS, (10, 11, 12, 13, 14))
OFFICE_HOURS = WeekPart(WORKDAYS, tuple(range(9, 17)))
WEEKEND_DAYS = WeekPart(WEEKEND, tuple(range(10, 18)))
DAYS = WeekPart(_EVERY, tuple(range(9, 18)))
WEEKEND_COMMUTING = WeekPart(WEEKEND, (7, 8, 16, 17, 18))
WEEKENDS = WeekPart(WEEKEND, tuple(range(24)))


@unique
class ProfileKind(StrEnum):
    """Kinds of profiles; the values are the names that snapshots store as labels."""

    NIGHT_TIME_ECONOMY = "Night-time economy"
    NIGHTS = "Nights"
    EVENINGS = "Evenings"
    COMMUTER = "Commuter"
    WEEKDAY_DAYTIME = "Weekday daytime"
    DAYTIME = "Daytime"
    WEEKEND = "Weekend"
    LATER = "Later than the city"
    EARLIER = "Earlier than the city"
    LIKE_THE_CITY = "Like the city"


def classify_profile(profile: Floats, city: Floats) -> ProfileKind:
    """The kind of a profile, by the part of the week that is above the city.

    Parameters
    ----------
    profile, city : arrays of shape (7, 24)
        Incidents or shares by weekday, Monday first, and hour.

    Notes
    -----
    Candidates are the parts of the week with a lift of at least 1.25; the largest lift decides.
    Weekend nights must also be above nights and weekends in general, weekday daytime above daytime
    on weekends, and commuting above the hours between and the same hours on weekends.
    """
    candidates = {
        ProfileKind.NIGHTS: NIGHTS.lift(profile, city),
        ProfileKind.EVENINGS: EVENINGS.lift(profile, city),
        ProfileKind.WEEKEND: WEEKENDS.lift(profile, city),
        ProfileKind.DAYTIME: DAYS.lift(profile, city),
    }
    weekend_nights = WEEKEND_NIGHTS.lift(profile, city)
    general = max(candidates[ProfileKind.NIGHTS], candidates[ProfileKind.WEEKEND])
    if weekend_nights > SOMEWHAT * general:
        candidates[ProfileKind.NIGHT_TIME_ECONOMY] = weekend_nights
    office, commuting = OFFICE_HOURS.lift(profile, city), COMMUTING.lift(profile, city)
    if WEEKEND_DAYS.lift(profile, city) < office / CLEARLY:
        candidates[ProfileKind.WEEKDAY_DAYTIME] = office
    others = max(BETWEEN.lift(profile, city), WEEKEND_COMMUTING.lift(profile, city))
    if others < commuting / CLEARLY:
        candidates[ProfileKind.COMMUTER] = commuting
    kind, lift = max(candidates.items(), key=lambda item: item[1])
    if lift >= CLEARLY:
        return kind
    nights = candidates[ProfileKind.NIGHTS]
    if nights >= SOMEWHAT:
        return ProfileKind.LATER
    return ProfileKind.EARLIER if nights <= 1 / SOMEWHAT else ProfileKind.LIKE_THE_CITY


def names_of_profiles(profiles: Sequence[Floats], city: Floats) -> list[str]:
    """A name for each profile; the second of the same kind is numbered 2, and so on."""
    kinds: list[ProfileKind] = []
    names = []
    for profile in profiles:
        kinds.append(classify_profile(profile, city))
        number = kinds.count(kinds[-1])
        names.append(f"{kinds[-1]}, {number}" if number > 1 else str(kinds[-1]))
    return names


def kind_of_profile(name: str) -> ProfileKind | None:
    """The kind of a name from `names_of_profiles`; None for names of an earlier program."""
    name = name.partition(", ")[0]
    return ProfileKind(name) if name in set(ProfileKind) else None
