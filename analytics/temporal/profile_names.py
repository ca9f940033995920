"""Names of temporal profiles: where a profile lies above the city's week.

Read without scikit-learn, so that pages can say what a name means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLEARLY = 1.25
"""Lift from which a profile is named after hours."""
SOMEWHAT = 1.05
"""Lift of the nights from which a profile counts as later (or, below 1 / 1.05, earlier)."""

_EVERY = (1, 2, 3, 4, 5, 6, 7)
_WORKDAYS = (1, 2, 3, 4, 5)
_WEEKEND = (6, 7)


@dataclass(frozen=True)
class Part:
    """Some hours of some weekdays (1 is Monday)."""

    weekdays: tuple[int, ...]
    hours: tuple[int, ...]

    def lift(self, profile: Floats, city: Floats) -> float:
        """Share of the profile in it over the city's; both of shape (7, 24)."""
        rows = np.array(self.weekdays)[:, None] - 1
        columns = np.array(self.hours)[None, :]
        here, there = profile[rows, columns].sum(), city[rows, columns].sum()
        return float(here / profile.sum() / (there / city.sum())) if there else 1.0


WEEKEND_NIGHTS = Part(_WEEKEND, (0, 1, 2, 3))
NIGHTS = Part(_EVERY, (22, 23, 0, 1, 2, 3, 4))
EVENINGS = Part(_EVERY, (18, 19, 20, 21))
COMMUTING = Part(_WORKDAYS, (7, 8, 16, 17, 18))
BETWEEN = Part(_WORKDAYS, (10, 11, 12, 13, 14))
OFFICE_HOURS = Part(_WORKDAYS, tuple(range(9, 17)))
WEEKEND_DAYS = Part(_WEEKEND, tuple(range(10, 18)))
DAYS = Part(_EVERY, tuple(range(9, 18)))
WEEKEND_COMMUTING = Part(_WEEKEND, (7, 8, 16, 17, 18))
WEEKENDS = Part(_WEEKEND, tuple(range(24)))

MEANINGS = {
    "Night-time economy": "Saturdays and Sundays midnight–4 AM are clearly above the city",
    "Nights": "10 PM–5 AM is clearly above the city, on all days",
    "Evenings": "6–10 PM is clearly above the city",
    "Commuter": "weekday mornings and late afternoons are above the city, the hours between not",
    "Weekday daytime": "Mondays to Fridays 9 AM–5 PM are clearly above the city, weekends are not",
    "Daytime": "9 AM–6 PM is clearly above the city, weekends included",
    "Weekend": "Saturdays and Sundays are clearly above the city",
    "Later than the city": "like the city, with somewhat more at night",
    "Earlier than the city": "like the city, with somewhat less at night",
    "Like the city": "no hours hold clearly more or less than their share",
}


def name_of_profile(profile: Floats, city: Floats) -> str:
    """The name of `MEANINGS` that fits a profile.

    Parameters
    ----------
    profile, city : arrays of shape (7, 24)
        Incidents or shares by weekday, Monday first, and hour.

    Notes
    -----
    Candidates are the parts of the week whose lift is at least 1.25; the largest lift decides.
    Weekend nights must also lie above nights and weekends as such, weekday daytime above daytime on
    weekends, and commuting above the hours between and the same hours on weekends.
    """
    candidates = {
        "Nights": NIGHTS.lift(profile, city),
        "Evenings": EVENINGS.lift(profile, city),
        "Weekend": WEEKENDS.lift(profile, city),
        "Daytime": DAYS.lift(profile, city),
    }
    weekend_nights = WEEKEND_NIGHTS.lift(profile, city)
    if weekend_nights > SOMEWHAT * max(candidates["Nights"], candidates["Weekend"]):
        candidates["Night-time economy"] = weekend_nights
    office, commuting = OFFICE_HOURS.lift(profile, city), COMMUTING.lift(profile, city)
    if WEEKEND_DAYS.lift(profile, city) < office / CLEARLY:
        candidates["Weekday daytime"] = office
    others = max(BETWEEN.lift(profile, city), WEEKEND_COMMUTING.lift(profile, city))
    if others < commuting / CLEARLY:
        candidates["Commuter"] = commuting
    name, lift = max(candidates.items(), key=lambda item: item[1])
    if lift >= CLEARLY:
        return name
    nights = candidates["Nights"]
    if nights >= SOMEWHAT:
        return "Later than the city"
    return "Earlier than the city" if nights <= 1 / SOMEWHAT else "Like the city"


def names_of_profiles(profiles: Sequence[Floats], city: Floats) -> list[str]:
    """A name for each profile; the second of the same name is numbered 2, and so on."""
    names: list[str] = []
    for profile in profiles:
        name = name_of_profile(profile, city)
        before = sum(taken.partition(", ")[0] == name for taken in names)
        names.append(f"{name}, {before + 1}" if before else name)
    return names


def meaning_of(name: str) -> str:
    """What a name of `names_of_profiles` stands for; empty for one of an earlier program."""
    return MEANINGS.get(name.partition(", ")[0], "")
