"""How often what is expected of harm is wrong, on real harm of past windows.

As with counts, real harm stands for no change, though some changed: false alarms are an upper
bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.overview.change_evaluation import (
    RESAMPLES,
    ChangePlan,
    MeasuredShare,
    starts_of,
)
from analytics.overview.daily_rows import EVERY
from analytics.overview.harm_changes import HarmRows
from analytics.statistics.bootstrap import draw, interval
from analytics.statistics.tiers import WATCH_P

Bools = npt.NDArray[np.bool_]
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class HarmCoverage:
    """False alarms of one kind of rows.

    Attributes
    ----------
    rows : `all`, `area`, `type` or `type,area`
    above, below : shares of tests beyond either end of the 95% interval
    beyond_watch : share with p ≤ 1%
    """

    rows: str
    tests: int
    windows: int
    above: MeasuredShare
    below: MeasuredShare
    coverage: MeasuredShare
    beyond_watch: MeasuredShare


def harm_coverage(
    table: HarmRows, plan: ChangePlan, advance: Advance = lambda _what, _share: None
) -> list[HarmCoverage]:
    """Judge the windows of a plan, each from the days before it.

    Raises
    ------
    InputError
        No window fits, or nothing could be expected in any.
    """
    rows = table.rows
    starts = starts_of(rows, plan)
    above, below, watched, tested = [], [], [], []
    for number, start in enumerate(starts):
        advance("Expecting harm", number / len(starts))
        found = table.judged(start, plan.days, range(len(rows.names)))
        above.append(found.harm > found.high + ROUNDING)
        below.append(found.harm < found.low - ROUNDING)
        watched.append(found.p <= WATCH_P)
        tested.append(~np.isnan(found.p))
    known = np.array(tested)
    if not known.any():
        raise InputError("Nothing is expected: the data before --from is too short, or too few.")
    outside = np.array(above), np.array(below), np.array(watched)
    kinds = {
        "all": [name == (EVERY, EVERY) for name in rows.names],
        "area": [kind == EVERY != area for kind, area in rows.names],
        "type": [kind != EVERY == area for kind, area in rows.names],
        "type,area": [EVERY not in name for name in rows.names],
    }
    return [_measured(name, known[:, np.array(of)], [one[:, np.array(of)] for one in outside])
            for name, of in kinds.items()]  # fmt: skip


ROUNDING = 1e-6
"""Days of sentence within which harm is on the end of an interval."""


def _measured(name: str, known: Bools, outside: list[Bools]) -> HarmCoverage:
    resamples = draw(len(known), resamples=RESAMPLES)
    tests = known.sum(axis=1).astype(np.float64)

    def share(hits: Bools) -> MeasuredShare:
        found = (hits & known).sum(axis=1).astype(np.float64)
        low, high = interval(resamples.ratio(found, tests))
        return MeasuredShare(float(found.sum() / tests.sum()), low, high)

    above, below, watched = outside
    return HarmCoverage(
        name,
        int(tests.sum()),
        len(known),
        share(above),
        share(below),
        share(~above & ~below),
        share(watched),
    )
