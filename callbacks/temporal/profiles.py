"""The Temporal page's answer for temporal profiles, or why there are none yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import pair_name
from analytics.artifacts.gates import refused_by
from analytics.artifacts.index import read_index
from analytics.crossfilter.clauses import label_key, short_name
from analytics.crossfilter.point_labels import label_versions
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.views import view
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import PatrolIQError
from analytics.formats import distance_text, number, numbers
from analytics.services import Services
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on
from callbacks.frame.work import Action, open_trainings, queue
from callbacks.temporal.measures import TemporalMeasures
from components.frame.metrics import refusal_words
from components.temporal.profiles import (
    TemporalProfile,
    no_profiles,
    profiles_figures,
    profiles_list,
)

MODEL = "temporal_kmeans"
TRAIN = "train-profiles"


@dataclass(frozen=True)
class StoredProfiles:
    """Temporal profiles of a bundle, cached with the snapshot."""

    bundle: Bundle
    profiles: list[dict[str, Any]]
    types: dict[int, list[str]]


def profiles_answer(measures: TemporalMeasures) -> dict[str, Any]:
    """The list of profiles with their selected incidents, or how to get some."""
    question = measures.question
    stored = _stored(question)
    if stored is None:
        return {"profiles": _none_yet(question.services)}
    model, version = stored.bundle.name, stored.bundle.version
    shown = view(f"temporal_profile:{short_name(model)}")
    found = question.pinned.crossfilter.counts(EVERYTHING, question.selection, [shown])
    counts = dict(found[shown.name].select("temporal_profile", "incidents").iter_rows())
    chosen = chosen_keys(question.selection, "temporal_profile")
    profiles = [
        _profile(row, label_key(model, version, str(row["label"])), counts, chosen, stored)
        for row in stored.profiles
    ]
    of = trained_on(question.pinned, stored.bundle.selection)
    return {"profiles": profiles_list(profiles, _version_sentence(stored.bundle, of))}


def profiles_figures_answer(measures: TemporalMeasures) -> dict[str, Any]:
    """Map and weeks of the profiles; none if there are no profiles."""
    stored = _stored(measures.question)
    if stored is None:
        return {"profiles_figures": []}
    figures = profiles_figures(
        {str(row["label"]): row["name"] for row in stored.profiles},
        stored.bundle.table("hours"),
        stored.bundle.geojson or {"features": []},
        measures.options.theme,
    )
    return {"profiles_figures": figures}


def _profile(
    row: dict[str, Any],
    key: str,
    counts: dict[str, int],
    chosen: frozenset[str],
    stored: StoredProfiles,
) -> TemporalProfile:
    return TemporalProfile(
        number=row["label"],
        key=key,
        name=row["name"],
        cells=row["cells"],
        jaccard=row["jaccard"],
        incidents=counts.get(key, 0),
        total=sum(counts.values()),
        types=tuple(stored.types.get(row["label"], ())),
        chosen=key in chosen,
    )


def _stored(question: Question) -> StoredProfiles | None:
    # Read first: the cache computes its values while holding the vocabulary's lock.
    vocabulary, model = question.pinned.vocabulary, _in_use(question)
    return question.pinned.get_or_compute(model, lambda: _read(question, model, vocabulary))


def _in_use(question: Question) -> str:
    """The model of the narrowest target of the selection that has labels in the snapshot."""
    labeled = label_versions(question.manifest)
    names = [pair_name(MODEL, one.name) for one in question.pinned.targets_of(question.selection)]
    return next((name for name in names if name in labeled), MODEL)


def _read(question: Question, model: str, vocabulary: Vocabulary) -> StoredProfiles | None:
    """The version whose labels the snapshot has; None if there is none that can be read."""
    version = label_versions(question.manifest).get(model)
    if version is None:
        return None
    try:
        bundle = Bundle.load(version_folder(question.services.settings.home, model, version))
    except PatrolIQError:
        return None
    types: dict[int, list[str]] = {}
    for name, label in bundle.table("types").select("type", "label").iter_rows():
        types.setdefault(label, []).append(vocabulary.label("type", name))
    return StoredProfiles(bundle, bundle.table("zones").sort("label").to_dicts(), types)


def _version_sentence(bundle: Bundle, of: str) -> str:
    gain = bundle.metrics["gain"]
    size = bundle.parameters["cell_m"]
    return (
        f"K-means version {bundle.version} of {of}, cells of {distance_text(size)}. On later weeks "
        f"a place's temporal profile predicts the part of the week {number(gain.value, 3)} bits "
        f"({numbers(gain.low, gain.high, 3)}) better than the city's."
    )


@needs(Permission.TRAIN)
def _train(question: Question) -> str:
    return queue(question, ["train", MODEL, "--promote-first"])


ACTIONS: Mapping[str, Action] = {TRAIN: _train}


def _none_yet(services: Services) -> Any:
    versions = read_index(services.settings.home)["versions"]
    newest = next((row for row in versions if row["name"] == MODEL), None)
    refused = [refusal_words(one, MODEL) for one in refused_by(newest)] if newest else []
    work = open_trainings(services, MODEL)
    return no_profiles(refused, TRAIN, jobs=work.jobs, no_worker=work.no_worker)
