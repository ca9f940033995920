"""What a layer under the data can show, and the shapes that it is made of."""

from __future__ import annotations

from enum import StrEnum


class LayerKind(StrEnum):
    """A kind of layer. There is one layer of each, but any number of sets of places."""

    STREETS = "streets"
    WATER = "water"
    PLACES = "places"
    LABELS = "labels"


SHAPES: dict[LayerKind, tuple[str, ...]] = {
    LayerKind.STREETS: ("LineString",),
    LayerKind.WATER: ("Polygon", "LineString"),
    LayerKind.PLACES: ("Point", "Polygon"),
    LayerKind.LABELS: ("Point", "Polygon"),
}
"""Shapes that a kind is made of, or several of one shape in a feature."""


def fits(kind: LayerKind, shape: str) -> bool:
    """Whether a geometry type, such as `MultiLineString`, is one of the kind's shapes."""
    return shape.removeprefix("Multi") in SHAPES[kind]
