"""`patroliq compstat`: the CompStat table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.compstat_answers import CompStatAnswer

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("compstat")
@click.option("--as-of", type=DAY, help="Last day of every column. Default: the last complete day.")
@click.option("--rows", default="", help="Rows: group (default), type or target.")
@click.option(
    "--level",
    default="",
    help="Rows by district (default), beat, ward, area or shift, or city for none.",
)
@click.option("--selection", default="", help='Any selection, such as "domestic=no".')
@click.option(
    "--measure",
    type=click.Choice(["incidents", "harm"]),
    default="incidents",
    show_default=True,
    help="What is summed; harm in days of sentence.",
)
@json_option
def command(as_of: datetime | None, *, as_json: bool, selection: str, **given: str) -> None:
    """Count the last 7 and 28 days and the year to date, beside earlier periods and the expected.

    The JSON has the table as the page CompStat shows it; docs/compstat.md says what each number is.
    """
    from analytics.compstat.document import document_of
    from analytics.compstat_answers import CompStatAnswer, CompStatRequest

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    chosen = read_selection(selection, pinned, strictly=True)
    if chosen.get("date") is not None:
        warn("The filter on the date is left out: --as-of gives the periods.")
    day = f"{as_of:%Y-%m-%d}" if as_of else ""
    request = CompStatRequest(chosen, given["rows"], given["level"], day, given["measure"])
    answer = CompStatAnswer(pinned, settings, request)
    document = document_of(answer.table, answer.names, answer.colors)
    emit({"snapshot": pinned.id, "selection": answer.selection.text, **document}, as_json,
         lambda: _lines(answer))  # fmt: skip


def _lines(answer: CompStatAnswer) -> list[str]:
    """The rows of the city, and those that stand out."""
    from analytics.overview.daily_rows import EVERY
    from analytics.statistics.tiers import Tier, by_chance

    table = answer.table
    out = [f"Up to {table.as_of}:"]
    for column in table.columns:
        periods = column.periods
        why = (
            f"not tested ({column.untested})"
            if column.untested
            else (
                f"{column.tested:,} counts tested together, chance alone brings about "
                f"{by_chance(column.tested):.1f} as far as watch"
            )
        )
        out.append(f"{periods.span}: {periods.now[0]} to {periods.now[1]}, {why}.")
    spans = "".join(f"{column.periods.span:>24}" for column in table.columns)
    out.append(f"{'':<44}{spans}")
    for row in table.rows:
        tiers = [cell.verdict.tier for cell in row.cells]
        if row.area != EVERY and not {Tier.CLEAR, Tier.WATCH} & {*tiers}:
            continue
        name = f"{answer.area_label(row.area)}: {answer.kind_label(row.kind)}"
        cells = "".join(
            f"{cell.count:>17,} {tier if tier in (Tier.CLEAR, Tier.WATCH) else '':<6}"
            for cell, tier in zip(row.cells, tiers, strict=True)
        )
        out.append(f"{name[:44]:<44}{cells}")
    return out
