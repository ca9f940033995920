"""`patroliq evaluate change`: false alarms and detection of the rules that say what changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.incidents.manifest import Manifest
    from analytics.overview.change_evaluation import MeasuredShare, RuleResult
    from analytics.overview.harm_evaluation import HarmCoverage

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--selection", default="", help='Any selection, such as "domestic=no".')
@click.option("--per", default="district", show_default=True, help="Level of the areas.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the first window.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of a window.")
@click.option("--days", type=click.IntRange(1, 366), default=28, show_default=True)
@click.option(
    "--measure",
    type=click.Choice(["count", "harm"]),
    default="count",
    show_default=True,
    help="Harm has one rule: its false alarms and coverage.",
)
@click.option(
    "--draws",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="Simulated changes of each count.",
)
@json_option
def change(  # noqa: PLR0917 - click passes them by name
    selection: str,
    per: str,
    first: datetime,
    last: datetime,
    days: int,
    measure: str,
    draws: int,
    as_json: bool,
) -> None:
    """Measure rules of change: how often each is wrong, and which rises each one detects.

    Rows are all incidents, each type, each area, and each type in each area. Each window is judged
    from the days before it; incomplete days are left out. Rises add incidents to real counts at
    random; detection is compared at 5% false alarms for every rule.
    """
    from analytics.crossfilter.scope import EVERYTHING
    from analytics.errors import InputError
    from analytics.formats import country_of
    from analytics.overview.change_evaluation import ChangePlan, evaluate_change
    from analytics.overview.daily_rows import daily_rows
    from analytics.overview.harm_changes import harm_rows
    from analytics.overview.harm_evaluation import harm_coverage

    pinned = pin_snapshot(Settings.from_environment())
    manifest = pinned.snapshot.manifest
    if manifest.covered is None:
        raise InputError("The snapshot has no incidents.")
    require_days_of_areas(manifest, per)
    chosen = read_selection(selection, pinned)
    plan = ChangePlan(first.date(), last_complete(manifest, last.date()), days, draws)
    if measure == "harm":
        table = harm_rows(pinned.reader, EVERYTHING, chosen, per, manifest.covered)
        with progress_bar() as advance:
            measured = harm_coverage(table, plan, advance)
        emit([asdict(one) for one in measured], as_json, lambda: _harm_table(measured))
        return
    counted = daily_rows(pinned.reader, EVERYTHING, chosen, per, manifest.covered)
    country = country_of(manifest.source.timezone)
    with progress_bar() as advance:
        found = evaluate_change(counted, country, plan, advance)
    emit([_row(one) for one in found], as_json, lambda: _table(found))


def require_days_of_areas(manifest: Manifest, level: str) -> None:
    """Refuse data by months, and a level of areas that the data lacks."""
    from analytics.errors import InputError
    from analytics.incidents.model import AREA_LEVELS, require_area_level

    if manifest.months_only:
        raise InputError("This source gives months only; windows of days cannot be evaluated.")
    require_area_level(level)
    if level in manifest.views_off:
        known = [one for one in AREA_LEVELS if one not in manifest.views_off]
        instead = f"; it has {', '.join(known)}" if known else ", nor any other areas"
        raise InputError(f"This source has no areas of level {level}{instead}.")


def last_complete(manifest: Manifest, last: date) -> date:
    """The last day to judge: incomplete days look like falls."""
    since = manifest.provisional_day
    if since is None or last < since:
        return last
    warn(f"Days from {since} on are incomplete and left out.")
    return since - timedelta(days=1)


def _row(found: RuleResult) -> dict[str, Any]:
    from analytics.overview.change_evaluation import FALL, RISES

    shares = {
        "false_alarms": found.false_alarms,
        "beyond_1_percent": found.beyond_watch,
        "coverage": found.coverage,
        **{f"rise_{100 * rise:.0f}": share for rise, share in zip(RISES, found.rises, strict=True)},
        f"fall_{100 * FALL:.0f}": found.fall,
    }
    row: dict[str, Any] = {
        "rule": found.rule,
        "size": found.size,
        "tests": found.tests,
        "windows": found.windows,
    }
    for name, share in shares.items():
        row[name] = share and round(share.value, 4)
        row[f"{name}_low"] = share and round(share.low, 4)
        row[f"{name}_high"] = share and round(share.high, 4)
    return row


def _table(found: list[RuleResult]) -> list[str]:
    head = f"{'rule':<24}{'size':>6}{'tests':>8}  {'false alarms':<21}{'coverage':<21}"
    lines = [f"{head}{'+30%':<21}{'+50%':<21}-30%"]
    for one in found:
        shares = (one.false_alarms, one.coverage, *one.rises, one.fall)
        size = "all" if one.size is None else f"{one.size:,}"
        cells = "".join(f"{_share(share):<21}" for share in shares)
        lines.append(f"{one.rule:<24}{size:>6}{one.tests:>8,}  {cells}".rstrip())
    return lines


def _harm_table(found: list[HarmCoverage]) -> list[str]:
    lines = [f"{'rows':<12}{'tests':>8}  {'above':<21}{'below':<21}{'coverage':<21}p ≤ 1%"]
    for one in found:
        shares = (one.above, one.below, one.coverage, one.beyond_watch)
        cells = "".join(f"{_share(share):<21}" for share in shares)
        lines.append(f"{one.rows:<12}{one.tests:>8,}  {cells}".rstrip())
    return lines


def _share(share: MeasuredShare | None) -> str:
    if share is None:
        return "–"
    return f"{share.value:.1%} ({share.low:.0%} to {share.high:.0%})"
