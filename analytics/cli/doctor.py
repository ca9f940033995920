"""`patroliq doctor`: check the installation and the data."""

from __future__ import annotations

import os
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn
from analytics.errors import IntegrityError, PatrolIQError
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.ingest.repair import Repaired

SIGNS = {"ok": "ok     ", "warning": "WARNING", "failed": "FAILED ", "damaged": "DAMAGED"}


@click.command("doctor")
@click.option(
    "--repair",
    is_flag=True,
    help="If the current snapshot is damaged, serve the newest intact one; complete promotions.",
)
@json_option
def command(repair: bool, as_json: bool) -> None:
    """Check the installation and the data.

    If the current snapshot or the pointer to it is lost or damaged, --repair serves the newest
    snapshot whose files all match their checksums; one later than the current one only if no
    earlier one is intact. Nothing is removed, and the audit log records it. --repair also renews
    model files and labels that differ from the champion decisions.

    Exit codes: 0 ok or only warnings, 1 the app cannot work, 4 stored data is damaged.
    """
    from analytics.diagnosis import diagnose

    spec = find_spec("app")
    root = Path(spec.origin).parent if spec and spec.origin else Path.cwd()
    settings = Settings.from_environment()
    repaired = _repair(settings) if repair else None
    champions = _complete_champions(settings) if repair else []
    findings = list(diagnose(settings, root, os.environ))
    found = {finding.status for finding in findings}
    emit(
        {
            "ok": not found & {"failed", "damaged"},
            **(_repairs(repaired, champions) if repair else {}),
            "checks": [asdict(finding) for finding in findings],
        },
        as_json,
        lambda: [f"{SIGNS[each.status]}  {each.name}: {each.message}" for each in findings],
    )
    if "damaged" in found:
        raise IntegrityError("Stored data is damaged; see above.")
    if "failed" in found:
        raise PatrolIQError("The app cannot work; see above.")


def _repair(settings: Settings) -> Repaired | None:
    from analytics.incidents.warehouse import Warehouse
    from analytics.ingest.repair import repair

    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        done = repair(warehouse, settings)
    if done is None:
        warn("Nothing to repair: the current snapshot is intact.")
    else:
        warn(f"{done.fault} Repaired: snapshot {done.snapshot} is served now.")
    return done


def _complete_champions(settings: Settings) -> list[str]:
    """Complete a promotion that was killed; returns what was written again."""
    from analytics.artifacts.champions import decisions
    from analytics.incidents.warehouse import Warehouse

    if not decisions(settings):
        return []
    from analytics.cli.restored import restored_words
    from analytics.training.derived import restore_derived
    from analytics.training.registry import Registry

    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        words = restored_words(restore_derived(Registry(settings), warehouse, settings))
    for sentence in words:
        warn(sentence)
    return words


def _repairs(repaired: Repaired | None, champions: list[str]) -> dict[str, Any]:
    return {"repaired": asdict(repaired) if repaired else None, "champions": champions}
