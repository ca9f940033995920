"""Promotion and rollback: decide which version is champion, then publish what follows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass

from analytics.access import accounts
from analytics.acting import person
from analytics.artifacts.bundle import set_champion
from analytics.artifacts.catalog import version_title
from analytics.artifacts.champions import Champions
from analytics.artifacts.decisions import REFUSED
from analytics.artifacts.gates import Verdict, judge
from analytics.audit import record
from analytics.errors import InputError, PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.champion_labels import snapshot_to_label, staged_labels, unlabeled
from analytics.one_line import reason_of
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.state import State
from analytics.training.derived import restore_derived
from analytics.training.registry import Registry, Version

FIRST = "First version that passed its promotion checks; there was no champion."


class RefusedError(PatrolIQError):
    """A version failed its promotion checks."""


@dataclass(frozen=True)
class Promotion:
    """A promotion: the champion now and before, and the snapshot with its labels."""

    name: str
    version: int
    before: int | None
    reason: str
    snapshot: str


def promote(name: str, version: int, reason: str, settings: Settings) -> Promotion:
    """Make a version champion, if it passes its promotion checks.

    Raises
    ------
    RefusedError
        It failed a check; the verdict is in the audit log.
    InputError
        The version does not exist or is champion already, there is no reason, or the person who
        trained it asks.
    """
    registry = Registry(settings)
    found = registry.version(name, version)
    reason = reason_of(reason)
    if found.champion:
        _complete(registry, settings)
        raise InputError(f"{version_title(name, version)}, is champion already.")
    if not may_promote(found, settings):
        raise InputError(
            f"{version_title(name, version)}, was trained by {found.person}; another person must "
            "promote it (see PATROLIQ_PROMOTE_OWN)."
        )
    refused = _refusals(found)
    if refused:
        messages = " ".join(verdict.message for verdict in refused)
        verdicts = [verdict.as_json for verdict in refused]
        details = {"asked_for_because": reason, "verdicts": verdicts}
        record(settings, REFUSED, f"{name} {version}", reason=reason, details=details)
        registry.runs.tag(found.run_id, "refused", messages)
        raise RefusedError(f"{version_title(name, version)}, was refused. {messages}")
    return _make_champion(registry, found, reason, settings, back=False)


def promote_first(trained: Sequence[Version], settings: Settings) -> list[Promotion]:
    """Promote versions that passed their checks, of models without a champion.

    Where another person must promote them, they wait for that.
    """
    registry = Registry(settings)
    return [
        promote(version.name, version.version, FIRST, settings)
        for version in trained
        if not version.refused
        and may_promote(version, settings)
        and registry.champion_number(version.name) is None
    ]


def may_promote(version: Version, settings: Settings) -> bool:
    """Whether the person who acts may promote a version: not the own one, where people sign in."""
    if not accounts.are_kept(settings) or settings.promote_own == "yes":
        return True
    return version.person != person(settings)


def rollback(name: str, reason: str, settings: Settings) -> Promotion:
    """Make the previous champion champion again, whatever its checks say today.

    Raises
    ------
    InputError
        There is no previous champion, or there is no reason.
    """
    registry = Registry(settings)
    reason = reason_of(reason)
    current = registry.champion_number(name)
    if current is None:
        raise InputError(f"{name} has no champion.")
    with closing(State(settings)) as state:
        before = Champions(state, settings).before().get(name)
    if before is None:
        raise InputError(f"{version_title(name, current)}, has no champion before it.")
    return _make_champion(
        registry, registry.version(name, before.version), reason, settings, back=True
    )


def _make_champion(
    registry: Registry, found: Version, reason: str, settings: Settings, *, back: bool
) -> Promotion:
    """Steps that may fail (disk space, data) come first, then the decision, then the rest."""
    require_publisher(settings, "promote models")
    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        bundle = registry.export(found)
        current = snapshot_to_label(warehouse, bundle)
        before = registry.champion_number(found.name)
        details = {
            "before": before,
            "run_id": found.run_id,
            "snapshot": found.snapshot,
            "metrics": {key: asdict(metric) for key, metric in found.metrics.items()},
        }
        missing = unlabeled(current.manifest, [bundle])
        with staged_labels(warehouse, current, missing, settings) as publish:
            with closing(State(settings)) as state:
                champions = Champions(state, settings)
                decide = champions.roll_back if back else champions.promote
                decide(found.name, found.version, reason, details)
            try:
                snapshot = publish()
                set_champion(settings.home, bundle)
                restore_derived(registry, warehouse, settings)
            except Exception as error:
                raise PatrolIQError(
                    f"{version_title(found.name, found.version)}, is champion now, but not all "
                    f"files were updated ({error}). Run `patroliq doctor --repair` to complete it."
                ) from error
    return Promotion(found.name, found.version, before, reason, snapshot.id)


def _refusals(version: Version) -> list[Verdict]:
    """By today's promotion checks, which may have changed since training."""
    return [one for one in judge(version.name, version.metrics) if not one.passed]


def _complete(registry: Registry, settings: Settings) -> None:
    """Complete a promotion of this version that may have been killed."""
    warehouse = Warehouse(settings.home)
    with warehouse.lock():
        restore_derived(registry, warehouse, settings)
