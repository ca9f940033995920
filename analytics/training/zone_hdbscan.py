"""Zones by HDBSCAN as a registered model: dense places, each at its own density."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.hotspots.hdbscan import agreement_with_raw, fit_hdbscan
from analytics.hotspots.inputs import WeightedPoints
from analytics.training.fitting import Fitted, Training
from analytics.training.zones import Method, Zoning, places_of

SAMPLE = 20_000


def hdbscan(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
    """Zones of at least `zone_share` of the weight; places are dense by `core_share` around them.

    Another place belongs to the zone of the nearest place in one within `reach_m`, or within the
    grid's side where that is wider.

    Raises
    ------
    InputError
        A share is not between 0 and 1.
    """
    del seed  # there is no chance in it
    asked = _asked(parameters, float(points.weights.sum()))
    found = fit_hdbscan(points.xy, points.weights, **asked)
    reach_m = max(float(parameters["reach_m"]), float(found.parameters["grid_m"]))
    rule = {"kind": "nearest_core", "eps_m": reach_m}
    used = {**found.parameters, "reach_m": reach_m}
    return Zoning(points, found.labels, rule, used, core=np.asarray(found.labels >= 0))


def grid_agreement(method: Method, training: Training, fitted: Fitted) -> list[Metric]:
    """How alike zones are with and without the grid, on a sample of incidents: adjusted Rand."""
    del method
    points = places_of(training, training.selection)
    dice = np.random.default_rng(training.seed)
    size = min(SAMPLE, round(float(points.weights.sum())))
    times = dice.multinomial(size, points.weights / points.weights.sum()).astype(np.float64)
    xy, weights = points.xy[times > 0], times[times > 0]
    asked = _asked(training.parameters, size)
    found = fit_hdbscan(xy, weights, **asked, grid_m=float(fitted.parameters["grid_m"]))
    agreement = agreement_with_raw(xy, weights, found)
    return [
        Metric("grid_agreement", float("nan") if agreement is None else agreement),
        Metric("grid_sample", size),
    ]


def _asked(parameters: Mapping[str, Any], total: float) -> dict[str, Any]:
    named = {"min_cluster_size": "zone_share", "min_samples": "core_share"}
    shares = {name: float(parameters[share]) for name, share in named.items()}
    if not all(0 < share < 1 for share in shares.values()):
        raise InputError("zone_share and core_share are shares: choose between 0 and 1.")
    least = {name: max(round(share * total), 2.0) for name, share in shares.items()}
    return {**least, "select": str(parameters["select"])}
