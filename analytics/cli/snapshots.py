"""`patroliq snapshots`: list, verify, renew, roll back, push or pull snapshots."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from analytics.cli import machines
from analytics.cli.output import emit, json_option, progress_bar
from analytics.cli.record_kind import kind_option, warehouse_of
from analytics.errors import DamagedError, InputError

if TYPE_CHECKING:
    from analytics.incidents.manifest import Manifest
    from analytics.incidents.warehouse import Warehouse


@click.group("snapshots")
def command() -> None:
    """List, verify, renew, roll back, push or pull snapshots."""


command.add_command(machines.push)
command.add_command(machines.pull)


def _warehouse(kind: str) -> Warehouse:
    from analytics.settings import Settings

    return warehouse_of(Settings.from_environment(), kind)


@command.command("list")
@kind_option
@json_option
def list_snapshots(kind: str, as_json: bool) -> None:
    """List snapshots, newest first; the one being served is marked."""
    warehouse = _warehouse(kind)
    current, faults = _current_id(warehouse)
    rows = [_summary(manifest, current) for manifest in warehouse.list()]
    faults += warehouse.unreadable().values()
    pulled = _pulled()

    def lines() -> list[str]:
        out = [
            f"{'*' if row['current'] else ' '} {row['id']}  {row['incidents']:>11,}  "
            f"{row['first']} to {row['last']}  {row['source']}"
            for row in rows
        ]
        out = out or [f"{warehouse.home} has no readable snapshot."]
        return [*out, *machines.pulled_lines(pulled)]

    found = {"current": current, "snapshots": rows, "pulled": pulled, "damaged": faults}
    emit(found, as_json, lines)
    if faults:
        raise DamagedError("\n".join(faults))


def _pulled() -> dict[str, Any] | None:
    """Where the snapshots come from and how old the served one is; None where this publishes."""
    from analytics.publisher import read_pulled
    from analytics.settings import Settings

    pulled = read_pulled(Settings.from_environment().home)
    return None if pulled is None else {**asdict(pulled), "age_s": round(pulled.age_s(time.time()))}


def _current_id(warehouse: Warehouse) -> tuple[str | None, list[str]]:
    """The snapshot being served, and errors of the pointer."""
    try:
        return warehouse.current_id(), []
    except DamagedError as error:
        return None, [str(error)]


def _summary(manifest: Manifest, current: str | None) -> dict[str, Any]:
    return {
        "id": manifest.id,
        "current": manifest.id == current,
        "created": manifest.created,
        "source": manifest.source.name,
        "synthetic": manifest.source.synthetic,
        "incidents": manifest.incidents,
        "first": manifest.first,
        "last": manifest.last,
        "schema_version": manifest.schema_version,
    }


@command.command("verify")
@click.argument("snapshot_id", required=False)
@kind_option
@json_option
def verify(snapshot_id: str | None, kind: str, as_json: bool) -> None:
    """Compare the files of a snapshot (default: the one being served) with their checksums."""
    warehouse = _warehouse(kind)
    chosen = snapshot_id or warehouse.current_id()
    if chosen is None:
        raise InputError(f"{warehouse.home} has no snapshot.")
    snapshot = warehouse.get(chosen)
    warehouse.verify(snapshot)
    files = len(snapshot.manifest.checksums)
    emit(
        {"snapshot": chosen, "verified": True, "files": files},
        as_json,
        lambda: [f"Snapshot {chosen}: {files} files match their checksums."],
    )


@command.command("rollback")
@click.argument("snapshot_id")
@kind_option
@json_option
def rollback(snapshot_id: str, kind: str, as_json: bool) -> None:
    """Serve an earlier snapshot."""
    from analytics.incidents.snapshot_events import ROLLED_BACK
    from analytics.ingest.repair import serve
    from analytics.settings import Settings

    settings = Settings.from_environment()
    warehouse = _warehouse(kind)
    with warehouse.lock():
        before, _ = _current_id(warehouse)
        snapshot = warehouse.get(snapshot_id)
        warehouse.verify(snapshot)
        serve(warehouse, snapshot, settings, ROLLED_BACK, before=before, kind=kind)
    emit(
        {"snapshot": snapshot.id},
        as_json,
        lambda: [
            f"Snapshot {snapshot.id} is now served.",
            "Records that the inbox brought since then are gone until they are sent again.",
        ],
    )


@command.command("renew")
@json_option
def renew(as_json: bool) -> None:
    """Derive the served incidents again with the tables and settings as they are now."""
    from analytics.cli.checks import queue_check
    from analytics.ingest.pipeline import derive_again
    from analytics.settings import Settings

    settings = Settings.from_environment()
    with progress_bar() as advance:
        report = derive_again(settings, advance)
    if report.published:
        queue_check(settings)
    emit(
        {"published": report.published, "snapshot": report.snapshot},
        as_json,
        lambda: [
            f"Snapshot {report.snapshot} is now served."
            if report.published
            else "Nothing has changed."
        ],
    )
