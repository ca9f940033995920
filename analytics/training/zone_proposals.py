"""Proposals for the parameters of zones, from the training incidents only."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from analytics.artifacts.catalog import DENSE_SHARE
from analytics.hotspots.inputs import WeightedPoints
from analytics.hotspots.proposals import Proposal, propose_cut, propose_density
from analytics.hotspots.propose_k import propose_k
from analytics.hotspots.ward import Dendrogram, fit_cells

FEWEST_MERGES = 4
SCHEMA = {"parameter": pl.String, "value": pl.Float64, "evidence": pl.String}


def propose(
    points: WeightedPoints,
    parameters: Mapping[str, Any],
    wanted: Collection[str],
    dendrogram: Dendrogram | None = None,
) -> dict[str, Proposal]:
    """Proposals by name of the parameter.

    Parameters
    ----------
    parameters : mapping
        Values of the other parameters, which proposals take into account.
    wanted
        Parameters to propose values for; there is no cut for too few cells.
    dendrogram : Dendrogram, optional
        Of the cells, if it exists already.
    """
    xy, weights = points.xy, points.weights
    found: dict[str, Proposal] = {}
    if "k" in wanted:
        found["k"] = propose_k(xy, weights)
    if {"eps_m", "min_samples"} & set(wanted):
        given = {
            name: float(parameters[name]) for name in ("eps_m", "min_samples") if name not in wanted
        }
        share = float(parameters.get("dense_share", DENSE_SHARE))
        pair = propose_density(xy, weights, dense_share=share, **given)
        found |= {name: one for name, one in pair.items() if name in wanted}
    if "zones" in wanted:
        tree = dendrogram or fit_cells(xy, weights, int(parameters["cell_m"]))[0]
        if len(tree.linkage) >= FEWEST_MERGES:
            found["zones"] = propose_cut(tree)
    return found


def tables_of(proposals: Mapping[str, Proposal]) -> dict[str, pl.DataFrame]:
    """Tables `proposals` (parameter, value, evidence as JSON) and `curve_<parameter>` of each."""
    rows = [(name, float(one.value), json.dumps(one.evidence)) for name, one in proposals.items()]
    tables = {"proposals": pl.DataFrame(rows, schema=SCHEMA, orient="row")}
    return tables | {f"curve_{name}": one.curve for name, one in proposals.items()}
