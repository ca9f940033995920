"""Did it work: the weighted displacement difference of places with and without a measure.

Source: Wheeler & Ratcliffe, "A simple weighted displacement difference test to evaluate place
based crime interventions", Crime Science 7:11, 2018. The extensions to areas of unequal size, to
periods of unequal length and to several kinds of crime are those of its authors' later programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from analytics.statistics.arrays import Floats
from analytics.statistics.level import LEVEL

POWER = 0.8
"""Probability with which an effect is to be found where it exists; the usual convention."""
MIN_WINDOWS = 5
"""Past pairs of periods from which a dispersion is estimated at the least."""


@dataclass(frozen=True)
class BeforeAfter:
    """Incidents of one group of places before and after the start of a measure.

    Attributes
    ----------
    before, after
        Incidents in the two periods.
    size
        What the counts are divided by, such as street length or residents, where groups have
        unequal sizes.
    """

    before: float
    after: float
    size: float = 1.0


NOBODY = BeforeAfter(0, 0)
"""Where displacement is not measured."""


@dataclass(frozen=True)
class PlaceGroups:
    """The four groups of places: with the measure, around them, and what each is compared with."""

    target: BeforeAfter
    control: BeforeAfter
    displacement: BeforeAfter = NOBODY
    displacement_control: BeforeAfter = NOBODY

    @property
    def signed(self) -> tuple[tuple[float, BeforeAfter], ...]:
        """Each group with the sign of its change in the difference."""
        return (
            (1.0, self.target),
            (-1.0, self.control),
            (1.0, self.displacement),
            (-1.0, self.displacement_control),
        )


@dataclass(frozen=True)
class Dispersion:
    """Variance of differences relative to that of Poisson counts, at least 1.

    `windows` is the number of past pairs of periods behind it; None: it is known.
    """

    ratio: float = 1.0
    windows: int | None = None

    def __post_init__(self) -> None:
        if self.ratio < 1:
            raise ValueError("the dispersion must be positive, and at least 1")

    def quantile(self, share: float) -> float:
        """Quantile of a standard difference: Student's t where the ratio is an estimate."""
        return float(ndtri(share) if self.windows is None else stdtrit(self.windows, share))

    def two_sided_p(self, z: float) -> float:
        """p-value of a standard difference."""
        return float(2 * stdtr(np.inf if self.windows is None else self.windows, -abs(z)))


POISSON = Dispersion()


@dataclass(frozen=True)
class Effect:
    """Incidents that came or went with the measure, beyond what the controls did.

    Attributes
    ----------
    difference
        Incidents per `size` and unit of time; negative where there were fewer.
    low, high
        Interval that misses the truth in `level` of cases, by the normal approximation.
    z, p
        Difference by standard error, and its two-sided p-value; None where nothing happened.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    z: float | None
    p: float | None


def effect(
    kinds: PlaceGroups | Iterable[tuple[float, PlaceGroups]],
    *,
    before: float = 1.0,
    after: float = 1.0,
    dispersion: Dispersion = POISSON,
    level: float = LEVEL,
) -> Effect:
    """Weighted displacement difference with its interval.

    Parameters
    ----------
    kinds
        The groups; or several kinds of crime with the weight of each, such as its harm.
    before, after
        Lengths of the two periods in one unit; the difference is per that unit.
    dispersion
        From `past_dispersion`; with that of Poisson counts too many changes are significant.

    Raises
    ------
    ValueError
        A length or a size is not positive, or a count is negative.
    """
    weighted = [(1.0, kinds)] if isinstance(kinds, PlaceGroups) else list(kinds)
    if min(before, after) <= 0:
        raise ValueError("lengths of periods must be positive")
    difference = variance = 0.0
    for weight, groups in weighted:
        for sign, group in groups.signed:
            if group.size <= 0 or min(group.before, group.after) < 0:
                raise ValueError("sizes must be positive, and counts not negative")
            scale = weight / group.size
            difference += sign * scale * (group.after / after - group.before / before)
            variance += scale**2 * (group.after / after**2 + group.before / before**2)
    error = sqrt(dispersion.ratio * variance)
    reach = dispersion.quantile(1 - level / 2) * error
    z = difference / error if error else None
    p = None if z is None else dispersion.two_sided_p(z)
    return Effect(difference, error, difference - reach, difference + reach, z, p)


def past_dispersion(target: Floats, control: Floats, before: int, after: int) -> Dispersion | None:
    """Dispersion of the differences of past periods, when there was no measure.

    Parameters
    ----------
    target, control
        Incidents by week, before the measure; each of shape (weeks,), oldest first. Displacement
        areas are added to the target, and their controls to the control.
    before, after
        Lengths of the two periods in weeks.

    Returns
    -------
        None with fewer than `MIN_WINDOWS` separate past pairs of periods; `POISSON` where these
        varied no more than Poisson counts.
    """
    both = before + after
    windows = len(target) // both
    if windows < MIN_WINDOWS:
        return None
    newest = np.stack([target, control])[:, len(target) - windows * both :]
    pairs = newest.reshape(2, windows, both)
    old, new = pairs[..., :before].sum(axis=2), pairs[..., before:].sum(axis=2)
    change = new / after - old / before
    variance = (new / after**2 + old / before**2).sum(axis=0)
    squares = (change[0] - change[1]) ** 2 / np.where(variance > 0, variance, 1)
    ratio = float(squares.mean())
    return Dispersion(ratio, windows) if ratio > 1 else POISSON


def weeks_needed(
    reduction: float,
    rates: PlaceGroups,
    *,
    before: int,
    dispersion: Dispersion = POISSON,
    power: float = POWER,
    level: float = LEVEL,
    longest: int = 520,
) -> int | None:
    """Weeks that a measure must last until a reduction of this size would be found.

    Parameters
    ----------
    reduction
        Share of the target's incidents that the measure is expected to prevent, 0 to 1.
    rates
        Incidents a week in `before` of each group; what is in `after` is not read.
    before
        Weeks of history that it will be compared with.

    Returns
    -------
        None where no length up to `longest` weeks is enough, since the history before is as
        uncertain, or the effect as small.

    Raises
    ------
    ValueError
        The reduction is not between 0 and 1.
    """
    if not 0 < reduction <= 1:
        raise ValueError("the reduction must be over 0 and at most 1")
    margin = dispersion.quantile(1 - level / 2) + dispersion.quantile(power)
    prevented = reduction * rates.target.before / rates.target.size
    allowed = (prevented / margin) ** 2 / dispersion.ratio
    by_week = [group.before / group.size**2 for _, group in rates.signed]
    from_before = sum(by_week) / before
    if allowed <= from_before:
        return None
    from_after = sum(by_week) - reduction * by_week[0]
    weeks = ceil(from_after / (allowed - from_before))
    return weeks if weeks <= longest else None
