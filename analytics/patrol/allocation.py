"""Units to areas: each next unit goes to where it adds most, within limits by area.

With gains that fall from unit to unit, this is the best of all allocations with the same limits,
since the problem is separable and concave (Fox 1966). Gains of routes are found by search, so small
rises of a gain are leveled first. A unit stays in one area, so each unit's places are contiguous.

Every unit patrols for the same hours, so an area's share of the units is its share of patrol time.

References
----------
Fox (1966), Discrete optimization via marginal analysis, Management Science 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

from analytics.errors import InputError

Captured = Callable[[int, int], float]
"""What a number of units reaches in an area: (area, units) → expected; it never falls with units.

It is called often, so it must be known or fast (`CaptureCurves`).
"""
ROUNDING = 1e-9
"""A limit that a number of units meets exactly holds, whatever the rounding."""


@dataclass(frozen=True)
class ShareLimit:
    """No area's share of patrol time above a multiple of its share of harm.

    Attributes
    ----------
    at_most : that multiple
    harm : share of the harm by area; they add up to 1 at most
    """

    at_most: float
    harm: tuple[float, ...]

    def most(self, units: int) -> list[int]:
        """Units that each area may have."""
        return [floor(self.at_most * one * units + ROUNDING) for one in self.harm]

    def least_factor(self, units: int, minimum: int = 0) -> float:
        """The lowest multiple that still places all units; infinite where none does.

        The method of D'Hondt: each next unit goes to the area where the ratio of the shares is
        lowest after it (Balinski & Young 1982, Fair Representation).
        """
        given = [minimum] * len(self.harm)
        for _ in range(units - minimum * len(given)):
            area = min(range(len(given)), key=lambda one: _ratio(given[one] + 1, self.harm[one]))
            given[area] += 1
        return disparity(given, self.harm)


def disparity(units: Sequence[int], harm: Sequence[float]) -> float:
    """Highest ratio, over areas, of the share of the units to the share of the harm."""
    total = sum(units) or 1
    return max(_ratio(one / total, of) for one, of in zip(units, harm, strict=True))


def known_disparity(units: Sequence[int], harm: Sequence[float]) -> float | None:
    """The same; None where an area without harm has units, of which no multiple says how many."""
    found = disparity(units, harm)
    return None if found == inf else found


def _ratio(share: float, of: float) -> float:
    return share / of if of > 0 else (inf if share > 0 else 0.0)


@dataclass(frozen=True)
class UnitLimits:
    """Fewest and most units of each area."""

    fewest: tuple[int, ...]
    most: tuple[int, ...]

    @classmethod
    def of(
        cls,
        workload: Sequence[float],
        units: int,
        *,
        minimum: int = 0,
        balance: float | None = None,
        share: ShareLimit | None = None,
        only: int | None = None,
    ) -> UnitLimits:
        """UnitLimits for a number of units.

        Parameters
        ----------
        workload : of each area, such as its expected incidents
        minimum : units that each area gets at least
        balance : units per workload of an area may differ from the mean by this factor at most
        share : limit on each area's share of patrol time
        only : the one area that gets units; None for all

        Raises
        ------
        InputError
            The units do not suffice, or the limits leave no allocation.
        """
        open_areas = [only is None or area == only for area in range(len(workload))]
        areas = sum(open_areas)
        if minimum * areas > units:
            raise InputError(
                f"{units} units cannot give {minimum} to each of {areas} areas; at least "
                f"{minimum * areas} are needed."
            )
        fewest, most = ([number * one for one in open_areas] for number in (minimum, units))
        if balance is not None:
            if balance < 1:
                raise InputError(f"A balance of {balance:g} is not valid; 1 or more.")
            total = sum(workload) or 1.0
            fair = [units * one / total for one in workload]
            most = [max(own, ceil(one * balance)) for own, one in zip(fewest, fair, strict=True)]
            fewest = [max(own, floor(one / balance)) for own, one in zip(fewest, fair, strict=True)]
            if sum(fewest) > units:
                raise InputError(
                    "The balance and the minimum leave no allocation; relax one of them."
                )
        if share is not None:
            _check_share(share, units, minimum)
            most = [min(one, limit) for one, limit in zip(most, share.most(units), strict=True)]
            if sum(most) < units or any(a > b for a, b in zip(fewest, most, strict=True)):
                raise InputError(
                    "The balance and the limit on shares of patrol time leave no allocation; "
                    "relax one of them."
                )
        return cls(tuple(fewest), tuple(most))


def _check_share(share: ShareLimit, units: int, minimum: int) -> None:
    """Raise unless a limit on shares lets all units be placed."""
    least = share.least_factor(units, minimum)
    if share.at_most + ROUNDING >= least:
        return
    start = f"Shares of patrol time of at most {share.at_most:g} times those of harm"
    if least == inf:
        raise InputError(f"{start} allow no units in areas without harm; drop the minimum.")
    also = f" and at least {minimum} in each area" if minimum else ""
    raise InputError(
        f"{start} cannot be met by {units} whole units{also}. The lowest limit that can is "
        f"{ceil(least * 100) / 100:g}; more units allow a lower one."
    )


@dataclass(frozen=True)
class Allocation:
    """Units by area, and what each more unit would add.

    Attributes
    ----------
    units : by area
    captured : by area, as predicted
    steps : (area, gain) of each unit in the order given, those of the minimum first
    one_more : (area, gain) of one more unit; None where every area has its most
    """

    units: tuple[int, ...]
    captured: tuple[float, ...]
    steps: tuple[tuple[int, float], ...]
    one_more: tuple[int, float] | None


def allocate(captured: Captured, units: int, limits: UnitLimits) -> Allocation:
    """Allocate units by marginal capture.

    Areas whose limits are reached first leave the rest to others; units that no area may take stay
    without one, so the sum may be less than `units`.
    """
    given = [0] * len(limits.fewest)
    steps: list[tuple[int, float]] = []

    def value(area: int, number: int) -> float:
        return captured(area, number) if number else 0.0

    def gain(area: int) -> float:
        found = value(area, given[area] + 1) - value(area, given[area])
        last = next((each for at, each in reversed(steps) if at == area), found)
        return min(found, last)

    def give(area: int) -> None:
        steps.append((area, gain(area)))
        given[area] += 1

    for area, fewest in enumerate(limits.fewest):
        for _ in range(fewest):
            give(area)
    while True:
        open_areas = [area for area, most in enumerate(limits.most) if given[area] < most]
        best = max(open_areas, key=gain, default=None)
        if sum(given) >= units or best is None:
            one_more = None if best is None else (best, gain(best))
            found = tuple(value(area, number) for area, number in enumerate(given))
            return Allocation(tuple(given), found, tuple(steps), one_more)
        give(best)
