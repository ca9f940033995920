"""GeoJSON of custom areas: what is read, and what is refused and how it is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.custom_area import CustomArea
from analytics.custom_area_file import (
    MOST_AREAS,
    MOST_BYTES,
    MOST_CORNERS,
    drawn_shape,
    read_shapes,
)
from analytics.errors import InputError

SQUARE = [[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.9], [-87.7, 41.8]]
HOLE = [[-87.67, 41.83], [-87.63, 41.83], [-87.63, 41.87], [-87.67, 41.87], [-87.67, 41.83]]
BOW = [[-87.7, 41.8], [-87.6, 41.9], [-87.6, 41.8], [-87.7, 41.9], [-87.7, 41.8]]
EAST = [[lon + 0.1, lat] for lon, lat in SQUARE]


def feature(coordinates: Any, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def content(*features: Any, **members: Any) -> bytes:
    document = {"type": "FeatureCollection", **members, "features": features}
    return json.dumps(document).encode()


def refused(raw: bytes) -> str:
    with pytest.raises(InputError) as error:
        read_shapes("beats.geojson", raw)
    return str(error.value)


def test_each_feature_is_a_shape_with_its_name() -> None:
    raw = content(
        feature([SQUARE, HOLE], name="Square"),
        feature([[[SQUARE[0], *SQUARE[1:]]], [[[lon, lat + 1] for lon, lat in SQUARE]]],
                "MultiPolygon", NAME="Two parts"),
        feature([SQUARE]),
    )  # fmt: skip
    shapes = read_shapes("folder/beats.geojson", raw)
    assert [shape.name for shape in shapes] == ["Square", "Two parts", "beats 3"]
    assert [[len(part) for part in shape.polygons] for shape in shapes] == [[2], [1, 1], [1]]
    assert {shape.remark for shape in shapes} == {""}


def test_the_shape_as_geojson_is_the_one_that_was_read() -> None:
    parts = [[SQUARE, HOLE], [[[lon, lat + 1] for lon, lat in SQUARE]]]
    (shape,) = read_shapes("a.json", content(feature(parts, "MultiPolygon")))
    written = CustomArea("0" * 10, "A", shape.polygons).geometry
    assert shapely.equals(
        shapely.from_geojson(json.dumps(written)),
        shapely.from_geojson(json.dumps({"type": "MultiPolygon", "coordinates": parts})),
    )


@pytest.mark.parametrize("document", [feature([SQUARE]), feature([SQUARE])["geometry"]])
def test_one_feature_or_geometry_is_a_file_too(document: Any) -> None:
    (shape,) = read_shapes("harbor.geojson", json.dumps(document).encode())
    assert shape.name == "harbor"


def test_heights_are_dropped_and_decimals_limited() -> None:
    ring = [[lon + 1e-8, lat, 180.0] for lon, lat in SQUARE]
    (shape,) = read_shapes("a.json", content(feature([ring])))
    assert sorted(shape.polygons[0][0].tolist()) == sorted(SQUARE[:4])


def test_parts_that_overlap_are_merged_which_is_said() -> None:
    wide = [[lon + 0.05, lat] for lon, lat in SQUARE]
    for other in (wide, EAST):
        raw = content(feature([[SQUARE], [other]], "MultiPolygon", name="Both"))
        (shape,) = read_shapes("a.json", raw)
        assert len(shape.polygons) == 1
        assert "Both" in shape.remark


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff", ["UTF-8"]),
        (b"{", ["JSON"]),
        (b"[]", ["GeoJSON"]),
        (b'{"type": "FeatureCollection", "features": []}', ["no features"]),
        (content(feature([SQUARE]), "x"), ["feature 2"]),
        (content(feature([SQUARE]), feature([SQUARE[0]], "Point")), ["feature 2", "Point"]),
        (content({"type": "Feature", "geometry": None}), ["feature 1", "no geometry"]),
        (content(feature([], "MultiPolygon")), ["feature 1", "no coordinates"]),
        (content(feature([[]], "MultiPolygon")), ["feature 1", "no rings"]),
        (content(feature([SQUARE, SQUARE[:3]])), ["feature 1", "ring 2", "fewer than 4"]),
        (content(feature([SQUARE[:4]])), ["feature 1", "ring 1", "not closed"]),
        (content(feature([[SQUARE], [BOW]], "MultiPolygon")), ["part 2, ring 1", "cross"]),
        (content(feature([SQUARE, EAST])), ["feature 1", "hole"]),
        (content(feature([HOLE, SQUARE])), ["feature 1", "hole"]),
        (content(feature([[["a", 1], *SQUARE[1:]]])), ["ring 1, position 1", "degrees"]),
        (content(feature([[*SQUARE[:2], [448000.0, 4636000.0], *SQUARE[2:]]])), ["position 3"]),
        (content(feature([[[True, 1], *SQUARE[1:]]])), ["position 1"]),
        (content(feature([[[float("nan"), 1], *SQUARE[1:]]])), ["position 1"]),
        (content(feature([[[0, 0], [1e-8, 0], [0, 1e-8], [0, 0]]])), ["feature 1", "smaller"]),
        (
            content(feature([SQUARE]), crs={"properties": {"name": "EPSG:26971"}}),
            ["EPSG:26971", "WGS84"],
        ),
        *(
            (content(feature([SQUARE]), crs=crs), ["crs", "WGS84"])
            for crs in ("EPSG:26971", {}, {"properties": [1]}, {"properties": {"name": 26971}})
        ),
        (content(*[feature([SQUARE])] * (MOST_AREAS + 1)), [str(MOST_AREAS)]),
        (b" " * (MOST_BYTES + 1), ["900 KB"]),
        (
            content(
                feature([[[0, x / 1e5] for x in range(MOST_CORNERS)] + [[1, 0], [0, 0]]], name="x")
            ),
            ["ring 1", "corners"],
        ),
    ],
)
def test_what_is_wrong_is_named_by_file_feature_and_ring(raw: bytes, said: list[str]) -> None:
    message = refused(raw)
    assert message.startswith("beats.geojson")
    for words in said:
        assert words in message


def test_a_deeply_nested_file_is_refused() -> None:
    assert "beats.geojson" in refused(b"[" * 200_000)


def test_a_drawn_polygon_is_a_shape_unless_its_edges_cross() -> None:
    corners = tuple((lat, lon) for lon, lat in SQUARE[:4])
    shape = drawn_shape("Square", Polygon(corners))
    assert sorted(shape.polygons[0][0].tolist()) == sorted(SQUARE[:4])
    with pytest.raises(InputError):
        drawn_shape("Bow", Polygon(tuple((lat, lon) for lon, lat in BOW[:4])))
