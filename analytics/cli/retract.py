"""`patroliq retract`: remove sealed, expunged or unfounded incidents from everything kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from analytics.cli.output import emit, json_option, progress_bar


@click.command()
@click.argument("ids", nargs=-1)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Text file with one id in each line.",
)
@click.option("--reason", required=True, help="Why, for the audit log; name no incident in it.")
@json_option
def command(ids: tuple[str, ...], file: Path | None, reason: str, as_json: bool) -> None:
    """Remove incidents from every kept snapshot, rows as read, models, plans and caches.

    They cannot come back by a later load, and this cannot be undone. If it was interrupted, run it
    again, without ids if need be.
    """
    from analytics.retraction.retract import retract
    from analytics.settings import Settings

    listed = file.read_text(encoding="utf-8").splitlines() if file else []
    with progress_bar() as advance:
        done = retract([*ids, *listed], reason, Settings.from_environment(), advance)
    emit(
        asdict(done),
        as_json,
        lambda: [
            f"Retracted {done.requested:,} incidents; the served snapshot had {done.found:,}.",
            f"Removed {done.raw_rows:,} rows as they were read; wrote {done.snapshots:,} "
            f"snapshots again. Snapshot {done.served} is served now.",
            *[f"Train again: {', '.join(done.train_again)}." for _ in done.train_again[:1]],
        ],
    )
