"""`patroliq changes`: counts of a period that differ from what was expected."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.incidents.manifest import Manifest
    from analytics.overview.changes import ChangeTable, CountChange

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 20


@click.command("changes")
@click.option("--as-of", type=DAY, help="Last day of the period. Default: the last complete day.")
@click.option("--days", type=click.IntRange(1, 366), default=28, show_default=True)
@click.option(
    "--by",
    default="type,district",
    show_default=True,
    help="Rows: type or group, a level of areas (district, beat, ward, area) or shift, or one of "
    "each with a comma.",
)
@click.option("--totals", is_flag=True, help="Add the totals, tested together as on CompStat.")
@click.option("--selection", default="", help='Any selection, such as "domestic=no".')
@json_option
def command(  # noqa: PLR0917 - click passes them by name
    as_of: datetime | None, days: int, by: str, totals: bool, selection: str, as_json: bool
) -> None:
    """Compare a period's counts with what was expected, with the days before it alone.

    Rows are tested together: clear ones hold a false discovery rate of 5%, and of those to watch
    the output says how many chance alone brings. docs/change.md has the rule, and how often it is
    wrong.
    """
    from analytics.crossfilter.scope import EVERYTHING
    from analytics.errors import InputError
    from analytics.formats import country_of
    from analytics.overview.changes import changes_of
    from analytics.overview.daily_rows import TYPE, daily_rows

    kind, level = _rows_of(by)
    pinned = pin_snapshot(Settings.from_environment())
    manifest = pinned.snapshot.manifest
    complete = manifest.last_complete_day
    if manifest.covered is None or complete is None or manifest.months_only:
        raise InputError("The data has no days to compare.")
    _require_parts(manifest, kind, level)
    last = as_of.date() if as_of else complete
    if not manifest.covered[0] <= last <= manifest.covered[1]:
        first, end = manifest.covered
        raise InputError(f"--as-of {last}: the data has days from {first} to {end}.")
    if last > complete:
        warn(f"Days after {complete} are incomplete: their counts look like falls.")
    chosen = read_selection(selection, pinned, strictly=True)
    if chosen.get("date") is not None:
        warn("The filter on the date is left out: --as-of and --days give the period.")
    span = manifest.covered[0], last
    rows = daily_rows(
        pinned.reader, EVERYTHING, chosen, level or "district", span, kinds=kind or TYPE
    )
    table = changes_of(
        rows, days, by_type=bool(kind), by_area=bool(level),
        country=country_of(manifest.source.timezone), totals=totals,
    )  # fmt: skip
    emit(
        [_values(one, kind, level) for one in table.rows],
        as_json,
        lambda: _lines(table, level),
    )


def _rows_of(by: str) -> tuple[str, str]:
    """Column of the kinds of incidents, and of the areas; empty for none."""
    from analytics.overview.daily_rows import GROUP, TYPE, require_division

    names = [name.strip() for name in by.split(",") if name.strip()]
    kinds = [name for name in names if name in (TYPE, GROUP)]
    levels = [name for name in names if name not in kinds]
    if not names or max(len(kinds), len(levels)) > 1:
        raise click.UsageError(
            "--by takes type or group, a level of areas, or one of each, such as type,district."
        )
    for level in levels:
        require_division(level)
    return next(iter(kinds), ""), next(iter(levels), "")


def _require_parts(manifest: Manifest, kind: str, level: str) -> None:
    """Refuse groups, areas and shifts that the data lacks."""
    from analytics.cli.evaluate_change import require_days_of_areas
    from analytics.errors import InputError
    from analytics.overview.daily_rows import SHIFT

    for name in (kind, level):
        if name in (kind, SHIFT) and name in manifest.views_off:
            raise InputError(f"This source has no {name}s.")
    if level and level != SHIFT:
        require_days_of_areas(manifest, level)


def _values(row: CountChange, kind: str, level: str) -> dict[str, Any]:
    named = {kind: row.type} if kind else {}
    if level:
        named[level] = row.area
    return {
        **named,
        "count": row.count,
        "expected": None if row.expected is None else round(row.expected, 2),
        "low": row.low,
        "high": row.high,
        "p": row.p,
        "q": row.q,
        "tier": str(row.tier),
    }


def _lines(table: ChangeTable, level: str) -> list[str]:
    from analytics.statistics.tiers import Tier, by_chance

    out = [f"{table.first} to {table.last}: {table.tested:,} counts tested together."]
    shown = [row for row in table.rows if row.tier in (Tier.CLEAR, Tier.WATCH)]
    for row in shown[:SHOWN]:
        name = ", ".join(
            text for text in (row.type, f"{level} {row.area}" if level else "") if text
        )
        out.append(
            f"{row.tier!s:<6} {row.count:>7,}  expected {row.expected:>9,.1f} "
            f"({row.low:,} to {row.high:,})  {name}"
        )
    if not shown:
        out.append("No count stands out.")
    out.append(f"Chance alone brings about {by_chance(table.tested):.1f} counts as far as watch.")
    return out
