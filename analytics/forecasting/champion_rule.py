"""The rule that makes a candidate champion.

A candidate is compared with the best baseline by its mean capture: the hit rate averaged over
1, 2, …, 10% of the area, which is the area under that part of the capture curve. A week has few
incidents in the best 1% of a city, so its PAI alone often cannot tell forecasts apart. The mean
capture has more of them. At the first share, where patrols go first, the candidate must not be
worse: it must catch at least 95% of what the baseline catches there.

References
----------
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
Statistics 6.
Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24 (both
tests of one target must pass, so neither needs a correction).
Blackwelder (1982), "Proving the null hypothesis" in clinical trials, Controlled Clinical Trials 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from analytics.artifacts.baseline import FEWEST_FOLDS, MARGIN
from analytics.forecasting.evaluation import Judging, columns_of
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import RatioEstimate, ratio_interval
from analytics.statistics.level import LEVEL

CAPTURE_SHARES = tuple(round(percent / 100, 2) for percent in range(1, 11))
ONE_SIDED = LEVEL / 2


@dataclass(frozen=True)
class AgainstBaseline:
    """A forecaster beside the best baseline.

    Attributes
    ----------
    capture : mean capture with its 95% interval; p is not used
    gain : difference in mean capture; p of a gain of zero or less
    first : gain at the first share as a part of the baseline's catch there, with its 95% interval;
        p of a loss of `MARGIN` or more. Where the baseline catches nothing, nothing can be lost: 0
    """

    forecaster: str
    folds: int
    capture: RatioEstimate
    gain: RatioEstimate
    first: RatioEstimate

    @property
    def p(self) -> float:
        """p of the target: both tests must pass (Berger 1982); 1 with too few forecasts."""
        return max(self.gain.p, self.first.p) if self.folds >= FEWEST_FOLDS else 1.0


def hardest_baseline(folds: pl.DataFrame, baselines: Sequence[str]) -> str:
    """The baseline with the highest mean capture in these folds, which favors it."""
    return max(baselines, key=lambda name: _mean_capture(folds, name)[0].sum())


def compare(
    folds: pl.DataFrame, name: str, baseline: str, first_share: float, judging: Judging
) -> AgainstBaseline:
    """Compare a forecaster with a baseline, paired by fold.

    Parameters
    ----------
    folds : as `score_folds` returns them, with `CAPTURE_SHARES` and the first share
    judging : its family, resamples and seed
    """
    (own, incidents), (base, _) = (_mean_capture(folds, one) for one in (name, baseline))
    own_first, base_first = (
        columns_of(folds, one, first_share, "caught")[0] for one in (name, baseline)
    )

    estimate = partial(ratio_interval, resamples=judging.resamples, seed=judging.seed)
    return AgainstBaseline(
        name,
        len(incidents),
        estimate(own, incidents),
        estimate(own - base, incidents, confidence=1 - LEVEL / judging.family),
        estimate(own_first - base_first, base_first, margin=MARGIN, empty=0.0),
    )


def promoted(comparisons: Mapping[str, AgainstBaseline | None], family: int = 1) -> dict[str, bool]:
    """Whether the nominee of each target becomes champion, by Holm's procedure over the targets.

    Parameters
    ----------
    comparisons : of the nominee of each target; None without one
    family : number of targets tested together, if more than are given
    """
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - loads pandas, 1 s

    tested = {name: one.p for name, one in comparisons.items() if one is not None}
    missing = [1.0] * (max(family, 1) - len(tested))  # as if larger than all given: stricter
    passed = multipletests([*tested.values(), *missing], ONE_SIDED, method="holm")[0]
    found = dict(zip(tested, passed.tolist(), strict=False))
    return {name: found.get(name, False) for name in comparisons}


def _mean_capture(folds: pl.DataFrame, name: str) -> tuple[Floats, Floats]:
    """Incidents caught, averaged over `CAPTURE_SHARES`, and all incidents; shape (folds,)."""
    own = (pl.col("forecaster") == name) & pl.col("area_share").is_in(CAPTURE_SHARES)
    found = folds.filter(own).sort("area_share", "cutoff")
    # Summed in a fixed order: a baseline's gain over itself must be zero, whatever the threads do.
    caught, incidents = (
        found[column].to_numpy().reshape(len(CAPTURE_SHARES), -1)
        for column in ("caught", "incidents")
    )
    return caught.mean(axis=0), incidents[0]
