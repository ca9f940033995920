"""Peaks of the week, with shares that account for the search.

The busiest of two thousand windows looks busier than it is. So windows are searched in every other
week and measured in the weeks between, which had no part in the choice.

References
----------
Cox (1975), A note on data-splitting for the evaluation of significance levels, Biometrika 62.
Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26 (the search's score).
Cochran (1977), Sampling Techniques, section 6.4 (ratio of sums over weeks).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, stdtr, stdtrit, xlogy

from analytics.statistics.level import LEVEL
from analytics.temporal.weekly_hours import HOURS_OF_WEEK, WeeklyHours

Floats = npt.NDArray[np.float64]

MOST_PEAKS = 3
FEWEST_WEEKS = 16
FEWEST_INCIDENTS = 100
LENGTHS = range(2, 9)
"""Lengths of windows, hours."""
WIDEST = 1 / 6
"""Largest share of the week that a window may cover."""
DAYS = (
    *((day,) for day in range(1, 8)),
    (5, 6),
    (6, 7),
    (1, 2, 3, 4, 5),
    (1, 2, 3, 4, 5, 6, 7),
)
"""Sets of weekdays on which a window may start; Monday is 1."""


@dataclass(frozen=True)
class HourWindow:
    """The same hours on some weekdays, on which it starts; it may pass midnight."""

    weekdays: tuple[int, ...]
    start: int
    hours: int

    @property
    def end(self) -> int:
        """First hour after it."""
        return (self.start + self.hours) % 24

    @property
    def cells(self) -> npt.NDArray[np.int64]:
        """Hours of the week in it, 0 to 167."""
        within = self.start + np.arange(self.hours)
        begins = (np.array(self.weekdays) - 1) * 24
        return np.unique((begins[:, None] + within) % HOURS_OF_WEEK)

    @property
    def keys(self) -> list[str]:
        """Its hours of the week as a selection writes them."""
        return [f"{cell // 24 + 1}-{cell % 24}" for cell in self.cells.tolist()]


@dataclass(frozen=True)
class WeeklyPeak:
    """A window and its share of incidents.

    Attributes
    ----------
    share, low, high : float
        Share of incidents with its 95% interval, measured in weeks that were not searched.
    week_share : float
        Share of the week's hours.
    incidents : int
        In all weeks.
    p : float
        One-sided p of the share against `week_share`, times the number of windows measured
        (Bonferroni).
    """

    window: HourWindow
    share: float
    low: float
    high: float
    week_share: float
    incidents: int
    p: float

    @property
    def significant(self) -> bool:
        return self.p <= LEVEL


@cache
def windows() -> tuple[HourWindow, ...]:
    """All windows in the search."""
    return tuple(
        HourWindow(days, start, hours)
        for days in DAYS
        for start in range(24)
        for hours in LENGTHS
        if len(days) * hours <= WIDEST * HOURS_OF_WEEK
    )


@cache
def _members() -> npt.NDArray[np.float64]:
    """Windows × hours of the week, 1 inside a window."""
    table = np.zeros((len(windows()), HOURS_OF_WEEK))
    for row, window in enumerate(windows()):
        table[row, window.cells] = 1
    return table


def peaks(found: WeeklyHours, most: int = MOST_PEAKS) -> list[WeeklyPeak]:
    """Windows with significantly more incidents than their share of hours, strongest first.

    Remove incomplete weeks before (`WeeklyHours.complete`). Empty if there are fewer than 16 weeks
    or 100 incidents, or if no window is significant in the weeks that were not searched.
    """
    counts = found.counts.astype(np.float64)
    if found.weeks < FEWEST_WEEKS or counts.sum() < FEWEST_INCIDENTS:
        return []
    candidates = search(counts[0::2].sum(axis=0), most)
    measured = [
        measure(counts[1::2], window, found.hours, len(candidates)) for window in candidates
    ]
    return [peak for peak in measured if peak.significant and peak.low > peak.week_share]


def search(hours: Floats, most: int) -> list[HourWindow]:
    """Windows by descending likelihood ratio, without common hours.

    Parameters
    ----------
    hours : array of shape (168,)
        Incidents by hour of the week.
    """
    members, total = _members(), float(hours.sum())
    inside, size = members @ hours, members.sum(axis=1)
    if total <= 0:
        return []
    expected = total * size / HOURS_OF_WEEK
    outside, rest = total - inside, total - expected
    score = xlogy(inside, inside / expected) + xlogy(outside, outside / rest)
    score[inside <= expected] = -np.inf
    chosen: list[HourWindow] = []
    taken = np.zeros(HOURS_OF_WEEK)
    while len(chosen) < most:
        open_ = np.where(members @ taken == 0, score, -np.inf)
        best = int(np.argmax(open_))
        if not np.isfinite(open_[best]):
            break
        chosen.append(windows()[best])
        taken = np.maximum(taken, members[best])
    return chosen


def measure(
    counts: Floats, window: HourWindow, hours: npt.NDArray[np.int64], measured: int = 1
) -> WeeklyPeak:
    """Share of incidents in a window, with interval and test over weeks.

    Parameters
    ----------
    counts : array of shape (weeks, 168)
        Weeks that were not searched.
    hours : array of shape (168,)
        Incidents of all weeks, by hour of the week.
    measured : int
        Number of windows measured.

    Notes
    -----
    With x of n incidents in a week, the share is Σx / Σn, with the variance of a ratio of sums; the
    interval is on the logit scale with Student's t. Half an incident is added on either side to
    keep a share of 0 finite.
    """
    cells = window.cells
    inside, total = counts[:, cells].sum(axis=1), counts.sum(axis=1)
    weeks, size = len(counts), len(cells) / HOURS_OF_WEEK
    share = float((inside.sum() + 0.5) / (total.sum() + 1))
    residual = inside - share * total
    variance = weeks / (weeks - 1) * float((residual**2).sum()) / float(total.sum()) ** 2
    error = max(np.sqrt(variance), 1 / (float(total.sum()) + 1)) / (share * (1 - share))
    reach = float(stdtrit(weeks - 1, 1 - LEVEL / 2)) * error
    p = float(stdtr(weeks - 1, -(logit(share) - logit(size)) / error))
    return WeeklyPeak(
        window,
        share=share,
        low=float(expit(logit(share) - reach)),
        high=float(expit(logit(share) + reach)),
        week_share=size,
        incidents=int(hours[cells].sum()),
        p=min(1.0, p * measured),
    )
