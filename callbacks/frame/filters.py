"""The panel "More filters": counts of less used dimensions, computed while it is open."""

from __future__ import annotations

from typing import Any

from analytics.crossfilter.clauses import Near
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.services import Pinned, Services
from callbacks.frame.chosen import chosen_keys
from components.frame.figures.bars import bar_list
from components.frame.filters import (
    custom_area_filter,
    number_filter,
    place_filter,
    text_filter,
)
from components.frame.selection_bar import filter_section

COUNTED = ("group", "location_type", "shift", "arrest", "domestic", "heaped", "default_address")
LONGEST = 30


def more_filters_answer(services: Services, pinned: Pinned, selection: Selection) -> list[Any]:
    """Sections of the panel, one for each dimension."""
    manifest = pinned.snapshot.manifest
    categories = [item.name for item in manifest.attributes if item.kind == "category"]
    names = [name for name in (*COUNTED, *categories) if name not in manifest.views_off]
    views = {name: view(name, pinned.attributes) for name in names}
    frames = pinned.crossfilter.counts(EVERYTHING, selection, list(views.values()))
    sections: list[Any] = [
        filter_section(
            pinned.vocabulary.labels.get(name, name),
            bar_list(
                frames[shown.name],
                name,
                selected=chosen_keys(selection, name),
                labels=_labels(pinned, name, frames[shown.name][name].to_list()),
                limit=LONGEST,
            ),
        )
        for name, shown in views.items()
    ]
    near = selection.get("near")
    sections.append(place_filter(near if isinstance(near, Near) else None))
    if "place" not in manifest.views_off and not services.state_trouble:
        sections.append(_custom_areas(services, selection))
    for item in manifest.attributes:
        clause = selection.get(item.name)
        text = clause.text if clause else ""
        if item.kind == "number":
            sections.append(number_filter(item.name, item.label, text))
        elif item.kind == "text":
            sections.append(text_filter(item.name, item.label, text))
    return sections


def _custom_areas(services: Services, selection: Selection) -> Any:
    from analytics.custom_areas import CustomAreaStore  # noqa: PLC0415 - loads SQLAlchemy

    offered = CustomAreaStore(services.state, services.settings).offered()
    drawn = selection.get("polygon")
    return custom_area_filter(
        {area.id: area.name for area in offered},
        chosen_keys(selection, "custom_area"),
        drawn.text if drawn else "",
    )


def _labels(pinned: Pinned, name: str, keys: list[str]) -> dict[str, str]:
    if name in ("arrest", "domestic", "heaped", "default_address"):
        return {}
    return {key: pinned.vocabulary.label(name, key) for key in keys}
