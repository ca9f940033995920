"""Proposals for the parameters of zones, kept with a fit: the next one can start from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.hotspots.inputs import WeightedPoints
from analytics.hotspots.proposals import (
    Proposal,
    propose_cut,
    propose_eps,
    propose_k,
    propose_min_samples,
)
from analytics.hotspots.ward import Dendrogram

FEWEST_MERGES = 4
SCHEMA = {"parameter": pl.String, "value": pl.Float64, "reason": pl.String}


def propose(
    points: WeightedPoints, parameters: Mapping[str, Any], dendrogram: Dendrogram | None = None
) -> dict[str, pl.DataFrame]:
    """Tables `proposals` (parameter, value, reason) and `curve_<parameter>` of each.

    Parameters
    ----------
    parameters : mapping
        Those the zones were fitted with; what there is no proposal for is left out.
    dendrogram : Dendrogram, optional
        Of nested zones, to propose a cut.
    """
    xy, weights = points.xy, points.weights
    found: dict[str, Proposal] = {}
    if "k" in parameters:
        found["k"] = propose_k(xy, weights)
    if "eps_m" in parameters:
        eps_m, least = float(parameters["eps_m"]), float(parameters["min_samples"])
        found["eps_m"] = propose_eps(xy, weights, min_samples=least)
        found["min_samples"] = propose_min_samples(xy, weights, eps_m=eps_m)
    if dendrogram is not None and len(dendrogram.linkage) >= FEWEST_MERGES:
        found["zones"] = propose_cut(dendrogram)
    rows = [(name, float(one.value), one.reason) for name, one in found.items()]
    tables = {"proposals": pl.DataFrame(rows, schema=SCHEMA, orient="row")}
    return tables | {f"curve_{name}": one.curve for name, one in found.items()}
