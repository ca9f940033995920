"""Streets and water of the demo city, added like an agency's files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from analytics.demo.areas import BLOCK_M
from analytics.demo.city import City
from analytics.demo.profile import Floats
from analytics.demo.streets import NORTH, SOUTH, degrees, river, shore
from analytics.layers.add import LayerOptions, add_layer
from analytics.layers.kinds import LayerKind
from analytics.settings import Settings

LAKE_M = 60_000.0  # width of the lake that is drawn
COAST_M = 15_000.0  # length of coast and river beyond the city
RIVER_M = 50.0  # half the width of the river
COAST_POINTS = 200


def add_demo_layers(settings: Settings, city: City) -> None:
    """Add the city's streets and water; an agency's first ingest removes them."""
    drawn = {LayerKind.STREETS: _streets(city), LayerKind.WATER: _water()}
    with TemporaryDirectory(prefix="patroliq-demo-") as folder:
        for kind, features in drawn.items():
            path = Path(folder) / f"demo_{kind}.geojson"
            collection = {"type": "FeatureCollection", "features": list(features)}
            path.write_text(json.dumps(collection), encoding="utf-8")
            add_layer(settings, kind, path, LayerOptions(synthetic=True))


def _streets(city: City) -> Iterator[dict[str, Any]]:
    """The stretch of street of each block; every second avenue meets it in the middle."""
    blocks = city.blocks
    half = BLOCK_M / 2
    for name, middle, along, arterial in zip(
        blocks.names, blocks.middles, blocks.along, blocks.arterial, strict=True
    ):
        step = np.array([0.0, half]) if along else np.array([half, 0.0])
        ends = [middle - step, middle + step] if along else [middle - step, middle, middle + step]
        street = name.split(" ", 1)[1]
        rank = "arterial" if arterial else "local"
        for first, last in pairwise(ends):
            line = shapely.LineString(_lon_lat(np.array([first, last])))
            yield _feature(line, name=street, road_class=rank)


def _water() -> Iterator[dict[str, Any]]:
    y = np.linspace(SOUTH - COAST_M, NORTH + COAST_M, COAST_POINTS)
    for name, west, east in (
        ("Lake", shore(y), shore(y) + LAKE_M),
        ("River", river(y) - RIVER_M, river(y) + RIVER_M),
    ):
        ring = np.vstack([np.column_stack([east, y]), np.column_stack([west, y])[::-1]])
        yield _feature(shapely.Polygon(_lon_lat(ring)), name=name)


def _feature(shape: shapely.Geometry, **properties: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def _lon_lat(meters: Floats) -> Floats:
    return np.round(degrees(meters)[:, ::-1], 6)
