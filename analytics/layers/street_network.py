"""The street network as a graph: edges with street, class and length, and nodes where they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyproj
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.layers.layer_features import Shapes

SAME_PLACE_DEGREES = 5e-6
"""Ends closer than this (about half a meter) are one node."""
WGS84_ELLIPSOID = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class StreetNetwork:
    """Edges and nodes of a street network.

    Attributes
    ----------
    edges : frame
        `edge`, `street`, `class`, `rank`, `from_node`, `to_node`, `length_m` (on the ellipsoid),
        `feature` (its number in the file), `geometry` (WKB, degrees). Streets that cross without
        a node of the file, as on a bridge, do not meet here either.
    nodes : frame
        `node`, `lat`, `lon`, `edges` (how many end there), `component` (0 is the largest).
    """

    edges: pl.DataFrame
    nodes: pl.DataFrame

    @property
    def components(self) -> int:
        """Number of parts that are not connected."""
        return int(self.nodes["component"].n_unique())

    @property
    def largest_share(self) -> float:
        """Share of the nodes in the largest part."""
        return int((self.nodes["component"] == 0).sum()) / self.nodes.height


def lines_of(shapes: Shapes) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Each line of shapes on its own, and the position of its shape; lines without length go."""
    lines, owner = shapely.get_parts(shapes, return_index=True)
    there = shapely.length(lines) > 0
    return lines[there], owner[there].astype(np.int64)


def lengths_m(lines: Shapes) -> npt.NDArray[np.float64]:
    """Length of lines in degrees, on the WGS84 ellipsoid."""
    return np.array([WGS84_ELLIPSOID.geometry_length(line) for line in lines], dtype=np.float64)


def build_network(
    lines: Shapes,
    *,
    streets: Sequence[str],
    classes: Sequence[str],
    ranks: Sequence[int],
    lengths: npt.NDArray[np.float64],
    features: Sequence[int],
) -> StreetNetwork:
    """Build the graph of lines in degrees; all arguments have one entry per line."""
    ends = _ends(lines)
    _, first, node_of = np.unique(
        np.rint(ends / SAME_PLACE_DEGREES).astype(np.int64),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    node_of = node_of.reshape(2, -1)
    places = ends[first]
    edges = pl.DataFrame(
        {
            "edge": np.arange(len(lines), dtype=np.int32),
            "street": list(streets),
            "class": list(classes),
            "rank": np.asarray(ranks, dtype=np.int8),
            "from_node": node_of[0].astype(np.int32),
            "to_node": node_of[1].astype(np.int32),
            "length_m": np.round(lengths, 2),
            "feature": np.asarray(features, dtype=np.int32),
            "geometry": shapely.to_wkb(lines).tolist(),
        },
        schema_overrides={"geometry": pl.Binary},
    )
    nodes = pl.DataFrame(
        {
            "node": np.arange(len(places), dtype=np.int32),
            "lat": places[:, 1],
            "lon": places[:, 0],
            "edges": np.bincount(node_of.ravel(), minlength=len(places)).astype(np.int32),
            "component": _components(node_of, len(places)),
        }
    )
    return StreetNetwork(edges, nodes)


def _ends(lines: Shapes) -> npt.NDArray[np.float64]:
    """First ends of all lines, then last ones."""
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    return np.asarray(shapely.get_coordinates(ends), dtype=np.float64)


def _components(node_of: npt.NDArray[np.int64], nodes: int) -> npt.NDArray[np.int32]:
    """Number of the connected part of each node, the largest first."""
    links = (np.ones(node_of.shape[1], dtype=np.int8), (node_of[0], node_of[1]))
    _, labels = connected_components(coo_array(links, shape=(nodes, nodes)), directed=False)
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[labels]
