"""Zone methods as registered models: K-means, DBSCAN and Ward on weighted places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from analytics.artifacts.catalog import PROPOSED
from analytics.artifacts.metric import Metric
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.dbscan import fit_dbscan
from analytics.hotspots.inputs import WeightedPoints, weighted_points
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.neighborhoods import weight_within
from analytics.hotspots.proposals import Proposal, densest
from analytics.hotspots.quality import measure_quality
from analytics.hotspots.ward import Dendrogram, fit_cells
from analytics.training.fitting import FittedModel, Training
from analytics.training.zone_areas import ZoneAreas, outlines, zone_areas, zone_shapes
from analytics.training.zone_proposals import propose, tables_of
from analytics.zones.profile_table import profile_frame
from analytics.zones.profiles import zone_profiles

Ints = npt.NDArray[np.int64]

NOISE = -1
PROPOSABLE = frozenset(name for names in PROPOSED.values() for name in names)


@dataclass(frozen=True, eq=False)
class Zoning:
    """Zones of places, before evaluation.

    `labels` has shape (places,), -1 for none; so has `core`, if the method has core places.
    Zones made of streets have their `shapes` in local meters and `street_km` by label; others are
    outlined in cells.
    """

    points: WeightedPoints
    labels: Ints = field(repr=False)
    rule: Mapping[str, Any]
    parameters: Mapping[str, Any]
    core: npt.NDArray[np.bool_] | None = field(default=None, repr=False)
    estimator: Any = field(default=None, repr=False)
    dendrogram: Dendrogram | None = field(default=None, repr=False)
    shapes: Mapping[int, shapely.Geometry] | None = field(default=None, repr=False)
    street_km: Mapping[int, float] = field(default_factory=dict, repr=False)

    @property
    def zones(self) -> int:
        return int(self.labels.max(initial=NOISE)) + 1

    @property
    def table(self) -> pl.DataFrame:
        """lat, lon, x_m, y_m, weight, incidents, label and core of every fitted place."""
        columns = ("lat", "lon", "x_m", "y_m", "weight", "incidents")
        frame = self.points.frame.select(columns).with_columns(label=pl.Series(self.labels))
        return frame if self.core is None else frame.with_columns(core=pl.Series(self.core))


Method = Callable[[WeightedPoints, Mapping[str, Any], int], Zoning]


def kmeans(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """`k` compact zones; a place belongs to the nearest center."""
    k, batches = int(parameters["k"]), bool(parameters.get("mini_batch"))
    found = fit_kmeans(points.xy, points.weights, k=k, seed=seed, mini_batch=batches)
    centers = np.asarray(found.centers).tolist()
    rule = {"kind": "nearest_center", "centers": centers}
    used = {"k": k, "mini_batch": int(batches), "seed": seed}
    return Zoning(points, found.labels, rule, used, estimator=found.estimator)


def dbscan(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """Hot spots within `eps_m`; without `min_samples` the densest `dense_share` of incidents."""
    del seed  # the method is deterministic
    eps_m, share = float(parameters["eps_m"]), float(parameters["dense_share"])
    around = weight_within(points.xy, points.weights, eps_m)
    least = float(parameters["min_samples"]) or densest(points.weights, around, share)
    found = fit_dbscan(points.xy, points.weights, eps_m=eps_m, min_samples=least, within=around)
    rule = {"kind": "nearest_core", "eps_m": eps_m}
    used = {"eps_m": eps_m, "min_samples": least, "dense_share": share}
    return Zoning(points, found.labels, rule, used, core=found.core)


def ward(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """Cells of `cell_m` merged into `zones`; a place belongs to its cell's zone."""
    del seed  # the method is deterministic
    cell_m, zones = int(parameters["cell_m"]), int(parameters["zones"])
    tree, cell_of_place = fit_cells(points.xy, points.weights, cell_m)
    found = tree.cut(min(zones, len(tree.weights)))
    labels = np.where(cell_of_place < 0, NOISE, found.labels[cell_of_place])
    rule = {"kind": "cell", "size_m": cell_m}
    used = {"cell_m": cell_m, "zones": zones}
    return Zoning(points, labels, rule, used, dendrogram=tree)


def places_of(training: Training, selection: Selection) -> WeightedPoints:
    """Weighted places of a selection.

    Raises
    ------
    InputError
        It has too few incidents with coordinates.
    """
    weight = training.parameters["weight"]
    points = weighted_points(training.reader, EVERYTHING, selection, weight=weight)
    if points.incidents < FEWEST:
        raise InputError(
            f"{selection.text or 'The data'} has {points.incidents} incidents with coordinates; "
            f"zones need at least {FEWEST}."
        )
    return points


FEWEST = 50


def fit_with(method: Method) -> Callable[[Training], FittedModel]:
    """The `fit` of a zone method."""

    def fit(training: Training) -> FittedModel:
        points = places_of(training, training.selection)
        zoning = method(points, training.parameters, training.seed)
        areas = zone_areas(training.reader, zoning.rule, zoning.table)
        measured = profiles_of_zoning(zoning, areas)
        proposed = _proposed(training, zoning)
        shapes = zoning.shapes or zone_shapes(areas, measured["label"].to_list())
        return FittedModel(
            parameters={**training.parameters, **zoning.parameters},
            rule=zoning.rule,
            tables={
                "labels": zoning.table,
                "zones": measured.join(described_zones(training, zoning, shapes), on="label"),
                **tables_of(proposed),
            },
            geojson=outlines(areas, measured, shapes),
            estimator=zoning.estimator,
            metrics=tuple(described(zoning, training.seed)),
        )

    return fit


def propose_zones(training: Training, wanted: Collection[str]) -> Mapping[str, Proposal]:
    """The `propose` of all zone methods."""
    return propose(places_of(training, training.selection), training.parameters, wanted)


def _proposed(training: Training, zoning: Zoning) -> Mapping[str, Proposal]:
    """Proposals for all parameters, whatever was used: later trainings start from them."""
    wanted = set(PROPOSABLE) & set(training.parameters)
    if wanted <= set(training.proposed):
        return training.proposed
    return propose(zoning.points, training.parameters, wanted, zoning.dendrogram)


def described_zones(
    training: Training, zoning: Zoning, shapes: Mapping[int, shapely.Geometry]
) -> pl.DataFrame:
    """Profiles for the list of zones, so that pages need not read the incidents."""
    found = zone_profiles(
        training.reader,
        EVERYTHING,
        training.selection,
        zoning.points.frame["point_id"].to_numpy(),
        zoning.labels,
        polygons=shapes,
        top=zoning.zones,
    )
    return profile_frame(found)


def described(zoning: Zoning, seed: int) -> list[Metric]:
    """Descriptive metrics of the zones (size, noise, shape), which do not measure quality."""
    points = zoning.points
    quality = measure_quality(points.xy, zoning.labels, points.weights, seed=seed)
    shape = {
        "silhouette": quality.silhouette,
        "davies_bouldin": quality.davies_bouldin,
        "calinski_harabasz": quality.calinski_harabasz,
    }
    return [
        Metric("zones", quality.zones),
        Metric("incidents", points.incidents),
        Metric("places", len(points.weights)),
        Metric("largest_zone_share", quality.largest_share),
        Metric("noise_share", quality.noise_share),
        Metric("without_place", points.left_out.without_place),
        Metric("at_default_addresses", points.left_out.at_default_addresses),
        Metric("silhouette_sample", quality.silhouette_sample),
        *(Metric(name, value) for name, value in shape.items() if value is not None),
    ]


def profiles_of_zoning(zoning: Zoning, areas: ZoneAreas) -> pl.DataFrame:
    """A row per zone: incidents, weight, mean coordinates, km², street_km and density, by label.

    `street_km` is null where the method does not choose streets.
    """
    weighted = [
        ((pl.col(axis) * pl.col("weight")).sum() / pl.col("weight").sum()).alias(axis)
        for axis in ("lat", "lon", "x_m", "y_m")
    ]
    found = (
        zoning.table.filter(pl.col("label") >= 0)
        .group_by("label")
        .agg(*weighted, pl.col("incidents").sum(), pl.col("weight").sum(), pl.len().alias("places"))
        .sort("label")
    )
    label = found["label"].to_list()
    shapes = zoning.shapes
    km2 = areas.km2[label] if shapes is None else [shapes[one].area / 1e6 for one in label]
    street_km = pl.Series("street_km", [zoning.street_km.get(one) for one in label], pl.Float64)
    per_km2 = (pl.col("weight") / pl.col("km2")).alias("weight_per_km2")
    return found.with_columns(pl.Series("km2", km2), street_km).with_columns(per_km2)
