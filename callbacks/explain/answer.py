"""The Explain page's answer: cards for the stored tables of one version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.access.stored_results import whole_city_note
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import (
    ALL,
    CATALOG,
    EXPLAINED,
    FORECASTS,
    model_of,
    pair_name,
    target_of,
    version_title,
)
from analytics.artifacts.index import read_index
from analytics.crossfilter.clauses import Labels, label_key
from analytics.crossfilter.dimensions import PLACE
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from analytics.zones.zone_list import zone_models
from analytics.zones.zone_now import zone_now
from callbacks.explain.redraws import REDRAWS
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.target import TARGET, chosen_target, targets_offered
from callbacks.frame.trained_on import trained_on
from components.explain.forecast import dependence_card, importance_card, learned_sentence
from components.explain.layout import NO_VERSION, OF_A_FORECAST, OF_ZONES, explain
from components.explain.short import forecast_short_card, zone_short_card
from components.explain.zones import (
    hours_card,
    lifts_card,
    map_card,
    rules_card,
    silhouettes_card,
    stability_card,
    zone_name,
)
from components.frame.choices import choices
from components.frame.states import notice
from components.frame.theme import Theme

MOST_ZONES = 100
CAPTIONS = dict.fromkeys(("explain-hours", "explain-map", "explain-dependence"))
"""Their figures are about a version, whatever is selected."""


def layout(services: Services, _pinned: Pinned) -> Component:
    """The page before its first answer, with cards as those of the version without options."""
    versions = _explained_versions(services)
    if not versions:
        return explain(())
    shown = chosen({}, versions, ALL)
    return explain(OF_A_FORECAST if model_of(shown["name"]) in FORECASTS else OF_ZONES)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws."""
    parts = question.parts(REDRAWS)
    outputs = _of_version(question, parts) if parts else {}
    return outputs | {"captions": CAPTIONS}


def _of_version(question: Question, parts: frozenset[str]) -> dict[str, Any]:
    versions = _explained_versions(question.services)
    if not versions:
        return {"choices": [], "explained": "", "cards": notice(NO_VERSION)}
    return draw(parts, ANSWERS, Explained(question, versions))


def _explained_versions(services: Services) -> list[dict[str, Any]]:
    versions = read_index(services.settings.home)["versions"]
    return [row for row in versions if model_of(row["name"]) in EXPLAINED]


@dataclass(frozen=True)
class Explained:
    """The chosen version among all that have explanations."""

    question: Question
    versions: list[dict[str, Any]]

    @cached_property
    def selected(self) -> tuple[dict[str, Any], int] | None:
        """The version of the first zone in the selection that is explained, and its number."""
        clause = self.question.selection.get("zone")
        known = clause.known if isinstance(clause, Labels) else ()
        by_version = {(row["name"], int(row["version"])): row for row in self.versions}
        for model, version, label in known:
            row = by_version.get((model, version))
            number = whole_number(label)
            if row and number is not None:
                return row, number
        return None

    @cached_property
    def row(self) -> dict[str, Any]:
        raw = self.question.raw
        if self.selected and not any(raw.get(name) for name in (TARGET, "model", "version")):
            return self.selected[0]
        return chosen(raw, self.versions, self.target)

    @cached_property
    def target(self) -> str:
        return chosen_target(self.question, self.versions)

    @cached_property
    def bundle(self) -> Bundle:
        row, home = self.row, self.question.services.settings.home
        return Bundle.load(version_folder(home, row["name"], int(row["version"])))

    @cached_property
    def names(self) -> dict[int, str]:
        return zone_names(self.bundle)

    @property
    def zone(self) -> int:
        row, zone = self.selected or (None, None)
        selected = f"{_key(row)}:{zone}" if row else ""
        asked = str(self.question.raw.get("zone") or ""), selected
        return _zone(asked, _key(self.row), self.names)


def _choices(shown: Explained) -> dict[str, Any]:
    targets = targets_offered(shown.question.pinned, shown.versions)
    trained = {target_of(row["name"]) for row in shown.versions}
    offered = {name: title for name, title in targets.items() if name in trained}
    selects = _selects(shown.versions, shown.row, shown.names, shown.zone)
    return {
        "choices": choices([(TARGET, "Target", offered, target_of(shown.row["name"])), *selects])
    }


def _explained(shown: Explained) -> dict[str, Any]:
    incidents = trained_on(shown.question.pinned, shown.row["selection"])
    sentence = _sentence(shown.row, incidents)
    return {"explained": " ".join(filter(None, (sentence, whole_city_note())))}


def _cards(shown: Explained) -> dict[str, Any]:
    question = shown.question
    narrow = question.raw.get("narrow") == "1"
    found = cards(shown.bundle, shown.names, shown.zone, question.theme, narrow=narrow)
    return {"cards": [*_short(shown), *found]}


def _short(shown: Explained) -> list[Component]:
    """The card for a patrol analyst, which follows the selection where the version is in use."""
    question, bundle = shown.question, shown.bundle
    tables, trained = set(bundle.tables), trained_on(question.pinned, bundle.selection)
    if {"importance", "dependence", "explained"} <= tables:
        days = bundle.table("explained")["horizon_days"][0]
        tell = (bundle.table("importance"), bundle.table("dependence"), days)
        return [forecast_short_card(*tell, trained)]
    row = _profile(bundle, shown.zone)
    if row is None:
        return []
    now = None
    if zone_models(question.manifest).get(bundle.name) == bundle.version:
        key = label_key(bundle.name, bundle.version, str(shown.zone))
        pinned, selection = question.pinned, question.selection
        now = zone_now(pinned.crossfilter, question.manifest, selection, key)
    without_place = question.selection.without(PLACE)
    selected = trained_on(question.pinned, without_place.text)
    return [zone_short_card(row["name"], row, now, selected=selected, trained=trained)]


def _profile(bundle: Bundle, zone: int) -> dict[str, Any] | None:
    """The row of a zone; None where an earlier program stored no profiles."""
    zones = bundle.table("zones") if "zones" in bundle.tables else pl.DataFrame()
    if "density_ratio" not in zones.columns:
        return None
    return next(iter(zones.filter(pl.col("label") == zone).to_dicts()), None)


def chosen(raw: Mapping[str, Any], versions: list[dict[str, Any]], target: str) -> dict[str, Any]:
    """The version in the address, else the model's champion, else its newest version.

    Of the target, if it has versions; without a model, a version of any model.

    A version is named with its model (`zones_kmeans:3`), so that choosing another model resets it.
    """
    versions = [row for row in versions if target_of(row["name"]) == target] or versions
    of_model = [row for row in versions if row["name"] == pair_name(str(raw.get("model")), target)]
    pool = of_model or [row for row in versions if row["champion"]] or versions
    among = of_model if raw.get("model") else versions
    named = [row for row in among if _key(row) == str(raw.get("version") or "")]
    champions = [row for row in pool if row["champion"]]
    return (named or champions or pool)[0]


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['name']}:{row['version']}"


def zone_names(bundle: Bundle) -> dict[int, str]:
    """Zone → name (empty if it has none), by number."""
    if "zones" not in bundle.tables:
        return {}
    zones = bundle.table("zones").sort("label").head(MOST_ZONES)
    named = zones["name"].to_list() if "name" in zones.columns else [""] * len(zones)
    return {int(label): name or "" for label, name in zip(zones["label"], named, strict=True)}


def cards(
    bundle: Bundle, names: Mapping[int, str], zone: int, theme: Theme, *, narrow: bool
) -> list[Component]:
    """A card for each table of the bundle."""
    tables = set(bundle.tables)
    found: list[Component] = []
    if "lifts" in tables:
        lifts = bundle.table("lifts").filter(pl.col("zone") == zone)
        where = f"zone {zone}"
        found += [
            lifts_card(lifts, "type", "By crime type", where),
            lifts_card(lifts, "location_type", "By location type", where),
            hours_card(lifts, where, theme),
        ]
    if {"rules", "fidelity"} <= tables:
        found.append(rules_card(bundle.table("rules"), bundle.table("fidelity"), names))
    if {"stability_zones", "stability_cells"} <= tables:
        found.append(map_card(bundle.table("stability_cells"), theme))
        found.append(stability_card(bundle.table("stability_zones"), names))
    if "silhouettes" in tables:
        found.append(silhouettes_card(bundle.table("silhouettes"), names))
    if {"importance", "dependence", "explained"} <= tables:
        row = bundle.table("explained").row(0, named=True)
        importance = bundle.table("importance")
        note = learned_sentence(row)
        found += [
            importance_card(importance, "group", note),
            importance_card(importance, "feature", note),
            dependence_card(bundle.table("dependence"), row["horizon_days"], theme, narrow=narrow),
        ]
    return found or [notice("This version has no explanations. Train the model again to get them.")]


def _zone(asked: Sequence[str], version: str, names: Mapping[int, str]) -> int:
    """The first zone asked for that the version has (`zones_kmeans:3:7`), else its first."""
    known = {f"{version}:{zone}": zone for zone in names}
    return next((known[key] for key in asked if key in known), next(iter(names), 0))


def _selects(
    versions: list[dict[str, Any]],
    row: Mapping[str, Any],
    names: Mapping[int, str],
    zone: int,
) -> list[tuple[str, str, Mapping[str, str], str]]:
    target = target_of(row["name"])
    of_target = {model_of(one["name"]) for one in versions if target_of(one["name"]) == target}
    numbers = {
        _key(one): f"{one['version']}, champion" if one["champion"] else str(one["version"])
        for one in versions
        if one["name"] == row["name"]
    }
    in_order = {name: entry.title for name, entry in CATALOG.items() if name in of_target}
    found: list[tuple[str, str, Mapping[str, str], str]] = [
        ("model", "Model", in_order, model_of(row["name"])),
        ("version", "Version", numbers, _key(row)),
    ]
    if names:
        zones = {f"{_key(row)}:{one}": zone_name(one, names) for one in names}
        found.append(("zone", "Zone", zones, f"{_key(row)}:{zone}"))
    return found


def _sentence(row: Mapping[str, Any], incidents: str) -> str:
    role = "the champion" if row["champion"] else "not the champion"
    forecaster = row["parameters"].get("forecaster", "")
    used = f" It uses {forecaster}." if forecaster else ""
    return (
        f"{version_title(row['name'], row['version'])}, {role}; computed when it was trained on "
        f"{incidents} of snapshot {row['snapshot']}.{used} Below the first card, nothing follows "
        "the selection."
    )


ANSWERS: Answers = {"choices": _choices, "explained": _explained, "cards": _cards}
