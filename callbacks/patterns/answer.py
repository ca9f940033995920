"""The Patterns page's answer to a gesture; training is queued for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.views import View, view
from analytics.errors import InputError
from analytics.patterns.grid import CELLS
from analytics.patterns.names import PREFIX, attribute_of
from analytics.patterns.stored import (
    METHODS,
    StoredMap,
    cell_counts,
    label_versions,
    outline,
    stored_bundle,
)
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.work import open_trainings, perform, queue
from callbacks.patterns.cards import (
    PatternsOptions,
    colors_of,
    extent_of,
    map_of,
    offense_profiles_of,
    points_of,
    refusals,
)
from callbacks.patterns.redraws import REDRAWS
from components.frame.choices import Select, choices
from components.frame.jobs import job_list
from components.patterns.figures import (
    density_figure,
    points_figure,
    scree_figure,
    space_figure,
)
from components.patterns.ids import PatternsIds
from components.patterns.layout import (
    axes_list,
    categories_table,
    legend,
    missing,
    offense_profile_list,
    patterns,
    quality_list,
    scree_table,
)
from components.patterns.sentences import METHODS as METHOD_WORDS
from components.patterns.sentences import (
    SHOW_AS,
    density_note,
    offense_profiles_note,
    parameters_said,
    points_note,
    quality_metrics,
)

OFFENSE_PROFILE = "offense_profile"
CAPTIONS = {PatternsIds.SCREE_CARD: None}
"""Components are those of all training incidents, whatever the selection."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer: without a model, its card already offers to train one."""
    stored, options = label_versions(pinned.snapshot.manifest), PatternsOptions.of({}, pinned)
    offers = {
        "missing": options.method,
        OFFENSE_PROFILE: OFFENSE_PROFILE,
        "axes": "pca",
    }
    return patterns(
        _selects(pinned, options),
        {name: _offer(services, one) for name, one in offers.items() if one not in stored},
    )


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, {"train": _train})
    measures = PatternsMeasures(question, question.parts(REDRAWS))
    return draw(measures.parts, ANSWERS, measures) | {
        "notices": said,
        "nothing_matches": not measures.total,
        "empty": _empty(measures),
        "captions": CAPTIONS,
    }


def _empty(measures: PatternsMeasures) -> dict[str, bool]:
    """Cards that show nothing if no incident is selected; without a model they offer to train."""
    nothing = not measures.total
    profiles = OFFENSE_PROFILE in label_versions(measures.question.manifest)
    return {
        PatternsIds.MAP_CARD: nothing and measures.embedding is not None,
        PatternsIds.OFFENSE_PROFILE_CARD: nothing and profiles,
    }


@dataclass(frozen=True)
class PatternsMeasures:
    """What the parts of the page are made of, computed where one of them needs it."""

    question: Question
    parts: frozenset[str]

    @cached_property
    def options(self) -> PatternsOptions:
        return PatternsOptions.of(self.question.raw, self.question.pinned)

    @cached_property
    def embedding(self) -> StoredMap | None:
        """The chosen map; None if it is not there."""
        home = self.question.services.settings.home
        return map_of(self.question.pinned, home, self.options.method)

    @cached_property
    def counts(self) -> Mapping[str, pl.DataFrame]:
        """Frames by role, counted in one scan for all parts."""
        question = self.question
        views = self._views()
        frames = question.pinned.crossfilter.counts(
            EVERYTHING, question.selection, list(views.values())
        )
        return {role: frames[one.name] for role, one in views.items()}

    def _views(self) -> dict[str, View]:
        attributes = self.question.pinned.attributes
        wanted = {"total": view("total")}
        version = label_versions(self.question.manifest).get(OFFENSE_PROFILE)
        if OFFENSE_PROFILE in self.parts and version is not None:
            name = attribute_of(PREFIX + OFFENSE_PROFILE, version).name
            wanted[OFFENSE_PROFILE] = view(name, attributes)
        if "map" in self.parts and self.embedding is not None:
            wanted["cells"] = view(self.embedding.attribute, attributes)
        return wanted

    @property
    def total(self) -> int:
        return int(self.counts["total"]["incidents"].sum())


@needs(Permission.TRAIN)
def _train(question: Question) -> str:
    model = question.values.get("model", "")
    if not model.startswith(PREFIX) or model not in CATALOG:
        raise InputError(f"Pattern model not found: {model[:40]!r}.")
    return queue(question, ["train", model, "--promote-first"])


def _choices(measures: PatternsMeasures) -> dict[str, Any]:
    return {"choices": choices(_selects(measures.question.pinned, measures.options))}


def _selects(pinned: Pinned, options: PatternsOptions) -> list[Select]:
    methods = {method: METHOD_WORDS[method] for method in METHODS}
    found: list[Select] = [
        ("method", "Map", methods, options.method),
        ("draw", "Show", SHOW_AS, options.draw),
    ]
    if options.draw != "density":
        found.append(("color", "Color", colors_of(pinned), options.color))
        found.append(("axes", "Axes", {"2": "Two", "3": "Three"}, options.axes))
    if options.draw == "density" or options.axes == "2":
        tools = {"lasso": "Lasso", "select": "Box"}
        found.append(("tool", "Select with", tools, options.tool))
    return found


def _map(measures: PatternsMeasures) -> dict[str, Any]:
    found = measures.embedding
    if found is None:
        return {"map_hidden": True, "legend": [], "map_note": "", "quality": [],
                "map_numbers": []}  # fmt: skip
    question, options = measures.question, measures.options
    pinned, theme = question.pinned, question.theme
    cells = cell_counts(measures.counts["cells"], found.attribute)
    extent = extent_of(found, options.tool, sorted(cells))
    keys = chosen_keys(question.selection, found.attribute)
    numbers = (whole_number(key.removesuffix(".0")) for key in keys)
    own = {number for number in numbers if number is not None}
    lines = outline(own, found.grid, CELLS)
    chosen = found.chosen(pinned.reader, question.selection)
    points = points_of(question, found, chosen, options)
    density = options.as_density(int(chosen.sum()))
    if density:
        figure = density_figure(cells, extent, lines, theme)
    elif options.axes == "3":
        figure = space_figure(points, extent, theme)
    else:
        figure = points_figure(points, extent, lines, theme)
    bundle = found.bundle
    parameters = parameters_said(bundle.parameters, bundle.metrics, bundle.version, options.method)
    return {
        "map": figure,
        "map_hidden": False,
        "map_note": density_note(measures.total)
        if density
        else points_note(measures.total, len(points.chosen), int(points.chosen.sum())),
        "map_numbers": categories_table(points.categories),
        "legend": [] if density else legend(points.categories),
        "quality": quality_list(quality_metrics(bundle.metrics, options.method), parameters),
    }


def _offense_profile(measures: PatternsMeasures) -> dict[str, Any]:
    question, counts = measures.question, measures.counts.get(OFFENSE_PROFILE)
    if counts is None:
        return {}
    pinned, home = question.pinned, question.services.settings.home
    version = label_versions(question.manifest)[OFFENSE_PROFILE]
    dimension = attribute_of(PREFIX + OFFENSE_PROFILE, version).name
    chosen = chosen_keys(question.selection, dimension)
    rows = offense_profiles_of(pinned, home, counts, dimension, chosen)
    bundle = stored_bundle(question.manifest, home, OFFENSE_PROFILE)
    stability = bundle.metrics["stability"] if bundle else None
    note = offense_profiles_note(len(rows), stability.value) if stability else ""
    return {OFFENSE_PROFILE: offense_profile_list(rows, dimension, note)}


def _missing(measures: PatternsMeasures) -> dict[str, Any]:
    """Jobs in progress, and the button that trains an embedding if there is none."""
    question, options = measures.question, measures.options
    work = open_trainings(question.services, PREFIX)
    parts = [job_list(work.jobs, no_worker=work.no_worker)] if work.jobs else []
    if options.method not in label_versions(question.manifest):
        parts.append(_offer(question.services, options.method))
    return {"missing": parts}


def _offers(measures: PatternsMeasures) -> dict[str, Any]:
    """The buttons that train offense profiles and components, for those that are not there."""
    question = measures.question
    found: dict[str, Any] = {}
    if OFFENSE_PROFILE not in label_versions(question.manifest):
        found[OFFENSE_PROFILE] = _offer(question.services, OFFENSE_PROFILE)
    if _stored_components(question) is None:
        offer = _offer(question.services, "pca")
        found |= {"scree_hidden": True, "axes": offer, "scree_numbers": []}
    return found


def _offer(services: Services, method: str) -> Component:
    name = PREFIX + method
    waiting = bool(open_trainings(services, name).jobs)
    why = refusals(services, name)
    return missing(CATALOG[name].title, why, waiting=waiting, model=name)


def _stored_components(question: Question) -> Bundle | None:
    return stored_bundle(question.manifest, question.services.settings.home, "pca")


def _components(measures: PatternsMeasures) -> dict[str, Any]:
    """Principal components, which do not depend on the selection."""
    bundle = _stored_components(measures.question)
    if bundle is None:
        return {}
    scree = bundle.table("scree")
    explained, noise = scree["explained"].to_list(), scree["noise_high"].to_list()
    retained = int(bundle.metrics["components_beyond_noise"].value)
    return {
        "scree": scree_figure(explained, noise, retained, measures.question.theme),
        "scree_hidden": False,
        "axes": axes_list(bundle.table("axes").to_dicts()),
        "scree_numbers": scree_table(explained, noise),
    }


ANSWERS: Answers = {
    "choices": _choices,
    "map": _map,
    "missing": _missing,
    "offense_profile": _offense_profile,
    "components": _components,
    "offers": _offers,
}
