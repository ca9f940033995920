"""Patrol-sized places as registered models: a few blocks on foot, more by car."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import shapely

from analytics.artifacts.metric import Metric
from analytics.forecasting.districts import groups_at
from analytics.hotspots.fishnet import fishnet
from analytics.hotspots.inputs import WeightedPoints
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from analytics.training.explain import explain_with
from analytics.training.fitting import Evaluate, Explain, Explained, Fit, FittedModel, Training
from analytics.training.zone_evaluation import evaluate_with
from analytics.training.zones import Method, Zoning, fit_with
from analytics.zones.places import (
    CELL_M,
    NO_PLACE,
    PlaceLimits,
    choose_places,
    grow_cells,
    shrunk,
)
from analytics.zones.street_blocks import SIDE_M, MeasuredBlocks, street_blocks
from sql import load

OTHERS_M = 150.0
"""Streets in no place that are this close to one are stored with the rule, so that a new point on
them is not taken for one of the place."""


def places_kind(limits: PlaceLimits) -> tuple[Fit, Evaluate, Explain]:
    """The `fit`, `evaluate` and `explain` of places of this size."""

    def fit(training: Training) -> FittedModel:
        return fit_with(place_method(training.reader, limits))(training)

    def evaluate(training: Training, fitted: FittedModel) -> list[Metric]:
        return evaluate_with(place_method(training.reader, limits))(training, fitted)

    def explain(training: Training, fitted: FittedModel) -> Explained:
        return explain_with(place_method(training.reader, limits))(training, fitted)

    return fit, evaluate, explain


def place_method(reader: SnapshotReader, limits: PlaceLimits) -> Method:
    """Places of blocks, or patches of cells where texts do not name hundreds of house numbers."""
    blocks = street_blocks(reader)
    if blocks is None:
        return _patches(reader, limits)
    numbered = blocks.frame.select("block", pl.int_range(pl.len()).alias("at"))
    of_point = reader.frame(load("hotspots/block_of_points")).join(numbered, on="block")

    def places(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
        del seed  # the method is deterministic
        joined = points.frame.join(of_point, on="point_id", how="left", maintain_order="left")
        at = joined["at"].fill_null(NO_PLACE).to_numpy()
        weights = sums_by_label(at, points.weights, len(blocks))
        expected = shrunk(weights, blocks.length_m, blocks.xy, _unit(points))
        chosen = choose_places(
            blocks.xy,
            expected,
            blocks.length_m,
            limits,
            int(parameters["places"]),
            groups=_groups(reader, blocks.xy, parameters),
        )
        of_block = _with_points(chosen, at)
        labels = np.where(at < 0, NO_PLACE, of_block[at])
        members = {one: np.flatnonzero(of_block == one) for one in range(of_block.max() + 1)}
        return Zoning(
            points,
            labels,
            _street_rule(blocks, of_block),
            dict(parameters),
            shapes={one: blocks.footprint(blocks_of) for one, blocks_of in members.items()},
            street_km={one: blocks.length_m[own].sum() / 1e3 for one, own in members.items()},
        )

    return places


def _patches(reader: SnapshotReader, limits: PlaceLimits) -> Method:
    grid = fishnet(reader, CELL_M)

    def places(points: WeightedPoints, parameters: Mapping[str, Any], seed: int) -> Zoning:
        del seed  # the method is deterministic
        at = grid.indices_of(points.xy[:, 0], points.xy[:, 1])
        weights = sums_by_label(at, points.weights, len(grid))
        size = np.full(len(grid), grid.cell_km2)
        chosen = grow_cells(
            grid.columns,
            grid.rows,
            shrunk(weights, size, grid.centers, _unit(points)),
            limits.cells,
            int(parameters["places"]),
            groups=_groups(reader, grid.centers, parameters),
        )
        of_cell = _with_points(chosen, at)
        labels = np.where(at < 0, NO_PLACE, of_cell[at])
        boxes = {one: grid.boxes(of_cell == one) for one in range(of_cell.max() + 1)}
        shapes = {one: shapely.union_all(own) for one, own in boxes.items()}
        rule = {"kind": "patch", "size_m": CELL_M}
        return Zoning(points, labels, rule, dict(parameters), shapes=shapes)

    return places


def _street_rule(blocks: MeasuredBlocks, of_block: Ints) -> dict[str, Any]:
    """Stretches of the places and of other streets near them: the nearest one decides."""
    ends = blocks.ends()
    lines = shapely.linestrings(ends)
    tree = shapely.STRtree(lines)
    inside = np.flatnonzero(of_block != NO_PLACE)
    near = np.unique(tree.query(lines[inside], predicate="dwithin", distance=OTHERS_M)[1])
    corners_of = ends[near].reshape(-1, 4).round(1)
    stretches = [
        [*corners, label]
        for corners, label in zip(corners_of.tolist(), of_block[near].tolist(), strict=True)
    ]
    return {"kind": "nearest_street", "reach_m": SIDE_M, "stretches": stretches}


def _groups(reader: SnapshotReader, xy: Floats, parameters: Mapping[str, Any]) -> Ints | None:
    per = str(parameters["per"])
    return None if per == "city" else groups_at(reader, xy, per)


def _unit(points: WeightedPoints) -> float:
    """Mean weight of an incident; a bootstrap sample counts incidents."""
    if points.weight == "incidents":
        return 1.0
    return float(points.weights.sum() / max(points.incidents, 1))


def _with_points(chosen: Ints, at: Ints) -> Ints:
    """Places numbered without those that hold no fitted point."""
    held = np.unique(chosen[at[at >= 0]])
    held = held[held != NO_PLACE]
    numbers = np.full(int(chosen.max()) + 2, NO_PLACE, dtype=np.int64)
    numbers[held] = np.arange(len(held))
    return numbers[chosen]
