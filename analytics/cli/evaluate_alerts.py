"""`patroliq evaluate alerts`: planted rises that alerts find, and alerts where nothing changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.evaluate_change import last_complete, require_days_of_areas
from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.pinned import pin_snapshot
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.alerts.alert_evaluation import DetectionResult, DetectionShare, FalseAlerts

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--per", default="district", show_default=True, help="Level of the areas.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the first period.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of a period.")
@click.option("--days", type=click.Choice(["7", "28"]), default="7", show_default=True)
@click.option(
    "--draws",
    type=click.IntRange(1, 20),
    default=2,
    show_default=True,
    help="Rows of each size and period that are planted in the table.",
)
@click.option(
    "--histories",
    type=click.IntRange(1, 200),
    default=24,
    show_default=True,
    help="Simulated histories without change, of each kind.",
)
@json_option
def alerts(  # noqa: PLR0917 - click passes them by name
    per: str,
    first: datetime,
    last: datetime,
    days: str,
    draws: int,
    histories: int,
    as_json: bool,
) -> None:
    """Measure alerts of changes: rises they find in real counts, and false ones without change.

    A rise adds to each incident of one type in one area another one with some probability. Without
    change, histories of Poisson counts, and of counts with 1.5 times their variance, are checked
    day by day for four weeks.
    """
    from analytics.alerts.alert_evaluation import (
        DetectionPlan,
        evaluate_detection,
        simulate_false_alerts,
    )
    from analytics.crossfilter.scope import EVERYTHING
    from analytics.crossfilter.selection import EMPTY
    from analytics.errors import InputError
    from analytics.formats import country_of
    from analytics.overview.daily_rows import daily_rows

    pinned = pin_snapshot(Settings.from_environment())
    manifest, length = pinned.snapshot.manifest, int(days)
    if manifest.covered is None:
        raise InputError("The snapshot has no incidents.")
    require_days_of_areas(manifest, per)
    rows = daily_rows(pinned.reader, EVERYTHING, EMPTY, per, manifest.covered)
    plan = DetectionPlan(first.date(), last_complete(manifest, last.date()), length, draws)
    with progress_bar() as advance:
        found = evaluate_detection(rows, country_of(manifest.source.timezone), plan, advance)
        false = {
            spread: simulate_false_alerts(histories, 4, dispersion=spread, days=length)
            for spread in (1.0, 1.5)
        }
    result = {
        "detection": [asdict(one) for one in found],
        "false_alerts": [{"dispersion": spread, **asdict(one)} for spread, one in false.items()],
    }
    emit(result, as_json, lambda: _lines(found, false))


def _lines(found: list[DetectionResult], false: dict[float, FalseAlerts]) -> list[str]:
    from analytics.alerts.alert_evaluation import RISES

    names = "".join(f"{f'+{100 * rise:.0f}%':<18}" for rise in RISES)
    lines = [f"{'size':>5}{'rows':>8}  {'no rise':<18}{names}{names}".rstrip()]
    for one in found:
        cells = [one.unplanted, *one.alone, *one.in_table]
        shares = "".join(f"{_share(each):<18}" for each in cells)
        lines.append(f"{one.size:>5}{one.rows:>8,}  {shares}".rstrip())
    lines.append("Rises: three columns of a list of the row alone, three of one of all rows.")
    for spread, each in false.items():
        fired: Any = each.fired
        lines.append(
            f"Variance {spread:g} times the mean, {each.tested:.0f} counts: {fired.value:.1f} "
            f"({fired.low:.1f} to {fired.high:.1f}) alerts a week without change, "
            f"{each.stated:.1f} stated."
        )
    return lines


def _share(share: DetectionShare) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
