"""Read the features of a shapefile, alone or in a zip archive, or of a GeoPackage.

The kind of a file is checked by its first bytes before GDAL opens it, since GDAL also knows formats
that name other files or addresses.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio import raw

from analytics.errors import InputError
from analytics.layers.kinds import LayerKind, fits
from analytics.layers.layer_features import (
    MOST_COORDINATES,
    MOST_FEATURES,
    Choose,
    LayerFeatures,
    as_text,
    too_large,
)
from analytics.layers.plain_text import MOST_BYTES

SHAPEFILE = b"\x00\x00\x27\x0a"
GEOPACKAGE = b"SQLite format 3\x00"


def read_shapefile(path: Path, kind: LayerKind, layer: str | None, choose: Choose) -> LayerFeatures:
    """Read a .shp file, or the one in a zip archive that fits the kind."""
    if not zipfile.is_zipfile(path):
        with _opening(path):
            return _read(path, str(path), None, choose)
    with _opening(path), zipfile.ZipFile(path) as archive:
        found = {
            Path(member.filename).stem: member.filename
            for member in archive.infolist()
            if member.filename.lower().endswith(".shp")
            and not member.filename.startswith("__MACOSX")
        }
        if not found:
            raise InputError(f"{path}: has no shapefile (.shp).")
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise InputError(f"{path}: unpacks to more than {MOST_BYTES:,} bytes.")
        for member in found.values():
            with archive.open(member) as handle:
                if handle.read(4) != SHAPEFILE:
                    raise InputError(f"{path}/{member}: is not a shapefile.")
        sources = {name: f"/vsizip/{path.resolve()}/{member}" for name, member in found.items()}
        types = {name: pyogrio.read_info(each)["geometry_type"] for name, each in sources.items()}
        chosen = _choose_layer(path, kind, layer, types)
        return _read(f"{path}/{found[chosen]}", sources[chosen], None, choose)


def read_geopackage(
    path: Path, kind: LayerKind, layer: str | None, choose: Choose
) -> LayerFeatures:
    """Read the layer of a GeoPackage that fits the kind."""
    with _opening(path):
        types = {str(name): shape for name, shape in pyogrio.list_layers(path) if shape}
        if not types:
            raise InputError(f"{path}: has no layer with shapes.")
        return _read(path, str(path), _choose_layer(path, kind, layer, types), choose)


def _choose_layer(path: Path, kind: LayerKind, layer: str | None, types: dict[str, str]) -> str:
    listed = ", ".join(f"{name} ({shape})" for name, shape in sorted(types.items()))
    if layer is not None:
        if layer not in types:
            raise InputError(f"{path}: has no layer {layer!r}. Its layers: {listed}.")
        return layer
    fitting = [name for name, shape in types.items() if shape and fits(kind, _flat(shape))]
    if len(fitting) != 1:
        how = "none" if not fitting else "several"
        raise InputError(f"{path}: {how} of its layers fits {kind}; name one: {listed}.")
    return fitting[0]


def _flat(shape: str) -> str:
    """`3D MultiLineString`, `LineString Z` → the type without height."""
    return shape.removeprefix("3D ").removeprefix("2.5D ").split(" ")[0]


def _read(name: object, source: str, layer: str | None, choose: Choose) -> LayerFeatures:
    info = pyogrio.read_info(source, layer=layer, force_feature_count=True)
    if info["features"] > MOST_FEATURES:
        raise too_large(name)
    columns = list(choose([str(field) for field in info["fields"]]))
    _, _, binary, values = raw.read(
        source, layer=layer, columns=columns, force_2d=True, max_features=MOST_FEATURES
    )
    shapes = shapely.from_wkb(np.asarray(binary, dtype=object))
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if not there.any():
        raise InputError(f"{name}: has no features with a shape.")
    if int(shapely.get_num_coordinates(shapes[there]).sum()) > MOST_COORDINATES:
        raise too_large(name)
    # pyogrio gives fields in the file's order.
    ordered = [str(field) for field in info["fields"] if str(field) in columns]
    return LayerFeatures(
        "feature",
        [int(number) + 1 for number in np.flatnonzero(there)],
        shapes[there],
        {
            column: [as_text(value) for value in field[there].tolist()]
            for column, field in zip(ordered, values, strict=True)
        },
        str(info["crs"] or ""),
        int((~there).sum()),
    )


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.FieldError,
        shapely.errors.ShapelyError,
        UnicodeDecodeError,
    ) as error:
        reason = str(error).splitlines()[0][:200].rstrip(".")
        raise InputError(
            f"{path}: cannot be read as a shapefile or GeoPackage ({reason})."
        ) from error
