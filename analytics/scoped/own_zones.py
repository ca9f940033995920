"""Zones of served models, counted again from what a restricted reader sees.

Their shapes are of all incidents; every figure is of those shown. A zone in which few are shown is
left out: that it is there at all would say that others are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import duckdb
import numpy as np
import polars as pl
import shapely
import shapely.geometry

from analytics.access.stored_results import OWN_ZONES, every_result, own_zones_file
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.crossfilter.places import project
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.statistics.arrays import Floats
from analytics.zones.profile_table import profile_frame
from analytics.zones.profiles import zone_profiles
from analytics.zones.zone_list import zone_models
from sql import load

NO_ZONE = -1
FITTED = ("label", "km2", "street_km")
"""Columns of a bundle's zones that do not count incidents."""
COUNTED = {"label": pl.Int64, "incidents": pl.Int64, "lat": pl.Float64, "lon": pl.Float64}
"""Columns of a zone's incidents; the place is inside its shape."""
_LOG = logging.getLogger(__name__)


def write_own_zones(
    scoped: Snapshot, settings: Settings, memory: str, inside: Mapping[str, frozenset[int]]
) -> frozenset[str]:
    """Write the zones beside a scoped snapshot; returns the models of which none is shown.

    Labels of zones that are left out are taken from its places.

    Parameters
    ----------
    inside
        By model, the zones that may be shown; models that are missing may show all.
    """
    (scoped.path / OWN_ZONES).mkdir()
    kept: dict[str, list[str]] = {}
    with closing(SnapshotReader(scoped, settings, memory, sets_formats=False)) as reader:
        for model, version in zone_models(scoped.manifest).items():
            kept[model] = _write(reader, (model, version), settings, inside.get(model))
    with duckdb.connect(str(scoped.database)) as connection:
        for model, labels in kept.items():
            connection.execute(load("scoped/drop_labels"), {"model": model, "kept": labels})
        connection.execute("CHECKPOINT")
    return frozenset(model for model, labels in kept.items() if not labels)


def _write(
    reader: SnapshotReader,
    of_version: tuple[str, int],
    settings: Settings,
    inside: frozenset[int] | None,
) -> list[str]:
    """Write the zones of a version; returns their labels."""
    model, version = of_version
    try:
        with every_result():
            bundle = Bundle.load(version_folder(settings.home, model, version))
            fitted, outlines = bundle.table("zones"), bundle.geojson
        found = own_zones(reader, bundle, fitted, outlines or {"features": []})
    except PatrolIQError as error:
        _LOG.warning("zones of %s %s are left out: %s", model, version, error)
        return []
    found = found.filter(pl.col("incidents") >= max(settings.small_counts, 1))
    if inside is not None:
        found = found.filter(pl.col("label").is_in(inside))
    if not found.is_empty():
        own = own_zones_file(reader.snapshot.path, model, version)
        found.write_parquet(own, compression="zstd")
    return [str(label) for label in found["label"]]


def own_zones(
    reader: SnapshotReader, bundle: Bundle, fitted: pl.DataFrame, outlines: Mapping[str, Any]
) -> pl.DataFrame:
    """The table `zones` of a bundle with the figures of a snapshot that has its labels.

    Parameters
    ----------
    fitted, outlines
        The bundle's table `zones` and its shapes in degrees.
    """
    parameters = {"model": bundle.name, "version": bundle.version}
    labels = reader.frame(load("crossfilter/labels_of_points"), parameters)["label"]
    numbers = labels.cast(pl.Int64).fill_null(NO_ZONE).to_numpy()
    shapes = {
        int(one["properties"]["id"]): shapely.geometry.shape(one["geometry"])
        for one in outlines["features"]
    }
    profiles = zone_profiles(
        reader,
        EVERYTHING,
        Selection.parse(bundle.selection),
        np.arange(len(numbers)),
        numbers,
        polygons={zone: _in_meters(shape, bundle.crs_local) for zone, shape in shapes.items()},
        top=len(shapes),
    )
    inside = {zone: shape.representative_point() for zone, shape in shapes.items()}
    counted = pl.DataFrame(
        [(one.zone, one.incidents, inside[one.zone].y, inside[one.zone].x) for one in profiles],
        schema=COUNTED,
        orient="row",
    )
    return (
        counted.join(fitted.select(FITTED), on="label")
        .join(profile_frame(profiles), on="label")
        .sort("label")
    )


def _in_meters(shape: shapely.Geometry, crs_local: str) -> shapely.Geometry:
    def project_all(degrees: Floats) -> Floats:
        return np.column_stack(project(crs_local, degrees[:, 1], degrees[:, 0]))

    return shapely.transform(shape, project_all)
