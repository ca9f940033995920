"""Data derived from the decisions on champions, written again wherever it differs from them.

This is champion.json, the labels in the current snapshot, MLflow's alias and the index. A process
that was killed after a decision may have left some of them unchanged.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum, unique

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.champions import ChampionDecision, decisions, renew_pointers
from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.champion_labels import staged_labels, unlabeled
from analytics.settings import Settings
from analytics.training.registry import Registry

_LOG = logging.getLogger(__name__)


@unique
class DerivedPart(StrEnum):
    """Data derived from a decision, apart from the index."""

    LABELS = "labels"
    POINTER = "champion.json"
    ALIAS = "alias"


@dataclass(frozen=True)
class Restored:
    """A part of a champion that was written again; `snapshot` is set for labels."""

    part: DerivedPart
    model: str
    version: int
    snapshot: str = ""


def restore_derived(registry: Registry, warehouse: Warehouse, settings: Settings) -> list[Restored]:
    """Write derived data again where it differs from the decisions, and the index.

    Failures are logged. Call it while holding the warehouse's lock.
    """
    champions = decisions(settings)
    bundles = []
    for decision in champions.values():
        try:
            bundles.append(_bundle(registry, decision, warehouse))
        except PatrolIQError as error:
            name = f"{decision.model} {decision.version}"
            _LOG.warning("%s is champion, but its files are not available: %s", name, error)
    restored = _restore_labels(warehouse, bundles, settings)
    restored += [
        Restored(DerivedPart.POINTER, decision.model, decision.version)
        for decision in renew_pointers(settings.home, champions)
    ]
    for bundle in bundles:
        try:
            if registry.move_alias(bundle.name, bundle.version):
                restored.append(Restored(DerivedPart.ALIAS, bundle.name, bundle.version))
        except PatrolIQError as error:
            _LOG.warning("%s", error)
    registry.write_index()
    return restored


def _bundle(registry: Registry, decision: ChampionDecision, warehouse: Warehouse) -> Bundle:
    """A champion's bundle, exported from its run if it is missing or damaged."""
    with suppress(PatrolIQError):
        return Bundle.load(version_folder(warehouse.home, decision.model, decision.version))
    return registry.export(registry.version(decision.model, decision.version))


def _restore_labels(
    warehouse: Warehouse, bundles: list[Bundle], settings: Settings
) -> list[Restored]:
    try:
        current = warehouse.current()
        missing = unlabeled(current.manifest, bundles) if current else []
        if current is None or not missing:
            return []
        with staged_labels(warehouse, current, missing, settings) as publish:
            snapshot = publish()
    except PatrolIQError as error:
        _LOG.warning("labels of champions were not published: %s", error)
        return []
    return [Restored(DerivedPart.LABELS, one.name, one.version, snapshot.id) for one in missing]
