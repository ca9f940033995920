"""Promotion and rollback: move the champion, tell the audit log, publish its labels."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.artifacts.bundle import Bundle, number, set_champion, version_folder
from analytics.artifacts.decisions import (
    FAILED,
    PROMOTED,
    REFUSED,
    ROLLED_BACK,
    champion_before,
    decided,
)
from analytics.artifacts.gates import Verdict, judge
from analytics.audit import Audit, record, recorded
from analytics.errors import InputError, PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.champion_labels import publish_labels
from analytics.settings import Settings
from analytics.state import State
from analytics.training.registry import Registry, Version
from analytics.training.runs import BUNDLE

FIRST = "First version that passed its promotion checks; there was no champion."


class RefusedError(PatrolIQError):
    """A gate keeps a version from becoming champion."""


@dataclass(frozen=True)
class Promotion:
    """What happened: the champion now and before, and the snapshot that has its labels."""

    name: str
    version: int
    before: int | None
    reason: str
    snapshot: str


def promote(name: str, version: int, reason: str, settings: Settings) -> Promotion:
    """Make a version champion, if the gates let it pass.

    Raises
    ------
    RefusedError
        A gate does not; what it said is in the audit log.
    InputError
        There is no such version, it is champion already, or no reason was given.
    """
    registry = Registry(settings)
    found = registry.version(name, version)
    _require_reason(reason)
    if found.champion:
        raise InputError(f"{name} {version} is champion already.")
    refused = _refusals(found)
    if refused:
        words = " ".join(verdict.words for verdict in refused)
        verdicts = [verdict.facts for verdict in refused]
        details = {"asked_for_because": reason, "verdicts": verdicts}
        record(settings, REFUSED, f"{name} {version}", reason=reason, details=details)
        registry.runs.tag(found.run_id, "refused", words)
        raise RefusedError(f"{name} {version} was refused. {words}")
    return _make_champion(registry, found, reason, settings, PROMOTED)


def promote_first(trained: Sequence[Version], settings: Settings) -> list[Promotion]:
    """Promote those that pass the gates of models that have no champion."""
    registry = Registry(settings)
    return [
        promote(version.name, version.version, FIRST, settings)
        for version in trained
        if not version.refused and registry.champion_number(version.name) is None
    ]


def rollback(name: str, reason: str, settings: Settings) -> Promotion:
    """Make the champion before the present one champion again, whatever the gates say today.

    Raises
    ------
    InputError
        There was none before, or no reason was given.
    """
    registry = Registry(settings)
    _require_reason(reason)
    current = registry.champion_number(name)
    if current is None:
        raise InputError(f"{name} has no champion.")
    before = _before(name, current, settings)
    if before is None:
        raise InputError(f"There was no champion of {name} before version {current}.")
    return _make_champion(registry, registry.version(name, before), reason, settings, ROLLED_BACK)


def _make_champion(
    registry: Registry, found: Version, reason: str, settings: Settings, event: str
) -> Promotion:
    before = registry.champion_number(found.name)
    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        bundle = export(registry, found, settings.home)
        details = {
            "before": before,
            "run_id": found.run_id,
            "snapshot": found.snapshot,
            "metrics": {key: asdict(metric) for key, metric in found.metrics.items()},
        }
        subject = f"{found.name} {found.version}"
        with recorded(settings, event, subject, failed=FAILED, reason=reason, details=details):
            snapshot = publish_labels(warehouse, bundle, settings)
            set_champion(settings.home, bundle)
            registry.set_champion(found.name, found.version)
        registry.write_index()
    return Promotion(found.name, found.version, before, reason, snapshot.id)


def export(registry: Registry, version: Version, home: Path) -> Bundle:
    """Copy a version's files from its run to the home folder, and check them."""
    target = version_folder(home, version.name, version.version)
    staged = target.with_name(f".{version.version}")
    shutil.rmtree(staged, ignore_errors=True)
    downloaded = registry.runs.download(version.run_id, BUNDLE, staged)
    number(downloaded, version.version)
    Bundle.load(downloaded)
    shutil.rmtree(target, ignore_errors=True)  # only now: pages may be reading it
    downloaded.rename(target)
    shutil.rmtree(staged, ignore_errors=True)
    return Bundle.load(target)


def _refusals(version: Version) -> list[Verdict]:
    """By the gates of today: they may have been changed since the version was made."""
    return [one for one in judge(version.name, version.metrics) if not one.passed]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("Give a reason: it goes to the audit log.")


def _before(name: str, current: int, settings: Settings) -> int | None:
    with closing(State(settings)) as state:
        entries = decided(Audit(state, settings), PROMOTED, ROLLED_BACK, FAILED)
    return champion_before(entries, name, current)
