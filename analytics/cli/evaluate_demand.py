"""`patroliq evaluate demand`: forecasts of counts by area and shift, beside the weeks before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.evaluate_change import last_complete
from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.pinned import pin_snapshot
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.forecasting.demand.evaluation import ModelScore
    from analytics.forecasting.demand.panel import DemandPanel
    from analytics.forecasting.demand.sums import SumCoverage
    from analytics.statistics.bootstrap import RatioEstimate

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--target", default="all", show_default=True, help="Target; see `patroliq models targets`."
)
@click.option("--level", default="district", show_default=True, help="Level of the areas.")
@click.option(
    "--horizon",
    type=click.IntRange(1, 28),
    default=28,
    show_default=True,
    help="Days ahead of each forecast.",
)
@click.option("--from", "first", type=DAY, required=True, help="First day to forecast.")
@click.option("--to", "last", type=DAY, required=True, help="Last day to forecast.")
@click.option(
    "--measure",
    type=click.Choice(["incidents", "harm"]),
    default="incidents",
    show_default=True,
    help="Forecast counts, or sums of harm in days of sentence.",
)
@click.option(
    "--candidate",
    "candidates",
    multiple=True,
    type=click.Choice(["lightgbm", "lstm"]),
    help="Compare this model too; it takes several times as long. lstm needs the extra lstm.",
)
@click.option("--sums", is_flag=True, help="Coverage of sums over areas, shifts and days instead.")
@json_option
def demand(  # noqa: PLR0917 - click passes them by name
    target: str,
    level: str,
    horizon: int,
    first: datetime,
    last: datetime,
    measure: str,
    candidates: tuple[str, ...],
    sums: bool,
    as_json: bool,
) -> None:
    """Compare forecasts of counts by area, shift and day with what happened.

    Each forecast uses only the days before it; a new one starts every 14 days, or every horizon if
    that is shorter. Gains are of pinball loss, in percent of that of the mean of the last four same
    weekdays, with a 95% interval paired over the forecasts. Offenses found by police activity and
    incomplete days are left out.
    """
    from analytics.artifacts.extras import require_extra
    from analytics.artifacts.targets import Targets
    from analytics.errors import InputError
    from analytics.forecasting.demand.evaluation import (
        CANDIDATES,
        MODELS,
        RULE,
        DemandPlan,
        evaluate_demand,
        forecast_all,
    )
    from analytics.forecasting.demand.harm import evaluate_harm, read_harm
    from analytics.forecasting.demand.panel import read_panel
    from analytics.forecasting.demand.sums import sum_coverage

    for name in candidates:
        require_extra(name)
    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    chosen = Targets.of(pinned.vocabulary, settings).find(target)
    if sums and measure == "harm":
        raise InputError("--sums is of incidents; leave out --measure harm.")
    harm = read_harm(pinned.reader, chosen.selection, level) if measure == "harm" else None
    panel = harm.panel if harm else read_panel(pinned.reader, chosen.selection, level)
    _warn_of_left_out(panel, level)
    plan = DemandPlan(first.date(), last_complete(pinned.snapshot.manifest, last.date()), horizon)
    models = {**MODELS, **{name: CANDIDATES[name] for name in candidates}}
    with progress_bar() as advance:
        if sums:
            forecasts = forecast_all(panel, plan, {RULE: MODELS[RULE]}, advance)[RULE]
            held = sum_coverage(forecasts)
        elif harm:
            found = evaluate_harm(harm, plan, models)
        else:
            found = evaluate_demand(panel, plan, models, advance)
    if sums:
        emit([_sum_row(one) for one in held], as_json, lambda: _sum_table(held))
    else:
        emit([_row(one) for one in found], as_json, lambda: _table(found))


def _warn_of_left_out(panel: DemandPanel, level: str) -> None:
    for area, count in panel.strays.items():
        warn(f"{level.capitalize()} {area} has {count:,} incidents and is left out.")
    if panel.without_area:
        warn(f"{panel.without_area:,} incidents without a {level} are left out.")
    if panel.without_shift:
        warn(f"{panel.without_shift:,} incidents without an hour are left out.")


def _row(found: ModelScore) -> dict[str, Any]:
    """Gains in percent."""
    return {
        "model": found.model,
        "role": found.role,
        "horizon_days": found.horizon_days,
        "mase": _rounded(found.mase),
        "pinball": _rounded(found.pinball),
        "coverage_80": _rounded(found.coverage[1]),
        "coverage_95": _rounded(found.coverage[2]),
        "gain_low": round(100 * found.gain.low, 2),
        "gain_high": round(100 * found.gain.high, 2),
    }


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 4)  # noqa: PLR0124 - NaN


def _table(found: list[ModelScore]) -> list[str]:
    """Lines of the scores; with the gain over the rule if a candidate is among them."""
    from analytics.forecasting.demand.evaluation import CANDIDATES

    compared = any(one.model in CANDIDATES for one in found)
    lines = [
        f"{'model':<16}{'role':<11}{'MASE':>6}{'pinball':>9}{'50%':>7}{'80%':>7}{'95%':>7}"
        f"{'bias':>7}  {'gain over four weekdays':<28}{'gain over last week':<28}"
        f"{'gain over the rule' if compared else ''}"
    ]
    for one in found:
        shares = "".join(f"{share:>7.1%}" for share in one.coverage)
        gains = f"{_gain(one.gain):<28}{_gain(one.gain_last_week):<28}"
        if compared and one.gain_rule:
            gains += _gain(one.gain_rule, 2)
        lines.append(
            f"{one.model:<16}{one.role:<11}{one.mase:>6.3f}{one.pinball:>9.4f}{shares}"
            f"{one.bias:>7.1%}  {gains}"
        )
    lines = [line.rstrip() for line in lines]
    return [*lines, f"{found[0].origins} forecasts of {found[0].horizon_days} days"]


def _gain(gain: RatioEstimate, decimals: int = 1) -> str:
    value, low, high = (f"{one:.{decimals}%}" for one in (gain.value, gain.low, gain.high))
    return f"{value} ({low} to {high})"


def _sum_row(found: SumCoverage) -> dict[str, Any]:
    return {
        "sums": found.sums,
        "coverage_80": round(found.coverage_80, 4),
        "coverage_95": round(found.coverage_95, 4),
        "independent_80": round(found.independent_80, 4),
        "independent_95": round(found.independent_95, 4),
    }


def _sum_table(found: list[SumCoverage]) -> list[str]:
    lines = [f"{'sums':<26}{'80%':>7}{'95%':>7}   independent cells: 80%    95%"]
    for one in found:
        lines.append(
            f"{one.sums:<26}{one.coverage_80:>7.1%}{one.coverage_95:>7.1%}"
            f"{one.independent_80:>25.1%}{one.independent_95:>7.1%}"
        )
    return lines
