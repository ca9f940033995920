"""How often the expected counts and their rivals are wrong, and how much they detect.

Real counts of past windows stand for no change, though some changed: false alarms are an upper
bound. A rise of 30% adds a binomial share of the incidents to the real count, a fall thins it.
Detection is compared at equal false alarms: each rule's limit is the 95% point of its own scores on
the real counts of rows of that size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analytics.errors import InputError
from analytics.overview.change_rivals import ENGINE, LIMIT, RULES, Situation
from analytics.overview.daily_rows import DailyRows
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.bootstrap import Resamples, draw, interval
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.level import LEVEL
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import WATCH_P

Advance = Callable[[str, float], None]
SIZES = (10, 30, 100, 400, 1_600)
"""Incidents of a row in a window."""
REACH = 1.5
"""Rows belong to a size up to this factor from it."""
RISES = (0.3, 0.5)
FALL = 0.3
SIZE_DAYS = 364
RESAMPLES = 2_000


@dataclass(frozen=True)
class ChangePlan:
    """Which windows are evaluated.

    Attributes
    ----------
    first, last : days that the windows lie in, one after another from the first
    days : length of a window
    draws : simulated changes of each row and window
    """

    first: date
    last: date
    days: int = 28
    draws: int = 10
    seed: int = 20_080


@dataclass(frozen=True)
class MeasuredShare:
    """A share with its 95% bootstrap interval over windows."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RuleResult:
    """One rule in rows of one size.

    Attributes
    ----------
    size : incidents a window; None for rows of all sizes from the smallest on
    tests : rows times windows
    false_alarms : two-sided at 5% by the rule's own limit
    beyond_watch : share of real counts with p ≤ 1%
    coverage : of the 95% interval; None for rules without one
    rises : detected of each rise in `RISES`, at 5% false alarms upward
    fall : detected of a fall by `FALL`, at 5% false alarms downward
    """

    rule: str
    size: int | None
    tests: int
    windows: int
    false_alarms: MeasuredShare
    beyond_watch: MeasuredShare
    coverage: MeasuredShare | None
    rises: tuple[MeasuredShare, ...]
    fall: MeasuredShare


@dataclass(eq=False)
class _Scores:
    """Scores by window: of real counts (rows) and of changed ones (draws, rows)."""

    real: list[Floats] = field(default_factory=list)
    rises: tuple[list[Floats], ...] = field(default_factory=lambda: tuple([] for _ in RISES))
    fall: list[Floats] = field(default_factory=list)


def evaluate_change(
    table: DailyRows, country: str, plan: ChangePlan, advance: Advance = lambda _what, _share: None
) -> list[RuleResult]:
    """Measure all rules on the windows of a plan; those that need more history are left out.

    Raises
    ------
    InputError
        No window fits, or nothing could be expected in any.
    """
    rows = CountedRows.of(table.counts, table.kind)
    seasons = SeasonModel(table.citywide, table.first, country)
    starts = starts_of(table, plan)
    random = np.random.default_rng(plan.seed)
    scores = {name: _Scores() for name in RULES}
    sizes, inside = [], []
    for number, start in enumerate(starts):
        advance("Expecting counts", number / len(starts))
        found = expected_counts(rows, seasons, start, plan.days)
        here = Situation(rows, start, plan.days, found)
        changed = _Changed.of(found.counts, plan.draws, random)
        chance = random.poisson(np.nan_to_num(found.expected))
        ideal = _Changed.of(chance, plan.draws, random)
        for name, rule in RULES.items():
            score, counts = rule(here), ideal if name == LIMIT else changed
            kept = scores[name]
            kept.real.append(score(counts.real))
            for into, planted in zip(kept.rises, counts.rises, strict=True):
                into.append(np.stack([score(one) for one in planted]))
            kept.fall.append(np.stack([score(one) for one in counts.fall]))
        inside.append((found.counts >= found.low) & (found.counts <= found.high))
        sizes.append(_size_of(rows, start, plan.days))
    return _summary(scores, np.array(sizes), np.array(inside))


@dataclass(frozen=True, eq=False)
class _Changed:
    """Counts as they were, and with simulated changes, shape (draws, rows)."""

    real: Ints
    rises: tuple[Ints, ...]
    fall: Ints

    @classmethod
    def of(cls, counts: Ints, draws: int, random: np.random.Generator) -> _Changed:
        shape = draws, len(counts)
        rises = tuple(counts + random.binomial(counts, rise, shape) for rise in RISES)
        return cls(counts, rises, random.binomial(counts, 1 - FALL, shape))


def starts_of(table: DailyRows, plan: ChangePlan) -> list[int]:
    """Columns of the first days of a plan's windows.

    Raises
    ------
    InputError
        No window fits.
    """
    first = max(table.column(plan.first), 0)
    stop = min(table.column(plan.last + timedelta(days=1)), table.days)
    starts = list(range(first, stop - plan.days + 1, plan.days))
    if not starts:
        raise InputError(
            f"No window of {plan.days} days lies between {plan.first} and {plan.last} in the data."
        )
    return starts


def _size_of(rows: CountedRows, start: int, days: int) -> Floats:
    """Incidents a window in the year before it."""
    since = max(start - SIZE_DAYS, 0)
    counted = rows.between(since, start)
    return np.asarray(counted * (days / max(start - since, 1)), dtype=np.float64)


def _summary(
    scores: dict[str, _Scores], sizes: Floats, inside: npt.NDArray[np.bool_]
) -> list[RuleResult]:
    large = sizes >= SIZES[0] / REACH
    able = {name: ~np.isnan(np.array(kept.real)) & large for name, kept in scores.items()}
    if not able[ENGINE].any():
        raise InputError("Nothing is expected: the data before --from is too short, or too few.")
    spoken = [name for name, tests in able.items() if tests.any()]
    # Every rule that can tell is measured on the same tests: those that all of them can judge.
    known = np.all([able[name] for name in spoken], axis=0)
    windows = np.flatnonzero(known.any(axis=1))
    resamples = draw(len(windows), resamples=RESAMPLES)
    chosen: dict[int | None, npt.NDArray[np.bool_]] = {None: known}
    for size in SIZES:
        chosen[size] = known & (sizes >= size / REACH) & (sizes <= size * REACH)
    tests = [
        _Tests(size, windows, one[windows], resamples) for size, one in chosen.items() if one.any()
    ]
    return [
        one.result(name, scores[name], inside if name == ENGINE else None)
        for name in spoken
        for one in tests
    ]


@dataclass(frozen=True, eq=False)
class _Tests:
    """Tests of rows of one size.

    Attributes
    ----------
    windows : numbers of the windows that have tests of any size
    chosen : shape (windows, rows)
    """

    size: int | None
    windows: Ints = field(repr=False)
    chosen: npt.NDArray[np.bool_] = field(repr=False)
    resamples: Resamples = field(repr=False)

    def share(self, hits: npt.NDArray[np.bool_]) -> MeasuredShare:
        """Of all windows; shape (all windows, rows) or (all windows, draws, rows)."""
        here = hits[self.windows]
        each = here.reshape(len(here), -1, here.shape[-1]).mean(axis=1)
        found = (each * self.chosen).sum(axis=1)
        tests = self.chosen.sum(axis=1).astype(np.float64)
        low, high = interval(self.resamples.ratio(found, tests))
        return MeasuredShare(float(found.sum() / tests.sum()), low, high)

    def result(
        self, name: str, scores: _Scores, inside: npt.NDArray[np.bool_] | None
    ) -> RuleResult:
        real = np.array(scores.real)
        top, bottom = np.quantile(real[self.windows][self.chosen], [1 - LEVEL, LEVEL])
        return RuleResult(
            name,
            self.size,
            int(self.chosen.sum()),
            len(self.windows),
            self.share(np.abs(real) >= -ndtri(LEVEL / 2)),
            self.share(np.abs(real) >= -ndtri(WATCH_P / 2)),
            None if inside is None else self.share(inside),
            tuple(self.share(np.array(planted) > top) for planted in scores.rises),
            self.share(np.array(scores.fall) < bottom),
        )
