"""`patroliq uploads`: what the Data page has the worker do with files that people sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from analytics.cli.confirm import confirm_option
from analytics.cli.output import emit, json_option, progress_bar, raise_if

if TYPE_CHECKING:
    from analytics.settings import Settings
    from analytics.uploads.store import Upload


@click.group("uploads")
def command() -> None:
    """List, understand, load or remove files that were sent with the browser."""


def _upload(id: str) -> tuple[Settings, Upload]:
    from analytics.settings import Settings
    from analytics.uploads.store import Uploads

    settings = Settings.from_environment()
    return settings, Uploads(settings).get(id)


@command.command("list")
@json_option
def list_uploads(as_json: bool) -> None:
    """List uploads, the newest first."""
    from analytics.settings import Settings
    from analytics.uploads.store import Uploads

    rows = [
        {"id": one.id, "name": one.name, "size": one.size, "received": one.received,
         "person": one.person}
        for one in Uploads(Settings.from_environment()).all()
    ]  # fmt: skip

    def lines() -> list[str]:
        return [
            f"{row['id']}  {row['received']:>13,} of {row['size']:>13,} bytes  {row['name']}"
            for row in rows
        ] or ["No uploads."]

    emit({"uploads": rows}, as_json, lines)


@command.command("understand")
@click.argument("id")
@json_option
def understand(id: str, as_json: bool) -> None:
    """Propose how the columns of an upload are read."""
    from analytics.uploads.steps import understand as propose

    settings, upload = _upload(id)
    found = propose(upload, settings)
    about = {"upload": id, "rows": found["rows"], "refused": found["refused"]}
    emit(about, as_json, lambda: [f"{upload.name}: {found['rows']:,} rows."])


@command.command("load")
@click.argument("id")
@click.option("--dry-run", is_flag=True, help="Count what would be loaded; publish nothing.")
@click.option("--replace", is_flag=True, help="Replace what the warehouse holds.")
@confirm_option
@json_option
def load(id: str, dry_run: bool, replace: bool, confirm: bool, as_json: bool) -> None:
    """Load an upload as it was understood."""
    from analytics.cli.checks import forget_unused_selections, queue_check
    from analytics.ingest.report_sentences import report_dict, report_lines
    from analytics.uploads.steps import load as load_upload

    settings, upload = _upload(id)
    with progress_bar() as advance:
        report = load_upload(
            upload,
            settings,
            dry_run=dry_run,
            replaces=replace,
            confirmed=confirm,
            advance=advance,
        )
    emit(_brief(report_dict(report)), as_json, lambda: report_lines(report))
    if report.published:
        queue_check(settings)
        forget_unused_selections(settings)
    raise_if(None if dry_run else report.failure())


def _brief(report: dict[str, Any]) -> dict[str, Any]:
    """Without rows: those stay in the upload's folder."""
    return {name: report[name] for name in ("source", "read", "accepted", "published", "snapshot")}


@command.command("remove")
@click.argument("id")
@json_option
def remove(id: str, as_json: bool) -> None:
    """Remove an upload with its file."""
    from analytics.settings import Settings
    from analytics.uploads.store import Uploads

    Uploads(Settings.from_environment()).remove(id)
    emit({"removed": id}, as_json, lambda: [f"Removed {id}."])
