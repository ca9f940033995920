"""Explanations of zone models, computed at training and stored in the bundle."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from analytics.artifacts.labels import PARTITIONS
from analytics.crossfilter.scope import EVERYTHING
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.training.explain_lifts import zone_lifts
from analytics.training.explain_silhouettes import silhouettes
from analytics.training.explain_stability import stability_cells, stability_of, stability_zones
from analytics.training.fitting import Explained, FittedModel, Training
from analytics.training.surrogate import surrogate
from analytics.training.zone_areas import AREA_CELL_M
from analytics.training.zones import Method
from sql import load

CELL_M = 250


def explain_with(method: Method) -> Callable[[Training, FittedModel], Explained]:
    """The `explain` of a zone method.

    Its tables are `lifts`, `rules`, `fidelity`, `silhouettes`, `stability_zones` and
    `stability_cells`, described in the modules that make them.
    """

    def explain(training: Training, fitted: FittedModel) -> Explained:
        labels = fitted.tables["labels"]
        incidents = labeled_incidents(training, labels)
        stability = stability_of(method, training, fitted)
        # Zones that leave places outside: the tree explains what makes a place hot.
        hot = fitted.rule["kind"] not in PARTITIONS
        rules, fidelity = surrogate(
            incidents, cell_m=AREA_CELL_M if hot else CELL_M, hot_or_not=hot, seed=training.seed
        )
        return {
            "lifts": zone_lifts(incidents, seed=training.seed),
            "rules": rules,
            "fidelity": fidelity,
            "silhouettes": silhouettes(labels, seed=training.seed),
            "stability_zones": stability_zones(stability),
            "stability_cells": stability_cells(stability, CELL_M),
        }

    return explain


def labeled_incidents(training: Training, labels: pl.DataFrame) -> pl.DataFrame:
    """point_id, week, type, hour, location_type, x_m, y_m and zone (-1: none) of each incident."""
    reader: SnapshotReader = training.reader
    where = incidents_where(reader, EVERYTHING, training.selection)
    incidents = reader.frame(load("models/dated_values", conditions=where.sql), where.params)
    places = reader.frame(load("models/places")).join(
        labels.select("lat", "lon", pl.col("label").alias("zone")), on=["lat", "lon"], how="inner"
    )
    return incidents.join(places.select("point_id", "x_m", "y_m", "zone"), on="point_id")
