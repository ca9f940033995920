"""`patroliq evaluate plan`: what plans of patrol would have been near in past weeks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.patrol_options import demand_options, read_inputs, rule_options, rules_of

if TYPE_CHECKING:
    from analytics.patrol.backtest import PlanKind
    from analytics.patrol.rules import PatrolRules

DAY = click.DateTime(["%Y-%m-%d"])
OTHER_RULES: tuple[dict[str, float], ...] = (
    {"stop_min": 6},
    {"residual_min": 0},
    {"gap_min": 60},
    {"radius_m": 100.0},
    {"radius_m": 250.0},
    {"candidates": 3},
    {"candidates": 8},
)
"""Settings that are tried one by one with --sensitivity."""
LEAST_SHARE = 0.002
"""Areas with a smaller share of the incidents get no unit."""


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="First day to evaluate.")
@click.option("--to", "last", type=DAY, required=True, help="Last day to evaluate.")
@demand_options
@click.option(
    "--units",
    type=click.IntRange(1, 20),
    default=2,
    show_default=True,
    help="Units of each area in each shift.",
)
@rule_options
@click.option("--sensitivity", is_flag=True, help="Also our plan under other settings.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@json_option
def plan(
    *,
    first: datetime,
    last: datetime,
    units: int,
    sensitivity: bool,
    seed: int,
    as_json: bool,
    **given: Any,
) -> None:
    """Compare our plan with an even spread, last year's blocks, and cells of shift and day.

    Every week is planned from earlier days only, all with the same units and hours. An incident
    counts as reached if it happened within the radius of a stop, from the arrival until the end of
    the residual. That measures exposure, not prevention.
    """
    import numpy as np

    from analytics.patrol.backtest import Backtester, PlanKind

    rules = rules_of(given)
    inputs = read_inputs(**given)
    spots = inputs.forecaster.spots
    counts = np.bincount(spots.area[spots.of_incident], minlength=len(spots.areas))
    teams = tuple(units if one >= LEAST_SHARE * counts.sum() else 0 for one in counts)
    tester = Backtester(inputs.forecaster, inputs.travel, teams, seed, inputs.stations())
    wanted: list[tuple[PlanKind, PatrolRules]] = [(kind, rules) for kind in PlanKind]
    if sensitivity:
        wanted += [(PlanKind.OURS, one) for one in _others(rules)]
    with progress_bar() as advance:
        found = tester.run(first.date(), last.date(), wanted, advance)
    rows = found.rows()
    emit(rows, as_json, lambda: _table(rows))


def _others(rules: PatrolRules) -> list[PatrolRules]:
    from dataclasses import replace

    changed = [replace(rules, **change) for change in OTHER_RULES]  # type: ignore[arg-type]
    return [one for one in dict.fromkeys(changed) if one != rules]


def _table(rows: list[dict[str, Any]]) -> list[str]:
    from analytics.formats import percent

    lines = [
        f"{'plan':<15}{'reached':>8}{'share':>8}  {'95%':<16}{'per 100 h':>10}{'harm':>8}"
        f"{'predicted/observed':>20}  ours to this"
    ]
    for row in rows:
        changed = ", ".join(
            f"{name} {value:g}"
            for name, value in row["rules"].items()
            if value != rows[0]["rules"][name]
        )
        ratio = row["predicted_to_observed"]
        times = row["ours_to_this"]
        lines.append(
            f"{row['plan']:<15}{row['incidents_reached']:>8,}{percent(row['share'] or 0, 2):>8}  "
            f"{percent(row['low'], 2)} to {percent(row['high'], 2):<7}"
            f"{row['per_100_hours'] or 0:>10.2f}{percent(row['harm_share'] or 0, 2):>8}"
            f"{'–' if ratio is None else f'{ratio:.2f}':>20}  "
            + ("–" if times is None else f"{times:.2f} ")
            + f"({row['ours_to_this_low']:.2f} to {row['ours_to_this_high']:.2f}) {changed}"
        )
    return [*lines, "Exposure, not prevention: where a patrol would have been near."]
