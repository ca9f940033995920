"""The Overview's small map, without a browser."""

from __future__ import annotations

from itertools import combinations
from math import cos, dist, radians

from analytics.areas.sketch import AreaSketch
from components.frame.theme import TOKENS
from components.overview.map import (
    LEAST_HEIGHT_PX,
    MARK_PX,
    MappedArea,
    MappedBlock,
    small_map,
)

SQUARE = (((-87.7, 41.8), (-87.6, 41.8), (-87.6, 41.9), (-87.7, 41.8)),)
AREAS = [
    MappedArea("District 1", AreaSketch(SQUARE, (-87.62, 41.82)), 120, "/explore?district=001"),
    MappedArea("District 2", AreaSketch(SQUARE, (-87.63, 41.83)), 0, "/explore?district=002"),
]
BLOCKS = [MappedBlock(1, "0000X N STATE ST", 41.88, -87.62, 46, "/explore?block=0000X")]


def test_areas_are_shaded_by_class_and_named_where_they_can_be_clicked() -> None:
    busy, empty, inside, ranked = small_map(AREAS, BLOCKS, "light").data
    assert busy.fillcolor in TOKENS["light"].values()
    assert empty.fillcolor == "rgba(0,0,0,0)"
    assert list(inside.hovertext) == ["District 1: 120 incidents", "District 2: 0 incidents"]
    assert list(inside.customdata) == ["/explore?district=001", "/explore?district=002"]
    assert (list(ranked.text), list(ranked.customdata)) == (["1"], ["/explore?block=0000X"])
    assert ranked.hovertext[0] == "0000X N STATE ST: 46 incidents"


def test_without_outlines_or_blocks_nothing_is_drawn() -> None:
    inside, ranked = small_map([], [], "dark").data
    assert len(inside.x) == len(ranked.x) == 0


def test_marks_of_blocks_at_one_place_do_not_cover_one_another() -> None:
    crowded = [
        MappedBlock(rank, f"{rank} STATE ST", 41.88 + rank / 10_000, -87.62, 9, "/explore")
        for rank in range(1, 6)
    ]
    marks = small_map(AREAS, crowded, "light").data[-1]
    degree_px = LEAST_HEIGHT_PX / (41.9 - 41.8)
    places = [
        (lat * degree_px, lon * degree_px * cos(radians(41.85)))
        for lat, lon in zip(marks.y, marks.x, strict=True)
    ]
    assert (marks.y[0], marks.x[0]) == (crowded[0].lat, crowded[0].lon)
    for one, other in combinations(places, 2):
        assert dist(one, other) > 0.99 * MARK_PX
    assert list(marks.text) == ["1", "2", "3", "4", "5"]
