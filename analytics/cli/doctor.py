"""`patroliq doctor`: is the installation as it should be, and the data whole?"""

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
    help="Serve the newest intact snapshot where the current is damaged; complete promotions.",
)
@json_option
def command(repair: bool, as_json: bool) -> None:
    """Check the installation and the data.

    --repair points to the newest snapshot whose files all match their checksums where the one
    served, or the pointer to it, is lost or damaged; to a later one than was served only where no
    earlier one is intact. Nothing is removed; the audit log says so. It also makes files and
    labels of models again where they differ from what was decided.

    Exit codes: 0 all is well or only warnings, 1 something keeps the app from working,
    4 stored data is damaged.
    """
    from analytics.diagnosis import diagnose

    spec = find_spec("app")
    root = Path(spec.origin).parent if spec and spec.origin else Path.cwd()
    settings = Settings.from_environment()
    repaired = _repair(settings) if repair else None
    champions = _complete_champions(settings) if repair else []
    checks = list(diagnose(settings, root, os.environ))
    found = {check.status for check in checks}
    emit(
        {
            "ok": not found & {"failed", "damaged"},
            **(_facts(repaired, champions) if repair else {}),
            "checks": [asdict(check) for check in checks],
        },
        as_json,
        lambda: [f"{SIGNS[check.status]}  {check.name}: {check.message}" for check in checks],
    )
    if "damaged" in found:
        raise IntegrityError("Stored data is damaged; see above.")
    if "failed" in found:
        raise PatrolIQError("The app cannot work like this; see above.")


def _repair(settings: Settings) -> Repaired | None:
    from analytics.incidents.warehouse import Warehouse
    from analytics.ingest.repair import repair

    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        done = repair(warehouse, settings)
    if done is None:
        warn("Nothing to repair: the snapshot being served is intact.")
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


def _facts(repaired: Repaired | None, champions: list[str]) -> dict[str, Any]:
    return {"repaired": asdict(repaired) if repaired else None, "champions": champions}
