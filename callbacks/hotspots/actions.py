"""What the forms of the Hot spots page do: change zones, and train new ones."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.catalog import ALL, CATALOG, FORECASTS, model_of
from analytics.crossfilter.selection import EMPTY
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.whole_number import whole_number
from callbacks.frame.notes import write_note
from callbacks.frame.question import Question
from callbacks.frame.training_start import propose_command, train_command
from callbacks.frame.work import Action, queue
from callbacks.hotspots.methods import compare
from callbacks.hotspots.options import HotspotOptions, zones_offered
from components.frame.notes import WRITE

FIRST = ("zones_dbscan", "zones_kmeans", "zones_foot", *FORECASTS)
NOT_OFFERED = frozenset({"bootstraps"})  # changes how well zones are measured, not the zones


def parameters_of(model: str) -> tuple[str, ...]:
    """Parameters that can be set for new zones."""
    return tuple(key for key in CATALOG[model_of(model)].defaults if key not in NOT_OFFERED)


@needs(Permission.ZONES)
def _edit(question: Question) -> str:
    spots, model, version = _model_in_use(question)
    values = question.values
    zone, reason = _zone(question, spots, model), values.get("reason", "")
    if values.get("do") == "rename":
        spots.edits.rename(model, version, zone, values.get("name", ""), reason)
        return "Renamed. Undo it under Changes by analysts."
    spots.edits.suppress(model, version, zone, reason)
    return "Left out. Undo it under Changes by analysts."


def _zone(question: Question, spots: HotSpots, model: str) -> str:
    """Key of the zone that a form names.

    Raises
    ------
    InputError
        The zone is not in the list: the form is from an earlier version.
    """
    listed = spots.list_zones(model, EMPTY)
    zones = [*listed.all_zones, *(zone for zone, _ in listed.hidden)]
    found = [zone.key for zone in zones if zone.handle == question.values.get("zone")]
    if not found:
        raise InputError("This zone is no longer in the list; the zones have changed.")
    return found[0]


@needs(Permission.ZONES)
def _undo(question: Question) -> str:
    spots, model, version = _model_in_use(question)
    spots.edits.undo(model, version, whole_number(question.values.get("edit")) or 0)
    return "Undone."


@needs(Permission.ZONES)
def _add(question: Question) -> str:
    spots, model, version = _model_in_use(question)
    values = question.values
    spots.edits.add(
        model, version, values.get("name", ""), values.get("polygon", ""), values.get("reason", "")
    )
    return "Added to the list."


def _model_in_use(question: Question) -> tuple[HotSpots, str, int]:
    spots = HotSpots(question.services, question.pinned, question.selection)
    model = HotspotOptions.of(question.raw, spots).model
    if model is None:
        raise InputError("There are no zones yet; train them first.")
    return spots, model, spots.models[model]


@needs(Permission.TRAIN)
def _train(question: Question) -> str:
    values = question.values
    name = values.get("model") or values.get("propose", "")
    if model_of(name) not in zones_offered():
        raise InputError(f"There are no zones by {name[:40]!r}.")
    if "propose" in values:
        return queue(question, propose_command(question, name, values.get("incidents", ALL)))
    command = train_command(question, name, parameters_of(name))
    return queue(question, [*command, "--promote-first"])


@needs(Permission.TRAIN)
def _train_first(question: Question) -> str:
    target = question.values.get("target", ALL)
    question.pinned.targets.find(target)
    return queue(question, ["train", *FIRST, f"--target={target}", "--promote-first"])


ACTIONS: Mapping[str, Action] = {
    "edit": _edit,
    "undo-edit": _undo,
    "add-zone": _add,
    "train": _train,
    "train-first": _train_first,
    "compare": compare,
    WRITE: write_note,
}
"""Canceling jobs is done by the frame."""
