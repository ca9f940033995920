"""Layers as they are made: the graph of the streets, their ranks, and the tiles."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InputError
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_content import content_of
from analytics.layers.layer_features import LayerFeatures
from analytics.layers.layer_tiles import (
    MARGIN,
    TOLERANCE,
    on_map,
    pieces,
    places,
)
from analytics.layers.street_network import build_network, lengths_m, lines_of
from analytics.layers.street_ranks import StreetRank, ranks_by_length, ranks_of_classes
from analytics.layers.tile_levels import CITY, EXTENT, NEAR
from tests.unit.analytics.layers.files import BLOCK, SE, SW


def shapes_of(features: list[dict[str, Any]]) -> npt.NDArray[np.object_]:
    return np.array([shapely.geometry.shape(one["geometry"]) for one in features], dtype=object)


def features_of(features: list[dict[str, Any]]) -> LayerFeatures:
    names = list(features[0]["properties"])
    return LayerFeatures(
        "feature",
        list(range(1, len(features) + 1)),
        shapes_of(features),
        {name: [str(one["properties"][name]) for one in features] for name in names},
        "EPSG:4326",
    )


STREET_FIELDS = {"name": "street", "class": "highway"}


def test_streets_become_edges_between_nodes_where_they_meet() -> None:
    made = content_of(LayerKind.STREETS, features_of(BLOCK), STREET_FIELDS, title="")
    edges, nodes = made.tables["edges"], made.tables["nodes"]
    assert (edges.height, nodes.height) == (5, 5)
    assert sorted(nodes["edges"]) == [1, 2, 2, 2, 3]
    corner = nodes.filter((nodes["lon"] == SE[0]) & (nodes["lat"] == SE[1]))
    assert corner["edges"].item() == 3
    ending = edges.filter(
        (edges["from_node"] == corner["node"].item()) | (edges["to_node"] == corner["node"].item())
    )
    assert set(ending["street"]) == {"S MAIN ST", "E OAK AVE"}
    assert edges["rank"].to_list() == [2, 3, 3, 3, 2]
    assert made.counts["streets"] == 4
    assert made.counts["components"] == 1


def test_lengths_are_those_of_the_haversine_formula_within_half_a_percent() -> None:
    (length,) = lengths_m(np.array([shapely.LineString([SW, SE])], dtype=object))
    lon, lat = math.radians(SE[0] - SW[0]), math.radians(SW[1])
    great_circle = 2 * 6_371_008.8 * math.asin(math.cos(lat) * math.sin(abs(lon) / 2))
    assert length == pytest.approx(great_circle, rel=0.005)


Spot = tuple[int, int]


def connected(links: list[tuple[Spot, Spot]]) -> list[set[Spot]]:
    """Connected parts by brute force: parts that a link joins are merged, one link at a time."""
    parts: list[set[Spot]] = []
    for link in links:
        joined = {*link}.union(*(part for part in parts if part & {*link}))
        parts = [part for part in parts if not part & {*link}] + [joined]
    return sorted(parts, key=len, reverse=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.tuples(*[st.integers(0, 4)] * 2)] * 2), min_size=1, max_size=25))
def test_nodes_and_connected_parts_are_those_of_brute_force(links: list[tuple[Spot, Spot]]) -> None:
    """On streets between the points of a grid."""
    links = [(one, other) for one, other in links if one != other]
    if not links:
        return
    lines = np.array([shapely.LineString(np.array(link) / 100) for link in links], dtype=object)
    blank = [""] * len(lines)
    network = build_network(
        lines,
        streets=blank,
        classes=blank,
        ranks=[3] * len(lines),
        lengths=lengths_m(lines),
        features=range(len(lines)),
    )
    parts = connected(links)
    assert network.components == len(parts)
    assert network.largest_share == len(parts[0]) / sum(map(len, parts))
    degrees = {
        (round(lon * 100), round(lat * 100)): edges
        for lat, lon, edges in network.nodes.select("lat", "lon", "edges").rows()
    }
    assert degrees == Counter(spot for link in links for spot in link)


def test_parts_of_a_street_are_edges_of_their_own_and_lines_without_length_are_left_out() -> None:
    shapes = np.array(
        [
            shapely.MultiLineString([[SW, SE], [(0, 0), (1, 1)]]),
            shapely.LineString([SW, SW]),
        ],
        dtype=object,
    )
    lines, owner = lines_of(shapes)
    assert owner.tolist() == [0, 0]
    assert len(lines) == 2


def test_the_longest_streets_are_major_up_to_a_fifth_of_the_network() -> None:
    names = ["A", "B", "A", "C", "", "D"]
    lengths = np.array([10.0, 15.0, 8.0, 40.0, 50.0, 7.0])
    major = {name for name, rank in zip(names, ranks_by_length(names, lengths), strict=True)
             if rank is StreetRank.MAJOR}  # fmt: skip
    assert major == set()  # C alone is 40 of 130
    names += [f"E{number}" for number in range(20)]
    lengths = np.concatenate([lengths, np.full(20, 5.0)])
    ranks = ranks_by_length(names, lengths)
    assert {name for name, rank in zip(names, ranks, strict=True) if rank < 3} == {"C"}


def test_classes_of_known_schemes_have_ranks_and_others_must_be_named() -> None:
    assert ranks_of_classes(["motorway", "S1200", "Minor Arterial", "local", ""]) == {
        "motorway": 1,
        "S1200": 2,
        "Minor Arterial": 2,
        "local": 3,
        "": 3,
    }
    assert ranks_of_classes(["1", "2", "3"], ["1", "2"]) == {"1": 2, "2": 2, "3": 3}
    with pytest.raises(InputError, match="1, 2 are not known"):
        ranks_of_classes(["1", "2"])
    with pytest.raises(InputError, match="class 7"):
        ranks_of_classes(["1", "2"], ["7"])


def undone(flat: list[int], tile: tuple[int, int], level: int) -> npt.NDArray[np.float64]:
    """Places of a line of a tile, in degrees; the inverse of the Mercator formulas."""
    x, y = (np.cumsum(flat[axis::2]) / EXTENT + tile[axis] for axis in (0, 1))
    lon = x / 2**level * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**level))))
    return np.column_stack([lon, lat])


@pytest.mark.parametrize("level", [CITY, NEAR])
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-87.9, -87.5), st.floats(41.6, 42.0)),
        min_size=2,
        max_size=8,
        unique=True,
    )
)
def test_tiles_hold_a_line_as_it_is(level: int, at: list[tuple[float, float]]) -> None:
    """What all tiles hold together is the line, within the tolerance; nothing is outside."""
    line = shapely.LineString(at)
    shape = on_map(np.array([line], dtype=object), level)
    if shapely.length(shape[0]) < 4 * TOLERANCE[level]:
        return
    found = []
    for tile, parts in pieces(shape, level):
        for flat in (flat for piece in parts for flat in piece.lines):
            steps = np.cumsum([flat[0::2], flat[1::2]], axis=1)
            assert steps.min() >= -MARGIN * EXTENT - 1
            assert steps.max() <= (1 + MARGIN) * EXTENT + 1
            found.append(shapely.LineString(undone(flat, tile, level)))
    whole = on_map(np.array([shapely.union_all(found)], dtype=object), level)[0]
    assert whole.hausdorff_distance(shape[0]) < 2 * TOLERANCE[level]


def test_points_are_in_the_tile_of_the_usual_formula() -> None:
    """Tile 12/1050/1522 of the Loop by the formula of the OpenStreetMap wiki, Slippy map names."""
    point = shapely.Point(-87.6298, 41.8781)
    lat = math.radians(point.y)
    n = 2**NEAR
    column = int((point.x + 180) / 360 * n)
    row = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * n)
    ((tile, [(position, x, y)]),) = places(on_map(np.array([point], dtype=object), NEAR))
    assert (tile, position) == ((column, row), 0)
    back = undone([x, y], tile, NEAR)
    assert back == pytest.approx(np.array([[point.x, point.y]]), abs=1e-5)


def test_a_lake_with_an_island_keeps_it() -> None:
    lake = shapely.box(-87.66, 41.80, -87.60, 41.86) - shapely.box(-87.64, 41.82, -87.62, 41.84)
    features = LayerFeatures("feature", [1], np.array([lake], dtype=object), {}, "EPSG:4326")
    made = content_of(LayerKind.WATER, features, {}, title="")
    rings = [len(lines) for tile in made.tiles.values() for _, lines in tile]
    assert max(rings) >= 2
    assert {filled for tile in made.tiles.values() for filled, _ in tile} == {1}


def test_places_have_kinds_and_polygons_a_point_inside() -> None:
    park = shapely.box(-87.66, 41.80, -87.60, 41.86)
    features = LayerFeatures(
        "line",
        [2, 3],
        np.array([park, shapely.Point(SW)], dtype=object),
        {"kind": ["park", ""], "name": ["Lincoln", "Stop"]},
        "EPSG:4326",
    )
    fields = {"kind": "kind", "name": "name"}
    made = content_of(LayerKind.PLACES, features, fields, title="stops")
    rows = made.tables["places"]
    assert rows["kind"].to_list() == ["park", "stops"]
    assert rows["feature"].to_list() == [2, 3]
    assert park.contains(shapely.Point(rows["lon"][0], rows["lat"][0]))
    assert made.counts == {"shapes": 2, "kinds": 2}
    assert {name.split("/")[0] for name in made.tiles} == {str(NEAR)}
