"""Rolling origins: the day of each forecast, and the days it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.errors import InputError

DAY = timedelta(days=1)
_HORIZON = re.compile(r"(\d{1,3})([dw])", re.ASCII)
TUNING_DAYS = 730
TRAINING_STEP_DAYS = 28


@dataclass(frozen=True)
class Fold:
    """A forecast from all days before `cutoff` for the days [cutoff, end)."""

    cutoff: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.cutoff).days


def horizon_days(text: str) -> int:
    """Days of a horizon such as `7d` or `4w`.

    Raises
    ------
    InputError
        The horizon is not valid, or not 1 to 92 days.
    """
    match = _HORIZON.fullmatch(text.strip())
    days = int(match[1]) * (7 if match[2] == "w" else 1) if match else 0
    if not 1 <= days <= 92:
        raise InputError(
            f"A horizon of {text[:20]!r} is not valid; write 7d, 28d or 4w, at most 92 days."
        )
    return days


def rolling_folds(first: date, last: date, horizon: int, folds: int | None = None) -> list[Fold]:
    """Consecutive folds of `horizon` days from `first` on that end by `last`.

    Parameters
    ----------
    folds : int, optional
        Number of folds; by default all that fit.

    Raises
    ------
    InputError
        The period is too short for so many.
    """
    fit = ((last - first).days + 1) // horizon
    wanted = fit if folds is None else folds
    if not 1 <= wanted <= fit:
        raise InputError(
            f"{first} to {last} has room for {max(fit, 0)} forecasts of {horizon} days, "
            f"not for {wanted}; choose fewer folds or a longer period."
        )
    cutoffs = [first + number * horizon * DAY for number in range(wanted)]
    return [Fold(cutoff, cutoff + horizon * DAY) for cutoff in cutoffs]


def training_folds(first_day: date, before: date, horizon: int) -> list[Fold]:
    """Folds to tune and train on; the newest ends on `before`.

    They go back at most two years, and each has at least a third of the history (a year if there is
    one) before it. A target of 28 days has four times the incidents of a week and ranks cells in
    the same way, so there is one origin every 28 days, for 28 days or the horizon if it is longer.

    Raises
    ------
    InputError
        The history is too short for three folds.
    """
    days = (before - first_day).days
    run_up = min(365, days // 3)
    length = max(TRAINING_STEP_DAYS, horizon)
    count = min(days - run_up, TUNING_DAYS) // length
    if count < 3:
        raise InputError(
            f"Before {before} there are {days} days of incidents, too few to tune on; start later: "
            f"at least {4 * length + run_up} days are needed."
        )
    starts = [before - number * length * DAY for number in range(count, 0, -1)]
    return [Fold(start, start + length * DAY) for start in starts]
