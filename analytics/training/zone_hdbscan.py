"""HDBSCAN hot spots as a registered model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.hotspots.hdbscan import agreement_with_raw, fit_hdbscan
from analytics.hotspots.inputs import WeightedPoints
from analytics.training.fitting import FittedModel, Training
from analytics.training.zones import Method, Zoning, places_of

SAMPLE = 20_000


def hdbscan(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """Zones with at least `zone_share` of the weight; `core_share` makes a place dense.

    A new place belongs to the zone of the nearest place in a zone within `reach_m`, or within the
    grid's cell size if that is larger.

    Raises
    ------
    InputError
        A share is not between 0 and 1.
    """
    del seed  # the method is deterministic
    options = _options(parameters, float(points.weights.sum()))
    found = fit_hdbscan(points.xy, points.weights, **options)
    reach_m = max(float(parameters["reach_m"]), float(found.parameters["grid_m"]))
    rule = {"kind": "nearest_core", "eps_m": reach_m}
    used = {**found.parameters, "reach_m": reach_m}
    return Zoning(points, found.labels, rule, used, core=np.asarray(found.labels >= 0))


def grid_agreement(method: Method, training: Training, fitted: FittedModel) -> list[Metric]:
    """Adjusted Rand index of zones with and without the grid, on a sample of incidents."""
    del method
    points = places_of(training, training.selection)
    random = np.random.default_rng(training.seed)
    size = min(SAMPLE, round(float(points.weights.sum())))
    counts = random.multinomial(size, points.weights / points.weights.sum()).astype(np.float64)
    xy, weights = points.xy[counts > 0], counts[counts > 0]
    options = _options(training.parameters, size)
    found = fit_hdbscan(xy, weights, **options, grid_m=float(fitted.parameters["grid_m"]))
    agreement = agreement_with_raw(xy, weights, found)
    return [
        Metric("grid_agreement", float("nan") if agreement is None else agreement),
        Metric("grid_sample", size),
    ]


def _options(parameters: Mapping[str, Any], total: float) -> dict[str, Any]:
    named = {"min_cluster_size": "zone_share", "min_samples": "core_share"}
    shares = {name: float(parameters[share]) for name, share in named.items()}
    if not all(0 < share < 1 for share in shares.values()):
        raise InputError("zone_share and core_share must be between 0 and 1.")
    least = {name: max(round(share * total), 2.0) for name, share in shares.items()}
    return {**least, "select": str(parameters["select"])}
