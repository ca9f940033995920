"""What forecasts of cells and of blocks catch at the same street length and patrol hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.forecasting.api import Judged
from analytics.forecasting.evaluation import columns_of
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import ratio_interval


@dataclass(frozen=True)
class UnitResult:
    """One unit, flagged all day or by band, at one share of the street length.

    `gain` is the difference in hit rate to the first unit flagged all day; intervals are 95%.
    """

    unit: str
    hours: str
    forecaster: str
    street_share: float
    hit_rate: float
    hit_rate_low: float
    hit_rate_high: float
    gain: float
    gain_low: float
    gain_high: float
    folds: int
    incidents: int


def compare_units(
    found: Mapping[str, Judged], forecaster: str, shares: tuple[float, ...]
) -> list[UnitResult]:
    """Hit rates of a forecaster by unit, all day and by band, paired by fold with the first unit.

    Parameters
    ----------
    found : by name of the unit, evaluations by street length and by band in the same folds

    Notes
    -----
    All hit rates are of the incidents of the first unit. Those that another unit cannot hold, such
    as incidents without a block, are among them and count as missed.
    """
    first = next(iter(found))
    rows = []
    for share in shares:
        base, incidents = columns_of(
            found[first].folds, forecaster, share, "caught_all_day", "incidents"
        )
        for unit, judged in found.items():
            caught, all_day = columns_of(
                judged.folds, forecaster, share, "caught", "caught_all_day"
            )
            for hours, own in (("all day", all_day), ("by band", caught)):
                rows.append(_result(unit, hours, forecaster, share, (own, base, incidents)))
    return rows


def _result(
    unit: str, hours: str, forecaster: str, share: float, counts: tuple[Floats, Floats, Floats]
) -> UnitResult:
    own, base, incidents = counts
    hits, gain = ratio_interval(own, incidents), ratio_interval(own - base, incidents)
    return UnitResult(
        unit,
        hours,
        forecaster,
        share,
        hits.value,
        hits.low,
        hits.high,
        gain.value,
        gain.low,
        gain.high,
        len(incidents),
        int(incidents.sum()),
    )
