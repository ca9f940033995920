"""Settings of patrol that move every figure of capture, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.errors import InputError


@dataclass(frozen=True)
class PatrolSetting:
    """A number that a plan is requested with, as the command line, the form and the page need it.

    Attributes
    ----------
    option : of `patroliq plan make`, without dashes, and its name where there is little room
    title : what it is, with its unit
    least, most : limits, both included
    source : where the default comes from
    """

    option: str
    title: str
    least: float
    most: float
    source: str = ""
    is_whole: bool = True

    def require(self, value: float) -> None:
        """Raise InputError unless a value is within the limits."""
        if not self.least <= value <= self.most:
            raise InputError(
                f"{self.title}: {value:g} is not valid; {self.least:g} to {self.most:g}."
            )

    def read(self, text: str) -> float:
        """The value that a person wrote.

        Raises
        ------
        InputError
            It is not a number within the limits, or not a whole one where it must be.
        """
        kind = "whole number" if self.is_whole else "number"
        try:
            value = float(int(text) if self.is_whole else float(text))
        except ValueError:
            raise InputError(f"{self.title}: {text[:20]!r} is not a {kind}.") from None
        self.require(value)
        return value


SETTINGS: Mapping[str, PatrolSetting] = {
    "stop_min": PatrolSetting(
        "stop",
        "Minutes of a stop",
        1,
        120,
        "Koper (1995): stops of 11 to 15 minutes hold longest; Telep et al. (2014): 15",
    ),
    "residual_min": PatrolSetting(
        "residual",
        "Minutes after leaving in which a stop still counts",
        0,
        240,
        "Koper (1995): the effect of such a stop lasts about 30 minutes",
    ),
    "gap_min": PatrolSetting(
        "gap",
        "Least minutes before a place is visited again",
        0,
        720,
        "Telep et al. (2014): each hot spot about every two hours, in random order",
    ),
    "radius_m": PatrolSetting(
        "radius",
        "Meters from the stop in which incidents count",
        10,
        2_000,
        "our choice: what an officer outside the car sees or reaches, about a block",
        is_whole=False,
    ),
    "hours": PatrolSetting(
        "hours",
        "Hours of directed patrol of each unit in the shift",
        0.25,
        24,
        "our choice: directed patrol between calls; the rest of a shift is for calls",
        is_whole=False,
    ),
    "candidates": PatrolSetting(
        "candidates",
        "Places to choose from, for each unit",
        1,
        40,
        "measured in docs/patrol.md: fewer than 8 places a unit leave it idle",
    ),
}
"""By field of `PatrolRules`."""


@dataclass(frozen=True)
class PatrolRules:
    """What a unit does, and what counts as reached.

    Attributes
    ----------
    stop_min : minutes of a stop
    residual_min : minutes after leaving in which a stop still counts
    gap_min : least minutes between leaving a place and the next arrival there
    radius_m : distance from the stop in which incidents count
    hours : hours of directed patrol of a unit in a shift
    candidates : places to choose from, for each unit
    """

    stop_min: int = 12
    residual_min: int = 30
    gap_min: int = 120
    radius_m: float = 150.0
    hours: float = 3.0
    candidates: int = 10

    def __post_init__(self) -> None:
        for name, one in SETTINGS.items():
            one.require(getattr(self, name))

    @property
    def patrol_min(self) -> int:
        """Minutes of directed patrol of a unit."""
        return round(60 * self.hours)
