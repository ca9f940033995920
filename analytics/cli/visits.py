"""`patroliq visits`: visits of officers to places, and dosage against a plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, raise_if

if TYPE_CHECKING:  # they load SQLAlchemy
    from analytics.incidents.manifest import Manifest
    from analytics.settings import Settings
    from analytics.state import State

MANY_REFUSED = 0.5


@click.group()
def command() -> None:
    """Import visits of officers, and compare them with a plan."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def import_file(file: Path, as_json: bool) -> None:
    """Import visits of a dispatch or vehicle location system from a CSV FILE.

    A row that was imported before is known; a row that is not valid is kept with its reason.
    """
    from analytics.errors import IncompleteError
    from analytics.patrol.stored_visits import StoredVisits
    from analytics.patrol.visit_file import read_visits

    with _opened() as (state, settings):
        read = read_visits(file, _manifest(settings).source.timezone)
        new = StoredVisits(state, settings).add(read.visits, read.refused, file.name)
    total = len(read.visits) + len(read.refused)
    found: dict[str, Any] = {
        "file": file.name,
        "rows": total,
        "new": new,
        "known": len(read.visits) - new,
        "refused": [asdict(one) for one in read.refused],
    }
    emit(found, as_json, lambda: _imported(found))
    refused = len(read.refused)
    raise_if(
        IncompleteError(f"{refused} of {total} rows were refused.")
        if total and refused / total > MANY_REFUSED
        else None
    )


@command.command()
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
def refused(limit: int, as_json: bool) -> None:
    """List refused rows, the newest first."""
    from analytics.patrol.stored_visits import StoredVisits

    with _opened() as (state, settings):
        found = [asdict(one) for one in StoredVisits(state, settings).refused(limit)]
    emit({"refused": found}, as_json, lambda: [_refused(one) for one in found] or ["None."])


@command.command()
@click.option("--plan", type=int, required=True, help="Number of the plan.")
@click.option("--version", type=click.IntRange(1), help="By default the newest.")
@json_option
def dosage(plan: int, version: int | None, as_json: bool) -> None:
    """Compare recorded minutes at a plan's places with the planned ones."""
    from analytics.patrol.dosage import read_dosage
    from analytics.patrol.stored_plans import StoredPlans
    from analytics.patrol.stored_visits import StoredVisits

    with _opened() as (state, settings):
        shown = StoredPlans(state, settings).read(plan, version)
        found = read_dosage(StoredVisits(state, settings), shown, _manifest(settings))
    result = {"plan": shown.plan, "version": shown.version, **found.as_json()}
    emit(result, as_json, lambda: _dosage(result))


@contextmanager
def _opened() -> Iterator[tuple[State, Settings]]:
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield state, settings


def _manifest(settings: Settings) -> Manifest:
    from analytics.errors import InputError
    from analytics.incidents.warehouse import Warehouse

    snapshot = Warehouse(settings.home).current()
    if snapshot is None:
        raise InputError(f"{settings.home} has no snapshot; first run `patroliq ingest`.")
    return snapshot.manifest


def _imported(found: dict[str, Any]) -> list[str]:
    return [
        f"{found['file']}: {found['rows']:,} rows, {found['new']:,} new, {found['known']:,} known, "
        f"{len(found['refused']):,} refused.",
        *(_refused(one) for one in found["refused"][:20]),
    ]


def _refused(one: dict[str, Any]) -> str:
    column = f", column {one['column']!r}" if one["column"] else ""
    return f"{one['file']}, line {one['line']}{column}: {one['reason']}"


def _dosage(found: dict[str, Any]) -> list[str]:
    lines = [
        f"Plan {found['plan']} version {found['version']}: {found['minutes']:.0f} of "
        f"{found['planned_minutes']:.0f} planned minutes at {found['places_visited']} of "
        f"{len(found['places'])} places; elsewhere {found['elsewhere_visits']} visits, "
        f"{found['elsewhere_minutes']:.0f} minutes; outside the shift {found['outside_visits']} "
        f"visits, {found['outside_minutes']:.0f} minutes; imported again "
        f"{found['recorded_twice']}."
    ]
    return lines + [
        f"  {one['place']:<40}{one['minutes']:>6.0f} of {one['planned_minutes']:>4.0f} min, "
        f"{one['visits']} of {one['planned_visits']} visits"
        for one in found["places"]
    ]
