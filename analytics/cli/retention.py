"""`patroliq retention`: remove what is older than the rules keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option

if TYPE_CHECKING:
    from analytics.retention import Outdated


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@json_option
def command(dry_run: bool, as_json: bool) -> None:
    """Remove what is older than PATROLIQ_KEEP_DAYS and its defaults keep it."""
    from analytics.retention import retention_of
    from analytics.settings import Settings
    from jobs.commands import ALLOWED

    settings = Settings.from_environment()
    found = retention_of(settings, ALLOWED.keys(), dry=dry_run)
    rows = [
        {"rule": one.rule, "days": one.days, "items": one.items, "bytes": one.bytes}
        for one in found
    ]
    emit({"dry_run": dry_run, "rules": rows}, as_json, lambda: _lines(found, dry_run=dry_run))


def _lines(found: list[Outdated], *, dry_run: bool) -> list[str]:
    if not found:
        return ["Nothing is older than the rules keep it."]
    verb = "would be removed" if dry_run else "removed"
    return [
        f"{one.rule:<10} {'for ever' if one.days is None else f'{one.days:,} days':>11}  "
        f"{one.items:>8,} {verb}{f', {one.bytes / 1e6:,.1f} MB' if one.bytes else ''}"
        for one in found
    ]
