"""Layer files: what is read of each kind, and the message for each fault."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import InputError
from analytics.layers import layer_features, plain_text
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_features import LayerFeatures
from analytics.layers.layer_file import FileOptions, locate, read_layer_file
from tests.unit.analytics.layers.files import BLOCK, SE, SW, feature, geojson, line, point, square

STREETS, PLACES, WATER = LayerKind.STREETS, LayerKind.PLACES, LayerKind.WATER
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CITY = (-87.7, 41.8, -87.6, 41.9)


def everything(names: Sequence[str]) -> Sequence[str]:
    return names


def read(
    path: Path, kind: LayerKind = STREETS, *, crs: str | None = None, **options: Any
) -> LayerFeatures:
    """Features of a file in degrees near the town."""
    found = read_layer_file(path, kind, FileOptions(crs=crs, **options), everything)
    return locate(path, found, crs, CITY).features


def refusal(path: Path, kind: LayerKind = STREETS, **options: Any) -> str:
    with pytest.raises(InputError) as refused:
        read(path, kind, **options)
    assert path.name in str(refused.value)
    return str(refused.value)


def test_geojson_gives_shapes_and_fields(tmp_path: Path) -> None:
    found = read(geojson(tmp_path / "s.geojson", BLOCK))
    assert found.fields["street"] == [one["properties"]["street"] for one in BLOCK]
    assert shapely.get_coordinates(found.shapes[0]).tolist() == [list(SW), list(SE)]
    assert (found.unit, found.numbers) == ("feature", [1, 2, 3, 4, 5])


def test_a_packed_file_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    text = geojson(tmp_path / "s.geojson", BLOCK).read_text()
    packed = tmp_path / "s.geojson.gz"
    packed.write_bytes(gzip.compress(text.encode("utf-8-sig")))
    assert read(packed).fields == read(tmp_path / "s.geojson").fields


def test_heights_are_dropped_and_multilines_kept(tmp_path: Path) -> None:
    parts = [[[*SW, 180.5], [*SE, 181]], [[*SE, 181], [-87.64, 41.86, 182]]]
    path = geojson(
        tmp_path / "s.geojson", [feature({"type": "MultiLineString", "coordinates": parts})]
    )
    (shape,) = read(path).shapes
    assert (shape.geom_type, shape.has_z, len(shape.geoms)) == ("MultiLineString", False, 2)


def test_features_without_a_shape_are_counted(tmp_path: Path) -> None:
    found = read(geojson(tmp_path / "s.geojson", [feature(None, street="X"), *BLOCK]))
    assert found.without_shape == 1
    assert found.numbers[0] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("   \n", "is empty"),
        ("<html>not found</html>", "XML or a web page"),
        ("[1, 2]", "FeatureCollection"),
        ('{"type": "Topology"}', "FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "has no features"),
        ('{"type": "FeatureCollection", "features": {}}', "line 1"),
        ('{"type": "FeatureCollection",\n"features": [1]}', "feature 1"),
        ('{"features":\n\n[{"type" "Feature"}]}', "line 3"),
        ('{"features": [{"type": "Feature"', "line 1"),
        ('{"features": [{"type": "Feature", "geometry": {"type": "Point", '
         '"coordinates": [NaN, 1]}}]}', "NaN"),
        ('{"features": ' + "[" * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_broken_text_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "streets.geojson"
    path.write_text(text)
    assert told in refusal(path)


def test_a_fault_deep_in_a_file_names_its_line(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", BLOCK * 2_000)
    lines = path.read_text().splitlines()
    at = len(lines) - 9
    lines[at] = lines[at] + "@"
    path.write_text("\n".join(lines))
    assert f"line {at + 1:,}" in refusal(path)


@pytest.mark.parametrize(
    ("geometry", "told"),
    [
        ({"type": "Point", "coordinates": list(SW)}, "is a Point"),
        ({"type": "Polygon", "coordinates": [[list(SW), list(SE), [1, 2], list(SW)]]}, "Polygon"),
        ({"type": "LineString", "coordinates": [["a", 41.8], [1, 2]]}, "coordinates"),
        ({"type": "LineString", "coordinates": [[-87.6], [41.8]]}, "coordinates"),
        ({"type": "LineString", "coordinates": [list(SW)]}, "coordinates"),
        ({"type": "LineString", "coordinates": [[None, 1], [1, 2]]}, "coordinates"),
        ({"type": "LineString"}, "coordinates"),
        ({"type": "GeometryCollection", "geometries": []}, "GeometryCollection"),
        ("LineString", "LineString"),
    ],
)  # fmt: skip
def test_a_wrong_feature_is_named(tmp_path: Path, geometry: Any, told: str) -> None:
    path = geojson(tmp_path / "s.geojson", [BLOCK[0], feature(geometry)])
    message = refusal(path)
    assert "feature 2" in message
    assert told in message


def test_swapped_coordinates_are_recognized(tmp_path: Path) -> None:
    swapped = [line(SW[::-1], SE[::-1])]
    assert "latitude comes before" in refusal(geojson(tmp_path / "s.geojson", swapped))
    far_west = [line((41.8, -122.4), (41.9, -122.5))]  # no latitude is -122
    assert "latitude comes before" in refusal(geojson(tmp_path / "w.geojson", far_west))


def test_coordinates_that_are_not_degrees_are_refused_unless_their_system_is_given(
    tmp_path: Path,
) -> None:
    to_feet = pyproj_from("EPSG:3435")
    feet = [line(to_feet(*SW), to_feet(*SE))]
    path = geojson(tmp_path / "s.geojson", feet)
    assert "not degrees" in refusal(path)
    assert_near(read(path, crs="EPSG:3435").shapes[0], SW, SE)
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3435"}}
    named = geojson(tmp_path / "n.geojson", feet, crs=member)
    assert_near(read(named).shapes[0], SW, SE)
    assert "coordinate system" in refusal(named, crs="EPSG:0")
    crs84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert_near(read(geojson(tmp_path / "c.geojson", BLOCK, crs=crs84)).shapes[0], SW, SE)


def pyproj_from(system: str) -> Any:
    return pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True).transform


def assert_near(shape: shapely.Geometry, *expected: Sequence[float]) -> None:
    assert np.allclose(shapely.get_coordinates(shape), expected, atol=1e-6)


def test_what_is_far_from_the_city_is_left_out_and_counted(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", [*BLOCK, line((-80, 40), (-80.1, 40))])
    found = read_layer_file(path, STREETS, FileOptions(), everything)
    located = locate(path, found, None, CITY)
    assert (located.far_away, located.features.numbers) == (1, [1, 2, 3, 4, 5])
    assert locate(path, found, None, None).far_away == 0
    elsewhere = geojson(tmp_path / "e.geojson", [line((2.3, 48.8), (2.4, 48.9))])
    assert "nowhere near" in refusal(elsewhere)


def shapefile(path: Path, shapes: Sequence[shapely.Geometry], crs: str | None, **more: Any) -> Path:
    """A shapefile or GeoPackage, by its ending, with a field of names."""
    names = np.array([f"street {number}" for number in range(len(shapes))], dtype=object)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[names],
        fields=["name"],
        geometry_type=shapes[0].geom_type,
        crs=crs,
        **more,
    )
    return path


def test_a_shapefile_in_a_zip_is_read_in_its_own_coordinates(tmp_path: Path) -> None:
    to_feet = pyproj_from("EPSG:3435")
    street = shapely.LineString([to_feet(*SW), to_feet(*SE)])
    shapefile(tmp_path / "streets.shp", [street], "EPSG:3435")
    shapefile(tmp_path / "stops.shp", [shapely.Point(to_feet(*SW))], "EPSG:3435")
    path = tmp_path / "city.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in tmp_path.glob("st*.*"):
            archive.write(file, f"city/{file.name}")
    found = read(path)
    assert_near(found.shapes[0], SW, SE)
    assert found.fields == {"name": ["street 0"]}
    assert_near(read(path, PLACES).shapes[0], SW)
    assert "stops (Point)" in refusal(path, layer="roads")
    assert "is a Point" in refusal(path, layer="stops")
    assert_near(read(tmp_path / "streets.shp").shapes[0], SW, SE)


def test_a_shapefile_that_does_not_say_its_system_needs_it(tmp_path: Path) -> None:
    shapefile(tmp_path / "s.shp", [shapely.LineString([SW, SE])], "EPSG:4326")
    (tmp_path / "s.prj").unlink()
    assert "--crs" in refusal(tmp_path / "s.shp")
    assert_near(read(tmp_path / "s.shp", crs="EPSG:4326").shapes[0], SW, SE)


def test_a_geopackage_gives_the_layer_that_fits(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    shapefile(path, [shapely.LineString([SW, SE])], "EPSG:4326", layer="roads")
    shapefile(path, [shapely.Point(SW)], "EPSG:4326", layer="stops", append=True)
    assert_near(read(path).shapes[0], SW, SE)
    assert_near(read(path, PLACES).shapes[0], SW)
    assert "no layer 'rivers'" in refusal(path, layer="rivers")
    shapefile(path, [shapely.LineString([SW, SE])], "EPSG:4326", layer="rails", append=True)
    assert "several of its layers" in refusal(path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("s.zip", b"PK\x03\x04 cut off", "cannot be read"),
        ("s.gpkg", b"SQLite format 3\x00 cut off", "cannot be read"),
        ("s.shp", b"\x00\x00\x27\x0a cut off", "cannot be read"),
        ("s.gz", gzip.compress(b'{"features": []}' * 99)[:-9], "damaged"),
        ("s.bin", b"\x00\x01\x02\x03", "unknown kind"),
        ("s.csv", b"name,latitude,longitude\n\xff\xfe,1,2\n", "UTF-8"),
        ("s.kml", b"<?xml version='1.0'?><kml/>", "XML"),
        ("vrt.geojson", b"<OGRVRTDataSource/>", "XML"),
    ],
)
def test_files_of_another_kind_or_cut_off_are_refused(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert told in refusal(path)


def test_a_virtual_file_inside_an_archive_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("streets.shp", "<OGRVRTDataSource><SrcDataSource>/etc/passwd")
    assert "not a shapefile" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "has no shapefile" in refusal(path)


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_csv_reads_shapes_degrees_and_nodes(tmp_path: Path) -> None:
    wkt = csv(tmp_path / "w.csv", "street,the_geom", 'A,"LINESTRING (-87.66 41.86, -87.65 41.86)"')
    assert_near(read(wkt).shapes[0], SW, SE)
    degrees = csv(tmp_path / "d.csv", "Name,Longitude,Latitude", "A,-87.66,41.86", "B,,")
    found = read(degrees, PLACES)
    assert (found.without_shape, found.fields["Name"]) == (1, ["A"])
    assert_near(found.shapes[0], SW)
    pair = csv(tmp_path / "p.csv", "Name,Where", 'A,"(41.86, -87.66)"')
    assert_near(read(pair, PLACES, geometry="Where").shapes[0], SW)
    nodes = csv(tmp_path / "n.csv", "node,longitude,latitude", "0,-87.66,41.86", "1,-87.65,41.86")
    edges = csv(tmp_path / "e.csv", "street,node_a,node_b", "A,0,1")
    assert_near(read(edges, nodes=nodes).shapes[0], SW, SE)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("name,latitude,longitude", "A,41.8,x"), ("line 2", "'longitude'")),
        (("name,latitude,longitude", "A,41.8,-87.6", "B,41.8"), ("line 3", "2 columns")),
        (("name,the_geom", "A,POINT (1"), ("line 2", "'the_geom'", "WKT")),
        (("name,street", "A,B"), ("--geometry", "name, street")),
        (("name;latitude;longitude", "A;41.8;-87.6"), ("commas",)),
        (("name,latitude,longitude", '"A,41.8,-87.6'), ("not valid CSV",)),
        (("name,latitude,longitude",), ("has no features",)),
        (("name,latitude,longitude", "A,-87.6,41.8"), ("latitude comes before",)),
        (("name,latitude,longitude", "A,nan,-87.6"), ("line 2", "'latitude'")),
    ],
)
def test_faults_of_csv_name_line_and_column(
    tmp_path: Path, lines: Sequence[str], told: Sequence[str]
) -> None:
    message = refusal(csv(tmp_path / "places.csv", *lines), PLACES)
    assert all(one in message for one in told), message


def test_csv_of_edges_names_the_missing_node(tmp_path: Path) -> None:
    nodes = csv(tmp_path / "nodes.csv", "node,longitude,latitude", "0,-87.66,41.86")
    edges = csv(tmp_path / "e.csv", "street,node_a,node_b", "A,0,7")
    message = refusal(edges, nodes=nodes)
    assert "line 2" in message
    assert "no node '7'" in message
    without = csv(tmp_path / "f.csv", "street", "A")
    assert "node_a and node_b" in refusal(without, nodes=nodes)


def test_a_file_beyond_the_limits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = geojson(tmp_path / "s.geojson", BLOCK)
    monkeypatch.setattr(layer_features, "MOST_COORDINATES", 9)
    assert "more than" in refusal(path)
    monkeypatch.setattr(plain_text, "MOST_BYTES", 99)
    assert "larger than" in refusal(path)
    packed = tmp_path / "p.geojson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert "larger than" in refusal(packed)


def test_reading_takes_little_more_memory_than_the_shapes(tmp_path: Path) -> None:
    """The properties of a feature, most of a street file, are gone when the next one is read."""
    filler = {f"field_{number}": "x" * 40 for number in range(40)}
    path = geojson(
        tmp_path / "s.geojson",
        [line(SW, SE, street=f"STREET {number}", **filler) for number in range(6_000)],
    )
    size = path.stat().st_size
    assert size > 12_000_000
    tracemalloc.start()
    found = read_layer_file(path, STREETS, FileOptions(), lambda _names: ["street"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.shapes) == 6_000
    assert peak < size / 2


# What a file may hold in place of a valid value.
JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "properties", "features"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(ANY, max_examples=150)
@given(JUNK, st.sampled_from(["file", "features", "feature", "geometry", "coordinates"]))
def test_whatever_a_file_holds_is_read_or_refused(tmp_path: Path, junk: Any, place: str) -> None:
    document: Any = {"type": "FeatureCollection", "features": [line(SW, SE, street="A")]}
    if place == "file":
        document = junk
    elif place == "features":
        document["features"] = junk
    elif place == "feature":
        document["features"].append(junk)
    else:
        one = line(SW, SE)
        if place == "geometry":
            one["geometry"] = junk
        else:
            one["geometry"]["coordinates"] = junk
        document["features"].append(one)
    path = tmp_path / "junk.geojson"
    path.write_text(json.dumps(document))
    assert_read_or_refused(path)


@settings(ANY, max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 2_000), st.booleans())
def test_whatever_bytes_a_file_has_it_is_read_or_refused(
    tmp_path: Path, junk: bytes, at: int, replace: bool
) -> None:
    path = geojson(tmp_path / "junk.geojson", BLOCK)
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) * replace :])
    assert_read_or_refused(path)


def assert_read_or_refused(path: Path) -> None:
    try:
        found = read(path)
    except InputError as error:
        message = str(error)
    else:
        assert all(shape.geom_type.endswith("LineString") for shape in found.shapes)
        return
    assert path.name in message


def test_water_takes_polygons_and_lines(tmp_path: Path) -> None:
    path = geojson(tmp_path / "w.geojson", [square(-87.62, 41.8, 0.02), line(SW, SE)])
    assert len(read(path, WATER).shapes) == 2
    assert "is a Point" in refusal(geojson(tmp_path / "p.geojson", [point(*SW)]), WATER)
