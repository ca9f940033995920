"""The frontier of plans: what can be reached at each disparity of patrol time against harm.

Every plan on it reaches most among all plans of no higher disparity (the epsilon-constraint method,
Haimes, Lasdon & Wismer 1971). Wheeler (2020, Justice Quarterly 37) traces such a curve with linear
programs for hot spots under a limit on the share of minorities among those likely to be stopped;
Mohler, Raje, Carter, Valasik & Brantingham (2018, IEEE SMC) trace one with a penalty in the
likelihood of the forecast that pulls patrol toward groups' shares of residents. Here the forecast
stays as it is, units are allocated under a limit, and areas are compared by what they report.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.errors import InputError
from analytics.fairness.share_of_whole import share_to_move
from analytics.patrol.allocation import (
    Captured,
    ShareLimit,
    UnitLimits,
    allocate,
    known_disparity,
)

STEP = 1e-6
"""How far below the last plan's disparity the next limit is, as a share of it."""
NO_LIMIT = 1e6
"""A limit that only areas without harm exceed."""


@dataclass(frozen=True)
class FrontierPlan:
    """One allocation.

    Attributes
    ----------
    units : by area
    captured : expected incidents, or harm, that it reaches, as predicted
    disparity : highest ratio over areas of the share of patrol time to the share of harm; None
        where an area without harm has units
    moved : share of patrol time that would have to move to match the shares of harm
    """

    units: tuple[int, ...]
    captured: float
    disparity: float | None
    moved: float

    @classmethod
    def of(
        cls, captured: Captured, units: tuple[int, ...], harm: tuple[float, ...]
    ) -> FrontierPlan:
        """Measure an allocation."""
        total = sum(units) or 1
        moved = float(share_to_move([one / total for one in units], harm))
        reached = sum(captured(area, number) for area, number in enumerate(units) if number)
        return cls(units, reached, known_disparity(units, harm), moved)


def frontier(
    captured: Captured,
    workload: list[float],
    units: int,
    harm: tuple[float, ...],
    *,
    minimum: int = 0,
    balance: float | None = None,
) -> tuple[FrontierPlan, ...]:
    """Plans from the one without a limit to the lowest disparity that whole units allow.

    Parameters
    ----------
    workload, minimum, balance : as for `UnitLimits.of`
    harm : share of the harm by area

    Raises
    ------
    InputError
        The units do not suffice for the minimum, or the balance leaves no allocation.
    """
    found: list[FrontierPlan] = []
    limits: UnitLimits | None = UnitLimits.of(workload, units, minimum=minimum, balance=balance)
    while limits is not None:
        given = allocate(captured, units, limits).units
        one = FrontierPlan.of(captured, given, harm)
        while found and found[-1].captured <= one.captured:
            found.pop()  # the search found less with more units: the tighter plan is as good
        found.append(one)
        at_most = NO_LIMIT if one.disparity is None else one.disparity
        below = ShareLimit(at_most * (1 - STEP), harm)
        try:
            limits = UnitLimits.of(workload, units, minimum=minimum, balance=balance, share=below)
        except InputError:
            limits = None
    return tuple(found)
