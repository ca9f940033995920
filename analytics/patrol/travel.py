"""Minutes between places: on the street network, from an OSRM server, or by distance.

Distance is in a straight line, times the detour that streets make. All are rounded up to whole
minutes, so that no route is planned that cannot be driven.

References
----------
Boscoe, Henry & Zdeb (2012), A nationwide comparison of driving distance versus straight-line
distance to hospitals, The Professional Geographer 64 (detour of 1.4 on average).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import httpx
import numpy as np
import polars as pl
import pyproj
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from analytics.errors import UnavailableError
from analytics.incidents.projection import WGS84, local_xy
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore
from analytics.patrol.route_problem import Minutes
from analytics.settings import Settings
from analytics.statistics.arrays import Floats

SPEED_KMH = 30.0
"""Average speed of a patrol car in a city, with stops at crossings; our choice."""
DETOUR = 1.4
METERS_PER_MINUTE = SPEED_KMH * 1000 / 60
TIMEOUT_S = 5.0
FARTHEST_FROM_STREET_M = 1_000.0


class Travel(ABC):
    """Gives minutes between places."""

    name: str

    @abstractmethod
    def driving(self, xy: Floats) -> Floats:
        """Minutes from each place to each; local meters in, shape (places, places) out."""

    def minutes(self, xy: Floats) -> Minutes:
        """The same in whole minutes, rounded up."""
        return whole_minutes(self.driving(xy))


@dataclass(frozen=True)
class StraightTravel(Travel):
    """Straight distance times the detour of streets."""

    name: str = "distance"

    def driving(self, xy: Floats) -> Floats:
        apart = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
        return np.asarray(DETOUR * apart / METERS_PER_MINUTE)


@dataclass(frozen=True, eq=False)
class StreetTravel(Travel):
    """Shortest paths on the street network; places away from it by distance.

    Attributes
    ----------
    nodes : local meters of the nodes of the largest connected part, shape (nodes, 2)
    graph : lengths of its edges in meters, shape (nodes, nodes)
    """

    nodes: Floats = field(repr=False)
    graph: sparse.csr_array = field(repr=False)
    name: str = "streets"

    @classmethod
    def of(cls, home_layers: LayerStore, crs_local: str) -> StreetTravel | None:
        """The network of the first layer of streets; None without any."""
        edges, nodes = (home_layers.tables(LayerKind.STREETS, name) for name in ("edges", "nodes"))
        if edges is None or nodes is None or edges.is_empty():
            return None
        layer = edges["layer"][0]
        edges, nodes = (frame.filter(pl.col("layer") == layer) for frame in (edges, nodes))
        kept = nodes.filter(pl.col("component") == 0)
        position = np.full(int(nodes["node"].max()) + 1, -1)  # type: ignore[arg-type]
        position[kept["node"].to_numpy()] = np.arange(kept.height)
        ends = position[edges.select("from_node", "to_node").to_numpy()]
        there = (ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])
        lengths = np.maximum(edges["length_m"].to_numpy()[there], 0.01)
        places = local_xy(kept.select("lat", "lon").to_numpy(), crs_local)
        return cls(places, _shortest(ends[there], lengths, kept.height))

    def driving(self, xy: Floats) -> Floats:
        away, node = cKDTree(self.nodes).query(xy)
        paths = dijkstra(self.graph, directed=False, indices=node)[:, node]
        meters = paths + away[:, None] + away[None]
        straight = DETOUR * np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
        far = away > FARTHEST_FROM_STREET_M
        meters = np.where(far[:, None] | far[None] | ~np.isfinite(paths), straight, meters)
        np.fill_diagonal(meters, 0.0)
        return np.asarray(meters / METERS_PER_MINUTE)


@dataclass(frozen=True)
class OsrmTravel(Travel):
    """The table service of an OSRM server."""

    address: str
    crs_local: str
    timeout_s: float = TIMEOUT_S
    name: str = "osrm"

    def driving(self, xy: Floats) -> Floats:
        """As `Travel.driving`.

        Raises
        ------
        UnavailableError
            The server does not answer in time, or not with durations.
        """
        back = pyproj.Transformer.from_crs(self.crs_local, WGS84, always_xy=True)
        lon, lat = back.transform(xy[:, 0], xy[:, 1])
        pairs = ";".join(f"{x:.6f},{y:.6f}" for x, y in zip(lon, lat, strict=True))
        url = f"{self.address.rstrip('/')}/table/v1/driving/{pairs}"
        try:
            with httpx.Client(timeout=self.timeout_s, trust_env=False) as client:
                answer = client.get(url, params={"annotations": "duration"})
                answer.raise_for_status()
                seconds = np.array(answer.json()["durations"], dtype=np.float64)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise UnavailableError(
                f"The OSRM server at {self.address} gave no travel times ({error!r:.120}). Start "
                "it, or leave PATROLIQ_OSRM empty to use streets or distance."
            ) from error
        if seconds.shape != (len(xy), len(xy)) or not np.isfinite(seconds).all():
            raise UnavailableError(
                f"The OSRM server at {self.address} has no route between some places."
            )
        return np.asarray(seconds / 60)


def travel_of(settings: Settings, crs_local: str) -> Travel:
    """OSRM where its address is set, else the layer of streets if there is one, else distance."""
    if settings.osrm:
        return OsrmTravel(settings.osrm, crs_local)
    return StreetTravel.of(LayerStore(settings.home), crs_local) or StraightTravel()


def whole_minutes(minutes: Floats) -> Minutes:
    """Rounded up; a hundredth of a minute more does not count."""
    return np.ceil(minutes - 0.01).clip(min=0).astype(np.int64)


def _shortest(ends: Minutes, lengths: Floats, nodes: int) -> sparse.csr_array:
    """Graph with the shortest of parallel edges."""
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((lengths, high, low))
    low, high, lengths = low[order], high[order], lengths[order]
    first = np.ones(len(low), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return sparse.csr_array((lengths[first], (low[first], high[first])), shape=(nodes, nodes))
