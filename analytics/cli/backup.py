"""`patroliq backup`: copy the home folder while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn
from analytics.errors import InputError

if TYPE_CHECKING:
    from analytics.backup import Backup

FOLDER = click.Path(file_okay=False, path_type=Path)
POSTGRESQL = (
    "The state database is at PATROLIQ_STATE_URL and not in the home folder: back it up, and "
    "restore it, with pg_dump and pg_restore."
)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--keep", type=click.IntRange(1), help="Remove all but so many of the newest backups."
)
@click.option(
    "--keys-to", type=FOLDER, help="Copy audit.key and secret.key to this folder, kept apart."
)
@click.option(
    "--state-only", is_flag=True, help="Copy the state database; all else is of the backup before."
)
@json_option
def command(
    folder: Path, keep: int | None, keys_to: Path | None, state_only: bool, as_json: bool
) -> None:
    """Add a backup of this time to FOLDER; unchanged files take no further room.

    --keep counts whole backups, or with --state-only copies of the state.
    """
    from importlib.metadata import version

    from analytics.audit import record
    from analytics.backup import copy_keys, make_backup, remove_older
    from analytics.settings import Settings

    settings = Settings.from_environment()
    if settings.state_url and state_only:
        raise InputError(POSTGRESQL)
    if settings.state_url:
        warn(POSTGRESQL)
    made = make_backup(settings.home, folder, version("patroliq"), state_only=state_only)
    keys = copy_keys(settings.home, keys_to) if keys_to else []
    removed = remove_older(folder, keep, state_only=state_only) if keep else []
    if not state_only:  # an entry would change the state that was just copied
        record(settings, "backup.made", made.folder.name, details={"files": len(made.files)})
    said = summary(made)
    emit(
        {**said, "keys": keys, "removed": [one.folder.name for one in removed]},
        as_json,
        lambda: [
            f"Backed up {said['files']:,} files, {said['bytes'] / 1e6:,.0f} MB: {said['folder']}.",
            f"Copied {', '.join(keys)} to {keys_to}."
            if keys
            else "It has no keys: keep audit.key and secret.key of the home folder apart.",
            *[f"Removed {one.folder.name}." for one in removed],
        ],
    )


def summary(backup: Backup) -> dict[str, Any]:
    """A backup as JSON."""
    return {
        "folder": str(backup.folder),
        "made": backup.made,
        "version": backup.version,
        "state_only": backup.state_only,
        "files": len(backup.files),
        "bytes": backup.bytes,
    }
