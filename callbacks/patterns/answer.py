"""The Patterns page's answer to a gesture; a click on "Fit" is queued for the worker."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.views import View, view
from analytics.errors import InputError
from analytics.formats import number
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
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.work import POLLED, open_trainings, perform, queue
from callbacks.patterns.cards import (
    Shown,
    colors_of,
    frame_of,
    map_of,
    offense_profiles_of,
    points_of,
    refused,
)
from components.frame.choices import choices
from components.frame.jobs import job_list
from components.frame.theme import Theme
from components.patterns.figures import (
    Points,
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
from components.patterns.sentences import parameters_said, qualities

OFFENSE_PROFILE = "offense_profile"
DRAWN_AS = {"auto": "Density when dense", "points": "Incidents", "density": "Density"}
CAPTIONS = {PatternsIds.SCREE_CARD: None}
"""Components are of all incidents the version was trained on, whatever the selection."""
ABOUT_OFFENSE_PROFILE = (
    "Latent classes of type, location type, hour, weekday and domestic; in parentheses, how "
    "many times as frequent as among all incidents. Two halves of the incidents agree on "
    "{classes} classes with an adjusted Rand index of {stability} (0: chance)."
)


def layout(_services: Services, _pinned: Pinned) -> Component:
    """The page before its first answer."""
    return patterns()


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes."""
    outputs: dict[str, Any] = {
        "notices": perform(question, {"train": _train}),
        "captions": CAPTIONS,
    }
    if question.changed == POLLED and not question.new_data:
        return outputs | _missing(question, _shown(question))
    shown = _shown(question)
    outputs |= {"choices": choices(_selects(question, shown))}
    if question.redraw or "theme" in question.changed:
        outputs |= _components(question)
    return outputs | _map_and_offense_profiles(question, shown)


def _shown(question: Question) -> Shown:
    return Shown.of(question.raw, question.pinned)


def _train(question: Question) -> str:
    model = question.values.get("model", "")
    if not model.startswith(PREFIX) or model not in CATALOG:
        raise InputError(f"Pattern model not found: {model[:40]!r}.")
    return queue(question, ["train", model, "--promote-first"])


def _selects(question: Question, shown: Shown) -> list[tuple[str, str, dict[str, str], str]]:
    methods = {method: METHOD_WORDS[method] for method in METHODS}
    found = [
        ("method", "Map", methods, shown.method),
        ("draw", "Show", DRAWN_AS, shown.draw),
    ]
    if shown.draw != "density":
        found.append(("color", "Color", colors_of(question.pinned), shown.color))
        found.append(("axes", "Axes", {"2": "Two", "3": "Three"}, shown.axes))
    if shown.draw == "density" or shown.axes == "2":
        tools = {"lasso": "Lasso", "select": "Box"}
        found.append(("tool", "Select with", tools, shown.tool))
    return found


def _map_and_offense_profiles(question: Question, shown: Shown) -> dict[str, Any]:
    pinned, home = question.pinned, question.services.settings.home
    found = map_of(pinned, home, shown.method)
    views = _views(question, found)
    frames = pinned.crossfilter.counts(EVERYTHING, question.selection, list(views.values()))
    counts = {role: frames[one.name] for role, one in views.items()}
    outputs = _missing(question, shown) | _offense_profile(question, counts.get(OFFENSE_PROFILE))
    if found is None:
        return outputs | {"map_hidden": True, "legend": [], "map_note": "", "quality": [],
                          "map_numbers": []}  # fmt: skip
    return outputs | _map(question, shown, found, counts)


def _views(question: Question, found: StoredMap | None) -> dict[str, View]:
    attributes = question.pinned.attributes
    wanted = {"total": view("total")}
    version = label_versions(question.manifest).get(OFFENSE_PROFILE)
    if version is not None:
        wanted[OFFENSE_PROFILE] = view(
            attribute_of(PREFIX + OFFENSE_PROFILE, version).name, attributes
        )
    if found is not None:
        wanted["cells"] = view(found.attribute, attributes)
    return wanted


def _map(
    question: Question, shown: Shown, found: StoredMap, counts: dict[str, pl.DataFrame]
) -> dict[str, Any]:
    pinned, theme = question.pinned, question.theme
    cells = cell_counts(counts["cells"], found.attribute)
    frame = frame_of(found, shown.tool, sorted(cells))
    keys = chosen_keys(question.selection, found.attribute)
    own = {int(float(key)) for key in keys if key.replace(".", "", 1).isdigit()}
    lines = outline(own, found.grid, CELLS)
    chosen = found.chosen(pinned.reader, question.selection)
    points = points_of(question, found, chosen, shown)
    density = shown.as_density(int(chosen.sum()))
    if density:
        figure = density_figure(cells, frame, lines, theme)
    elif shown.axes == "3":
        figure = space_figure(points, frame, theme)
    else:
        figure = points_figure(points, frame, lines, theme)
    total = int(counts["total"]["incidents"].sum())
    bundle = found.bundle
    parameters = parameters_said(bundle.parameters, bundle.metrics, bundle.version, shown.method)
    return {
        "map": figure,
        "map_hidden": False,
        "map_note": _note(points, total, density=density),
        "map_numbers": categories_table(points.categories),
        "legend": [] if density else legend(points.categories),
        "quality": quality_list(qualities(bundle.metrics, shown.method), parameters),
        "nothing_matches": total == 0,
    }


def _note(points: Points, total: int, *, density: bool) -> str:
    if density:
        return (
            f"{number(total)} selected incidents by cell of the embedding, on a logarithmic scale."
        )
    drawn, chosen = len(points.chosen), int(points.chosen.sum())
    if chosen == drawn:
        return f"Showing {number(drawn)} of {number(total)} incidents."
    return (
        f"{number(total)} incidents selected; {number(chosen)} of the {number(drawn)} shown are "
        "among them, the others are faint."
    )


def _offense_profile(question: Question, counts: pl.DataFrame | None) -> dict[str, Any]:
    pinned, home = question.pinned, question.services.settings.home
    name = PREFIX + OFFENSE_PROFILE
    if counts is None:
        waiting = _waits(question, name)
        why = refused(question.services, name)
        return {OFFENSE_PROFILE: missing(CATALOG[name].title, why, waiting=waiting, model=name)}
    version = label_versions(question.manifest)[OFFENSE_PROFILE]
    dimension = attribute_of(name, version).name
    chosen = chosen_keys(question.selection, dimension)
    rows = offense_profiles_of(pinned, home, counts, dimension, chosen)
    bundle = stored_bundle(question.manifest, home, OFFENSE_PROFILE)
    stability = bundle.metrics["stability"] if bundle else None
    said = (
        ABOUT_OFFENSE_PROFILE.format(classes=len(rows), stability=number(stability.value, 2))
        if stability
        else ""
    )
    return {OFFENSE_PROFILE: offense_profile_list(rows, dimension, said)}


def _missing(question: Question, shown: Shown) -> dict[str, Any]:
    """Jobs in progress, and the way to a map where there is none."""
    work = open_trainings(question.services, PREFIX)
    parts = [job_list(work.jobs, no_worker=work.no_worker)] if work.jobs else []
    if shown.method not in label_versions(question.manifest):
        name = PREFIX + shown.method
        why = refused(question.services, name)
        waiting = _waits(question, name)
        parts.append(missing(CATALOG[name].title, why, waiting=waiting, model=name))
    return {"missing": parts}


def _waits(question: Question, name: str) -> bool:
    return bool(open_trainings(question.services, name).jobs)


def _components(question: Question) -> dict[str, Any]:
    """Components do not depend on the selection."""
    theme: Theme = question.theme
    bundle = stored_bundle(question.manifest, question.services.settings.home, "pca")
    if bundle is None:
        name = f"{PREFIX}pca"
        why = refused(question.services, name)
        offer = missing(CATALOG[name].title, why, waiting=_waits(question, name), model=name)
        return {"scree_hidden": True, "axes": offer, "scree_numbers": []}
    scree = bundle.table("scree")
    explained, noise = scree["explained"].to_list(), scree["noise_high"].to_list()
    kept = int(bundle.metrics["components_beyond_noise"].value)
    return {
        "scree": scree_figure(explained, noise, kept, theme),
        "scree_hidden": False,
        "axes": axes_list(bundle.table("axes").to_dicts()),
        "scree_numbers": scree_table(explained, noise),
    }
