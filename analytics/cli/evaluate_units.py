"""`patroliq evaluate units`: what forecasts of cells and blocks catch at equal patrol."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from analytics.cli.evaluate_zones import read_sizes
from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.pinned import pin_snapshot
from analytics.settings import Settings

if TYPE_CHECKING:  # it loads scikit-learn
    from analytics.forecasting.unit_comparison import UnitResult

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--target", default="all", show_default=True, help="Target; see `patroliq models targets`."
)
@click.option(
    "--cells-m",
    default="250,100",
    show_default=True,
    help="Sides of cells in meters; others are compared with the first for all day.",
)
@click.option(
    "--street-share", "shares", default="0.01,0.05", show_default=True, help="Shares to flag."
)
@click.option("--forecaster", default="ensemble", show_default=True)
@click.option("--from", "first", type=DAY, required=True, help="First day to forecast.")
@click.option("--to", "last", type=DAY, required=True, help="Last day to forecast.")
@click.option("--folds", type=click.IntRange(1), help="Weeks from --from on. Default: all.")
@json_option
def units(  # noqa: PLR0917 - click passes them by name
    target: str,
    cells_m: str,
    shares: str,
    forecaster: str,
    first: datetime,
    last: datetime,
    folds: int | None,
    as_json: bool,
) -> None:
    """Compare weekly forecasts of cells and blocks, all day and by four-hour band.

    Each flags the same share of the street length for the same hours in all. Tuning and training
    use only days before --from.
    """
    from analytics.artifacts.targets import Targets
    from analytics.errors import InputError
    from analytics.forecasting.api import EvaluationPlan, Judged, evaluate
    from analytics.forecasting.history import Target
    from analytics.forecasting.hour_bands import BandKind
    from analytics.forecasting.unit_comparison import compare_units
    from analytics.forecasting.units import UnitKind
    from analytics.zones.street_blocks import street_blocks

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    blocks = street_blocks(pinned.reader)
    if blocks is None:
        raise InputError(
            "The texts of blocks do not name hundreds of house numbers, so the street length is "
            "not known."
        )
    chosen = Target(Targets.of(pinned.vocabulary, settings).find(target).selection)
    sizes = [int(size) for size in read_sizes("--cells-m", cells_m, 10_000)]
    plans = {f"cells {size} m": (UnitKind.CELL, size) for size in sizes}
    plans["blocks"] = (UnitKind.BLOCK, min(sizes))
    found: dict[str, Judged] = {}
    flagged = read_sizes("--street-share", shares, 1.0)
    with progress_bar() as advance:
        for number, (name, (unit, size)) in enumerate(plans.items()):
            advance(f"Forecasting {name}", number / len(plans))
            plan = EvaluationPlan(
                first.date(),
                last.date(),
                folds,
                cell_m=size,
                area_shares=flagged,
                forecasters=(forecaster,),
                unit=unit,
                by=BandKind.BAND,
                by_street=True,
            )
            judged = evaluate(pinned.reader, chosen, plan, streets=blocks.streets)
            found[name] = judged.decided(promoted=judged.promoted)  # its models can be freed
    rows = compare_units(found, forecaster, flagged)
    emit([asdict(one) for one in rows], as_json, lambda: _table(rows))


def _table(rows: list[UnitResult]) -> list[str]:
    head = f"{'street':<8}{'unit':<14}{'hours':<9}{'hits':>7}  {'95%':<16}"
    lines = [f"{head}gain over {rows[0].unit}, all day" if rows else head]
    for one in rows:
        between = f"{one.hit_rate_low:.1%} to {one.hit_rate_high:.1%}"
        gain = [f"{100 * value:.1f}" for value in (one.gain, one.gain_low, one.gain_high)]
        lines.append(
            f"{one.street_share:<8.1%}{one.unit:<14}{one.hours:<9}{one.hit_rate:>7.1%}  "
            f"{between:<16}{gain[0]} ({gain[1]} to {gain[2]})"
        )
    return lines
