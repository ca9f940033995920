"""What is derived from the decisions on champions, made again where it says something else.

champion.json, the labels in the current snapshot, MLflow's alias and the index: a process that was
killed after a decision leaves some of them as they were.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.champions import ChampionDecision, decisions, renew_pointers
from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.champion_labels import staged_labels, unlabeled
from analytics.settings import Settings
from analytics.training.registry import Registry

_LOG = logging.getLogger(__name__)


def make_again(registry: Registry, warehouse: Warehouse, settings: Settings) -> list[str]:
    """Make what differs say what was decided; what was made again, in sentences.

    What cannot be had is logged. Call it with the warehouse's lock held.
    """
    champions = decisions(settings)
    bundles, told = [], []
    for decision in champions.values():
        try:
            bundles.append(_bundle(registry, decision, warehouse))
        except PatrolIQError as error:
            _LOG.warning("%s is champion, but its files cannot be had: %s", _name(decision), error)
    told += _labels(warehouse, bundles, settings)
    for decision in renew_pointers(settings.home, champions):
        told.append(f"champion.json names {_name(decision)} again.")
    for bundle in bundles:
        try:
            if registry.move_alias(bundle.name, bundle.version):
                told.append(f"MLflow's alias is at {bundle.name} {bundle.version} again.")
        except PatrolIQError as error:
            _LOG.warning("%s", error)
    registry.write_index()
    return told


def _bundle(registry: Registry, decision: ChampionDecision, warehouse: Warehouse) -> Bundle:
    """A champion's files; from its run where they are lost or damaged."""
    with suppress(PatrolIQError):
        return Bundle.load(version_folder(warehouse.home, decision.model, decision.version))
    return registry.export(registry.version(decision.model, decision.version))


def _labels(warehouse: Warehouse, bundles: list[Bundle], settings: Settings) -> list[str]:
    try:
        current = warehouse.current()
        missing = unlabeled(current.manifest, bundles) if current else []
        if current is None or not missing:
            return []
        with staged_labels(warehouse, current, missing, settings) as publish:
            snapshot = publish()
    except PatrolIQError as error:
        _LOG.warning("labels of champions are not published: %s", error)
        return []
    names = ", ".join(f"{bundle.name} {bundle.version}" for bundle in missing)
    return [f"Snapshot {snapshot.id} has the labels of {names}."]


def _name(decision: ChampionDecision) -> str:
    return f"{decision.model} {decision.version}"
