"""Data of the Patterns page, from stored embeddings and one selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.colors
import polars as pl

from analytics.artifacts.gates import refused_by
from analytics.artifacts.index import read_index
from analytics.crossfilter.dimensions import LABELED
from analytics.crossfilter.vocabulary import label_of
from analytics.formats import hour_range
from analytics.patterns.grid import CELLS
from analytics.patterns.names import PREFIX, attribute_of
from analytics.patterns.stored import (
    METHODS,
    StoredMap,
    label_versions,
    labeling_model,
    stored_bundle,
    stored_map,
)
from analytics.services import Pinned, Services
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from components.frame.metrics import refusal_words
from components.frame.theme import Theme, color, sequential
from components.frame.variables import OKABE_ITO, category_color
from components.patterns.figures import Category, MapExtent, Points
from components.patterns.sentences import COLORS, OffenseProfile, profile_words

MOST_CATEGORIES = 6
DENSE = 25_000
"""Chosen incidents of the sample from which density is shown, unless points are requested."""
HARM_CLASSES = (
    (30, "Under 30 days"),
    (120, "30 to 119 days"),
    (365, "120 to 364 days"),
    (730, "1 to 2 years"),
    (1825, "2 to 5 years"),
    (10**9, "5 years and more"),
)


@dataclass(frozen=True)
class PatternsOptions:
    """Options of the page; values that do not exist become the default."""

    method: str
    color: str
    axes: str
    draw: str
    tool: str

    @classmethod
    def of(cls, raw: Mapping[str, Any], pinned: Pinned) -> PatternsOptions:
        def option(name: str, allowed: Any, default: str) -> str:
            text = str(raw.get(name) or "")
            return text if text in allowed else default

        present = label_versions(pinned.snapshot.manifest)
        first = next((method for method in METHODS if method in present), METHODS[0])
        colors = colors_of(pinned)
        return cls(
            option("method", METHODS, first),
            option("color", colors, "type"),
            option("axes", ("2", "3"), "2"),
            option("draw", ("auto", "points", "density"), "auto"),
            option("tool", ("lasso", "select"), "lasso"),
        )

    def as_density(self, chosen: int) -> bool:
        """Whether this many incidents are shown as density; there are no cells in three axes."""
        dense = self.draw == "auto" and self.axes == "2" and chosen > DENSE
        return self.draw == "density" or dense


def colors_of(pinned: Pinned) -> dict[str, str]:
    """What incidents can be colored by, name → words."""
    manifest = pinned.snapshot.manifest
    present = label_versions(manifest)
    lacking = {name for name in LABELED if labeling_model(manifest, name) is None}
    lacking |= {"offense_profile"} if "offense_profile" not in present else set()
    return {name: said for name, said in COLORS.items() if name not in lacking}


def map_of(pinned: Pinned, home: Path, method: str) -> StoredMap | None:
    """The stored embedding, read once for each snapshot."""
    return pinned.get_or_compute(
        f"patterns-{method}", lambda: stored_map(pinned.reader, home, method)
    )


def extent_of(found: StoredMap, tool: str, occupied: list[int]) -> MapExtent:
    """The square that an embedding fills."""
    grid = found.grid
    return MapExtent(found.attribute, grid.left, grid.bottom, grid.size, CELLS, occupied, tool)


def points_of(
    question: Question, found: StoredMap, chosen: npt.NDArray[np.bool_], options: PatternsOptions
) -> Points:
    """Sampled incidents with their colors."""
    codes, named = _categories(question, found, options.color)
    shown_counts = np.bincount(codes, minlength=len(named))
    inside = np.bincount(codes[chosen], minlength=len(named))
    categories = [
        Category(label, shade, int(shown_counts[index]), int(inside[index]))
        for index, (label, shade) in enumerate(named)
    ]
    coordinates = found.xy if options.axes == "2" else found.xyz
    return Points(coordinates, codes.astype(np.uint8), chosen, categories)


Named = list[tuple[str, str]]
"""Label and color of each category."""


def _categories(
    question: Question, found: StoredMap, by: str
) -> tuple[npt.NDArray[np.int64], Named]:
    theme, pinned = question.theme, question.pinned
    if by == "hour":
        return _hours(found, theme)
    if by == "harm":
        return _harm(found, theme)
    dimension = by
    if by == "offense_profile":
        version = label_versions(question.manifest)["offense_profile"]
        dimension = attribute_of(PREFIX + by, version).name
    values = found.values(pinned.reader, f"attr_{dimension}" if by == "offense_profile" else by)
    names = pinned.vocabulary.names
    first = chosen_keys(question.selection, dimension)
    codes, top, shades = colored(values, first, theme, own_colors=by == "type")
    named = [(label_of(by, value, names), shade) for value, shade in zip(top, shades, strict=True)]
    if (codes == len(top)).any():
        named.append(("Others", color(theme, "unknown")))
    return codes, named


def colored(
    values: pl.Series, first: frozenset[str], theme: Theme, *, own_colors: bool
) -> tuple[npt.NDArray[np.int64], list[str], list[str]]:
    """Codes, values and colors: `first` values, then the most frequent; all others are gray."""
    counts = values.drop_nulls().value_counts(sort=True, name="n")
    order = counts.sort(["n", counts.columns[0]], descending=[True, False])[counts.columns[0]]
    top = sorted(order.to_list(), key=lambda value: value not in first)
    shades = list(OKABE_ITO)
    if own_colors:  # the same on every page; chosen values always have one
        gray, plain = color(theme, "unknown"), color(theme, "mark")
        own = {value: category_color(value, theme) for value in top}
        top = [value for value in top if value in first or own[value] != gray]
        shades = [plain if own[value] == gray else own[value] for value in top]
    top = top[:MOST_CATEGORIES]
    number = {value: index for index, value in enumerate(top)}
    codes = values.replace_strict(number, default=len(top), return_dtype=pl.Int64).to_numpy()
    return codes, top, shades[: len(top)]


def _hours(found: StoredMap, theme: Theme) -> tuple[npt.NDArray[np.int64], Named]:
    """Six parts of the day on a color circle, so that 11 PM looks like midnight."""
    hours = found.sampled["hour"].cast(pl.Int64).fill_null(-1).to_numpy()
    ring = plotly.colors.sample_colorscale("Phase", [part / 6 for part in range(6)])
    named = [(hour_range(4 * part, 4 * part + 4), ring[part]) for part in range(6)]
    named.append(("Unknown", color(theme, "unknown")))
    return np.where(hours < 0, 6, hours // 4), named


def _harm(found: StoredMap, theme: Theme) -> tuple[npt.NDArray[np.int64], Named]:
    days = found.sampled["harm_days"].cast(pl.Float64).fill_null(-1).to_numpy()
    bounds = [bound for bound, _ in HARM_CLASSES[:-1]]
    shades = sequential(theme)
    named = [(said, shades[index]) for index, (_, said) in enumerate(HARM_CLASSES)]
    named.append(("No weight", color(theme, "unknown")))
    return np.where(days < 0, len(HARM_CLASSES), np.digitize(days, bounds)), named


def offense_profiles_of(
    pinned: Pinned, home: Path, counts: pl.DataFrame, dimension: str, chosen: frozenset[str]
) -> list[OffenseProfile]:
    """Offense profiles with their selected incidents, most frequent first."""
    bundle = pinned.get_or_compute(
        "patterns-offense-profiles",
        lambda: stored_bundle(pinned.snapshot.manifest, home, "offense_profile"),
    )
    if bundle is None:
        return []
    now = dict(counts.select(dimension, "incidents").iter_rows())
    total = max(sum(now.values()), 1)
    rows = [
        OffenseProfile(
            row["name"],
            now.get(row["name"], 0),
            now.get(row["name"], 0) / total,
            profile_words(row),
            row["name"] in chosen,
        )
        for row in bundle.table("profiles").iter_rows(named=True)
    ]
    return sorted(rows, key=lambda one: -one.incidents)


def refusals(services: Services, name: str) -> list[str]:
    """Why the newest version of a model was refused; empty if it was not."""
    versions = read_index(services.settings.home)["versions"]
    newest = next((row for row in versions if row["name"] == name), None)
    return [refusal_words(one, name) for one in refused_by(newest)] if newest else []
