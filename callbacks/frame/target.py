"""Which target of models a page shows: as chosen, or as the selection names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.artifacts.catalog import ALL, target_of
from analytics.artifacts.targets import ShownTarget
from analytics.services import Pinned
from analytics.zones.outlook import ChampionForecast
from analytics.zones.zone_list import ZoneList
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on_other
from components.frame.target import target_sentences

TARGET = "target"
"""Option of the pages that show one target at a time."""
Versions = Sequence[Mapping[str, Any]]
"""Rows of the index."""


def targets_offered(pinned: Pinned, versions: Versions) -> dict[str, str]:
    """Target → title: those of the data, and others that have versions."""
    titles = {one.name: one.title for one in pinned.targets.offered.values()}
    return titles | {name: name for name in sorted(_trained(versions)) if name not in titles}


def chosen_target(question: Question, versions: Versions) -> str:
    """The target in the address, else the narrowest one of the selection that has versions."""
    asked = str(question.raw.get(TARGET) or "")
    if asked in targets_offered(question.pinned, versions):
        return asked
    trained = _trained(versions)
    named = question.pinned.targets_of(question.selection)
    return next((one.name for one in named if one.name in trained), ALL)


def shown_target_words(
    pinned: Pinned, found: ShownTarget, listed: ZoneList, forecast: ChampionForecast | None
) -> str:
    """Whose zones are listed, and on which incidents zones and forecast were trained."""
    target = found.shown.selection
    expected_of = None
    if forecast and listed.outlook.zones:
        expected_of = trained_on_other(pinned, forecast.bundle.selection, target)
    return target_sentences(
        found,
        listed.version,
        zones_of=trained_on_other(pinned, listed.selection, target),
        expected_of=expected_of,
        of_part=listed.outlook.is_of_part,
    )


def _trained(versions: Versions) -> set[str]:
    return {target_of(row["name"]) for row in versions}
