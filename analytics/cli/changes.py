"""`patroliq changes`: counts of a period that differ from what was expected."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.crossfilter.selection import Selection
    from analytics.incidents.manifest import Manifest
    from analytics.incidents.reader import SnapshotReader
    from analytics.overview.changes import ChangeTable, CountChange
    from analytics.overview.harm_changes import HarmChange, HarmChangeTable
    from analytics.statistics.two_periods import Period

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 20


@click.command("changes")
@click.option("--as-of", type=DAY, help="Last day of the period. Default: the last complete day.")
@click.option("--days", type=click.IntRange(1, 3_660), help="Length of the period.  [default: 28]")
@click.option("--from", "first", type=DAY, help="First day of the period, in place of --days.")
@click.option("--to", type=DAY, help="The same as --as-of.")
@click.option("--year-to-date", is_flag=True, help="From January 1, in place of --days.")
@click.option(
    "--by",
    default="type,district",
    show_default=True,
    help="Rows: type or group, a level of areas (district, beat, ward, area) or shift, or one of "
    "each with a comma.",
)
@click.option(
    "--measure",
    type=click.Choice(["count", "harm"]),
    default="count",
    show_default=True,
    help="Incidents, or days of harm.",
)
@click.option("--totals", is_flag=True, help="Add the totals, tested together as on CompStat.")
@click.option("--selection", default="", help='Any selection, such as "domestic=no".')
@json_option
def command(  # noqa: PLR0917 - click passes them by name
    as_of: datetime | None,
    days: int | None,
    first: datetime | None,
    to: datetime | None,
    year_to_date: bool,
    by: str,
    measure: str,
    totals: bool,
    selection: str,
    as_json: bool,
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
    from analytics.overview.daily_rows import GROUP, TYPE, daily_rows
    from analytics.statistics.expected_counts import reach_days

    kind, level = _rows_of(by)
    pinned = pin_snapshot(Settings.from_environment())
    manifest = pinned.snapshot.manifest
    if manifest.covered is None or manifest.months_only:
        raise InputError("The data has no days to compare.")
    _require_parts(manifest, kind, level)
    last = _last_of(manifest, as_of, to)
    length = _length(last, days, first, year_to_date)
    chosen = read_selection(selection, pinned, strictly=True)
    if chosen.get("date") is not None:
        warn("The filter on the date is left out: --as-of and --days give the period.")
    reach = last - timedelta(days=reach_days(length) - 1)
    span = max(manifest.covered[0], reach), last
    if measure == "harm":
        if totals or kind == GROUP:
            raise click.UsageError("--measure harm is by type and area, without --totals.")
        _emit_harm(pinned.reader, chosen, (kind, level), span, length, as_json)
        return
    rows = daily_rows(
        pinned.reader, EVERYTHING, chosen, level or "district", span, kinds=kind or TYPE
    )
    counted = changes_of(
        rows, length, by_type=bool(kind), by_area=bool(level),
        country=country_of(manifest.source.timezone), totals=totals,
    )  # fmt: skip
    emit(
        [_values(one, kind, level) for one in counted.rows],
        as_json,
        lambda: _lines(counted, level),
    )


def _last_of(manifest: Manifest, as_of: datetime | None, to: datetime | None) -> date:
    """Last day of the period."""
    from analytics.errors import InputError

    if as_of and to:
        raise click.UsageError("--as-of and --to are the same; give one.")
    given, complete = to or as_of, manifest.last_complete_day
    if manifest.covered is None or complete is None:
        raise InputError("The data has no days to compare.")
    last = given.date() if given else complete
    first, end = manifest.covered
    if not first <= last <= end:
        raise InputError(f"--as-of {last}: the data has days from {first} to {end}.")
    if last > complete:
        warn(f"Days after {complete} are incomplete: their counts look like falls.")
    return last


def _length(last: date, days: int | None, first: datetime | None, year_to_date: bool) -> int:
    """Days of the period."""
    from analytics.errors import InputError

    if sum((days is not None, first is not None, year_to_date)) > 1:
        raise click.UsageError("Give one of --days, --from and --year-to-date.")
    begin = date(last.year, 1, 1) if year_to_date else first.date() if first else None
    if begin is None:
        return 28 if days is None else days
    if begin > last:
        raise InputError(f"--from {begin}: the period ends before it, on {last}.")
    return (last - begin).days + 1


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


def _emit_harm(  # noqa: PLR0917
    reader: SnapshotReader,
    selection: Selection,
    by: tuple[str, str],
    span: Period,
    days: int,
    as_json: bool,
) -> None:
    from analytics.crossfilter.scope import EVERYTHING
    from analytics.overview.harm_changes import harm_changes_of, harm_rows

    kind, level = by
    rows = harm_rows(reader, EVERYTHING, selection, level or "district", span)
    table = harm_changes_of(rows, days, by_type=bool(kind), by_area=bool(level))
    emit(
        [_harm(one, kind, level) for one in table.rows], as_json, lambda: _harm_lines(table, level)
    )


def _harm(row: HarmChange, kind: str, level: str) -> dict[str, Any]:
    named = {kind: row.type} if kind else {}
    if level:
        named[level] = row.area
    ends = {name: getattr(row, name) for name in ("expected", "low", "high")}
    return {
        **named,
        "harm": row.harm,
        **{name: None if value is None else round(value) for name, value in ends.items()},
        "p": row.p,
        "q": row.q,
        "tier": str(row.tier),
        "largest": row.largest or None,
        "largest_days": row.largest_days,
        "without_homicide": row.without_homicide,
    }


def _harm_lines(table: HarmChangeTable, level: str) -> list[str]:
    from analytics.statistics.tiers import Tier, by_chance

    out = [f"{table.first} to {table.last}: harm of {table.tested:,} rows tested together."]
    shown = [row for row in table.rows if row.tier in (Tier.CLEAR, Tier.WATCH)]
    for row in shown[:SHOWN]:
        name = ", ".join(
            text for text in (row.type, f"{level} {row.area}" if level else "") if text
        )
        out.append(
            f"{row.tier!s:<6} {row.harm:>10,} days  expected {row.expected:>10,.0f} "
            f"({row.low:,.0f} to {row.high:,.0f})  {name}; most from {row.largest} "
            f"({row.largest_days:,}), without homicide {row.without_homicide:,}"
        )
    if not shown:
        out.append("No row stands out.")
    out.append(f"Chance alone brings about {by_chance(table.tested):.1f} rows as far as watch.")
    return out


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
