"""The Overview's small map of areas and hottest blocks, each with the address of its incidents."""

from __future__ import annotations

from typing import Any

from analytics.areas.sketch import AreaSketch, sketch
from analytics.crossfilter.block_list import BLOCKS
from analytics.crossfilter.scope import EVERYTHING
from callbacks.overview.measures import OverviewMeasures
from components.frame.variables import VARIABLES, quantity
from components.overview.cards import Line, lines, note, paragraphs
from components.overview.map import MappedArea, MappedBlock, small_map

RANKED = 5


def map_answer(measures: OverviewMeasures) -> dict[str, Any]:
    """The figure and the list beside it."""
    areas, blocks = _areas(measures), _blocks(measures)
    listed = [
        Line(f"{block.rank}. {block.name}", block.href, (), quantity(block.incidents))
        for block in blocks
    ]
    shaded = f"Shaded: incidents by {VARIABLES[measures.level].one}. Numbered: the hottest blocks."
    return {
        "map": small_map(areas, blocks, measures.theme),
        "map_places": [lines(listed), note(shaded)]
        if listed
        else paragraphs(["No incident has a known block."], "quiet"),
    }


def _areas(measures: OverviewMeasures) -> list[MappedArea]:
    if not measures.has_areas:
        return []
    pinned, level = measures.question.pinned, measures.level
    found: dict[str, AreaSketch] = pinned.get_or_compute(
        f"sketch:{level}", lambda: sketch(pinned.snapshot, level)
    )
    incidents = measures.daily.areas.incidents(measures.period)
    labels = measures.labels(level, list(found))
    return [
        MappedArea(labels[key], shape, incidents.get(key, 0), measures.explore(level, key))
        for key, shape in found.items()
    ]


def _blocks(measures: OverviewMeasures) -> list[MappedBlock]:
    """The blocks with most incidents in the period, of those that have a place."""
    assert measures.reporting is not None  # noqa: S101 - asked only where there is a period
    pinned = measures.question.pinned
    chosen = measures.reporting.of(measures.selection)
    counts = pinned.crossfilter.counts(EVERYTHING, chosen, [BLOCKS])[BLOCKS.name]
    placed = counts.join(pinned.block_places, on="block", how="inner")
    top = placed.sort(["incidents", "block"], descending=[True, False]).head(RANKED)
    return [
        MappedBlock(rank, block, lat, lon, incidents, measures.explore("block", block))
        for rank, (block, lat, lon, incidents) in enumerate(
            top.select("block", "lat", "lon", "incidents").iter_rows(), start=1
        )
    ]
