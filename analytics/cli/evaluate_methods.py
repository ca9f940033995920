"""`patroliq evaluate methods`: all methods side by side, stored for the Hot spots page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option, progress_bar, target_option
from analytics.cli.pinned import pin_snapshot
from analytics.formats import percent, percents
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.artifacts.method_comparison import Caught, MethodComparison, ZoneFacts

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@target_option
@click.option("--from", "first", type=DAY, help="First day to evaluate.")
@click.option("--to", "last", type=DAY, help="Last day to evaluate.")
@json_option
def methods(target: str, first: datetime | None, last: datetime | None, as_json: bool) -> None:
    """Compare all methods of places and zones on the same days, and store the result.

    Every method chooses once, from all days before, 1% of the street length and 1% of the area.
    Without days, the last 26 complete weeks are evaluated, or as many as are a quarter of the data.
    """
    from analytics.artifacts.targets import Targets
    from analytics.errors import InputError
    from analytics.training.compare_methods import compare_methods

    if (first is None) != (last is None):
        raise InputError("Give both --from and --to, or neither.")
    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    chosen = Targets.of(pinned.vocabulary, settings).find(target)
    days = (first.date(), last.date()) if first is not None and last is not None else None
    with progress_bar() as advance:
        found = compare_methods(pinned.reader, settings, chosen, days, advance)
    emit(asdict(found), as_json, lambda: _table(found))


def _table(found: MethodComparison) -> list[str]:
    lines = [
        f"{found.target}: {found.incidents or 0:,} incidents from {found.first} to {found.last}, "
        f"chosen from {found.incidents_before or 0:,} since {found.since}",
        f"{'method':<18}{'1% of streets':<24}{'1% of the area':<24}{'stable':>7}{'largest':>9}"
        f"{'seconds':>9}",
    ]
    for one in found.methods:
        caught = "".join(f"{_caught(one.caught.get(name)):<24}" for name in ("street", "area"))
        lines.append(f"{one.name:<18}{caught}{_zones(one.zones)}")
    return lines


def _caught(found: Caught | None) -> str:
    if found is None:
        return "–"
    return f"{percent(found.hit_rate)} ({percents(found.hit_low, found.hit_high)})"


def _zones(found: ZoneFacts | None) -> str:
    if found is None:
        return ""
    stability = "–" if found.stability is None else f"{found.stability[0]:.2f}"
    return f"{stability:>7}{percent(found.largest_zone_share):>9}{found.seconds:>9.1f}"
