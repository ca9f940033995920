"""`patroliq sync`: load what has arrived since the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.cli.confirm import confirm_option
from analytics.cli.output import emit, json_option, progress_bar, raise_if
from analytics.errors import PatrolIQError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.sync.run import KindReport

LOADED_AHEAD = ("analytics.cli.checks", "analytics.sync.load", "analytics.sync.run", "pyarrow")
"""What a run imports, for a process that waits for one."""


@click.command("sync")
@click.option("--source", help="Only this source, by name or TOML file.")
@click.option(
    "--reconcile",
    is_flag=True,
    help="Also leave out records that the source, asked for all its ids, no longer has.",
)
@click.option(
    "--asked-only",
    is_flag=True,
    help="Only ask the source's database or portal; the inbox and the drop folder wait.",
)
@confirm_option
@json_option
def command(
    source: str | None, reconcile: bool, asked_only: bool, confirm: bool, as_json: bool
) -> None:
    """Load what has arrived: the inbox, the drop folder, and the source's database or portal.

    Everything is loaded in one ingest, and one new snapshot is published, or none if nothing is
    new. What fails is reported and does not hold up the rest; the next run continues.

    Exit codes: 2 a file or source is not valid, 3 busy, 5 a portal or database did not answer,
    7 a first load is doubtful, or many records would be left out, and it waits for --confirm.
    """
    from analytics.cli.checks import forget_unused_selections, queue_daily_check
    from analytics.settings import Settings
    from analytics.sources.record_kinds import INCIDENTS
    from analytics.sync.run import sync

    settings = Settings.from_environment()
    with progress_bar() as advance:
        reports = sync(
            settings,
            only=source,
            asked_only=asked_only,
            reconciles=reconcile,
            confirmed=confirm,
            advance=advance,
        )
    emit(
        {"kinds": [one.as_dict() for one in reports]},
        as_json,
        lambda: [line for one in reports for line in _lines(one)] or [NO_SOURCE],
    )
    for one in reports:
        if one.kind == INCIDENTS.name and one.ingest and one.ingest.published:
            queue_daily_check(settings)
            forget_unused_selections(settings)
    raise_if(_failure(reports))


NO_SOURCE = (
    "Nothing to load: no source is served. Ingest a file first, or name a source in "
    "PATROLIQ_SYNC_SOURCES."
)


def _lines(report: KindReport) -> list[str]:
    lines = [
        f"{feed.name}: {feed.files:,} files or requests, {feed.rows:,} rows"
        for feed in report.feeds
        if feed.files or feed.rows
    ]
    loaded = report.ingest
    if loaded is None:
        return [*lines, f"{report.kind.capitalize()}: nothing new."]
    counts = (
        f"{loaded.new:,} new, {loaded.updated:,} updated, {loaded.deleted:,} deleted, "
        f"{loaded.quarantined:,} refused"
    )
    ending = f"snapshot {loaded.snapshot}" if loaded.published else "nothing published"
    return [*lines, f"{report.kind.capitalize()}: {counts}; {ending}."]


def _failure(reports: Sequence[KindReport]) -> PatrolIQError | None:
    """All messages in one error, with the exit code of the first."""
    errors = [error for one in reports for error in one.all_errors]
    if len(errors) < 2:
        return errors[0] if errors else None
    failure = PatrolIQError("\n".join(str(error) for error in errors))
    failure.exit_code = errors[0].exit_code
    return failure
