"""`patroliq restore`: copy a backup to an empty home folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from analytics.cli.backup import FOLDER, POSTGRESQL, summary
from analytics.cli.output import emit, json_option, warn


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="The newest backup of this time (UTC) or before. Default: the newest.",
)
@click.option("--keys-from", type=FOLDER, help="Folder with audit.key and secret.key.")
@json_option
def command(folder: Path, at: datetime | None, keys_from: Path | None, as_json: bool) -> None:
    """Copy a backup in FOLDER to PATROLIQ_HOME, which must be empty; each file is verified."""
    from analytics.audit import record
    from analytics.backup import copy_keys, find_backup, restore_backup
    from analytics.settings import Settings

    settings = Settings.from_environment()
    if settings.state_url:
        warn(POSTGRESQL)
    backup = find_backup(folder, at.replace(tzinfo=UTC) if at else None)
    restore_backup(backup, settings.home)
    keys = copy_keys(keys_from, settings.home) if keys_from else []
    if keys:
        record(settings, "backup.restored", backup.folder.name)
    emit(
        {**summary(backup), "home": str(settings.home), "keys": keys},
        as_json,
        lambda: [
            f"Restored the backup of {backup.made[:16].replace('T', ' ')} UTC to {settings.home}.",
            f"Copied {', '.join(keys)}."
            if keys
            else "Copy audit.key and secret.key into it before you start PatrolIQ.",
            "Incidents that were retracted since then are back: retract them again. Then run "
            "`patroliq doctor`.",
        ],
    )
