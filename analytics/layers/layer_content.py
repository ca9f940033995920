"""The tables and tiles of a layer, made of its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import shapely

from analytics.errors import InputError
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_features import LayerFeatures, Shapes
from analytics.layers.layer_tiles import on_map, pieces, places
from analytics.layers.street_network import StreetNetwork, build_network, lengths_m, lines_of
from analytics.layers.street_ranks import (
    StreetRank,
    are_known,
    ranks_by_length,
    ranks_of_classes,
)
from analytics.layers.tile_levels import CITY, NEAR


@dataclass(frozen=True)
class LayerContent:
    """What is stored of a layer: tables by name, tiles by `level/x/y`, and its numbers."""

    tables: Mapping[str, pl.DataFrame]
    tiles: Mapping[str, Any]
    counts: Mapping[str, float]
    fields: Mapping[str, str]


def content_of(
    kind: LayerKind,
    features: LayerFeatures,
    fields: Mapping[str, str],
    *,
    title: str,
    major: Sequence[str] = (),
    by_class: bool = False,
) -> LayerContent:
    """Make a layer.

    Parameters
    ----------
    features : LayerFeatures
        In degrees.
    fields : dict
        The file's field by role.
    title : str
        Kind of the places, where no field has it.
    major : list of str
        Classes of streets that are major.
    by_class : bool
        Whether the operator named the field of classes, which then must be known.

    Raises
    ------
    InputError
        A class is not known, or no street has a length.
    """
    if kind is LayerKind.STREETS:
        return _streets(features, fields, major, by_class=by_class)
    if kind is LayerKind.WATER:
        return _water(features, fields)
    return _points(kind, features, fields, title)


def _column(features: LayerFeatures, fields: Mapping[str, str], role: str) -> list[str]:
    if role in fields:
        return features.fields[fields[role]]
    return [""] * len(features.numbers)


def _streets(
    features: LayerFeatures, fields: Mapping[str, str], major: Sequence[str], *, by_class: bool
) -> LayerContent:
    lines, owner = lines_of(features.shapes)
    if not len(lines):
        raise InputError("No street of the file has a length.")
    names = [_column(features, fields, "name")[at] for at in owner.tolist()]
    classes = [_column(features, fields, "class")[at] for at in owner.tolist()]
    lengths = lengths_m(lines)
    if major or by_class or are_known(classes):
        rank_of = ranks_of_classes(classes, major)
        ranks = [rank_of[one] for one in classes]
    else:
        fields = {role: name for role, name in fields.items() if role != "class"}
        ranks = ranks_by_length(names, lengths)
    numbers = [features.numbers[at] for at in owner.tolist()]
    network = build_network(
        lines, streets=names, classes=classes, ranks=ranks, lengths=lengths, features=numbers
    )
    major_km = float(lengths[np.asarray(ranks) < StreetRank.LOCAL].sum()) / 1000
    counts = {
        "edges": network.edges.height,
        "nodes": network.nodes.height,
        "components": network.components,
        "largest_component": round(network.largest_share, 4),
        "streets": len({name for name in names if name}),
        "km": round(float(lengths.sum()) / 1000, 1),
        "major_km": round(major_km, 1),
    }
    tables = {"edges": network.edges, "nodes": network.nodes}
    return LayerContent(tables, _street_tiles(network), counts, fields)


def _street_tiles(network: StreetNetwork) -> dict[str, Any]:
    """Lines by street and rank; the whole city gets those that are major."""
    streets = network.edges.group_by("street", "rank", maintain_order=True).agg("geometry")
    merged = np.array(
        [
            shapely.line_merge(shapely.multilinestrings(shapely.from_wkb(parts)))
            for parts in streets["geometry"].to_list()
        ],
        dtype=object,
    )
    lines, street_of = shapely.get_parts(merged, return_index=True)
    names, ranks = streets["street"].to_list(), streets["rank"].to_numpy()
    tiles: dict[str, Any] = {}
    for level, finest in ((CITY, StreetRank.MAJOR), (NEAR, StreetRank.LOCAL)):
        wanted = ranks[street_of] <= finest
        kept = street_of[wanted]
        for (x, y), found in pieces(on_map(lines[wanted], level), level):
            content: dict[int, list[list[int]]] = {}
            for piece in found:
                content.setdefault(int(kept[piece.shape]), []).extend(piece.lines)
            tiles[f"{level}/{x}/{y}"] = [
                [int(ranks[street]), names[street], parts] for street, parts in content.items()
            ]
    return tiles


def _water(features: LayerFeatures, fields: Mapping[str, str]) -> LayerContent:
    names = _column(features, fields, "name")
    shapes = np.asarray(shapely.make_valid(features.shapes), dtype=object)
    frame = pl.DataFrame(
        {"name": names, "feature": features.numbers, "geometry": shapely.to_wkb(shapes).tolist()},
        schema_overrides={"geometry": pl.Binary},
    )
    tiles = {}
    filled = shapely.get_dimensions(shapes) == 2
    for level in (CITY, NEAR):
        for (x, y), found in pieces(on_map(shapes, level), level):
            content = [[int(filled[one.shape]), one.lines] for one in found]
            tiles[f"{level}/{x}/{y}"] = content
    return LayerContent({"water": frame}, tiles, {"shapes": len(shapes)}, fields)


def _points(
    kind: LayerKind, features: LayerFeatures, fields: Mapping[str, str], title: str
) -> LayerContent:
    points, owner = _middles(features.shapes)
    names = [_column(features, fields, "name")[at] for at in owner]
    kinds = [_column(features, fields, "kind")[at] or title for at in owner]
    at = shapely.get_coordinates(points)
    frame = pl.DataFrame(
        {
            "name": names,
            **({"kind": kinds} if kind is LayerKind.PLACES else {}),
            "lat": at[:, 1],
            "lon": at[:, 0],
            "feature": [features.numbers[position] for position in owner],
        }
    )
    tiles = {}
    for level in (CITY, NEAR) if kind is LayerKind.LABELS else (NEAR,):
        for (x, y), found in places(on_map(points, level)):
            tiles[f"{level}/{x}/{y}"] = [[*where, names[one]] for one, *where in found]
    counts: dict[str, float] = {"shapes": len(points)}
    if kind is LayerKind.PLACES:
        counts["kinds"] = len(set(kinds))
    return LayerContent({str(kind): frame}, tiles, counts, fields)


def _middles(shapes: Shapes) -> tuple[Shapes, list[int]]:
    """Points as they are, and a point inside each polygon."""
    areal = shapely.get_dimensions(shapes) == 2
    inside = np.where(areal, shapely.point_on_surface(shapes), shapes)
    points, owner = shapely.get_parts(inside.astype(object), return_index=True)
    return points, owner.tolist()
