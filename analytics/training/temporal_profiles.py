"""Temporal profiles as a registered model: places clustered by the week of their incidents.

Tables of its bundle: `labels` (places), `zones` (a row per profile), `hours` (each profile by
weekday and hour, with the city's), `types` (the nearest profile of each crime type) and `numbers`
(stability by number of profiles).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.metric import Metric
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.inputs import incidents_where, weighted_points
from analytics.incidents.row_ranges import added_up
from analytics.temporal.profile_names import names_of_profiles
from analytics.temporal.profiles import (
    TemporalProfiles,
    fit_profiles,
    nearest_profile,
    parts_of_week,
)
from analytics.temporal.weekly_hours import HOURS_OF_WEEK
from analytics.training.explain import labeled_incidents
from analytics.training.explain_lifts import zone_lifts
from analytics.training.fitting import Explained, FittedModel, Training
from analytics.training.zone_areas import outlines, zone_areas, zone_shapes
from analytics.training.zone_evaluation import INTERVAL, RESAMPLES, Split, split_of
from analytics.training.zones import Zoning, profiles_of_zoning
from sql import load

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST_OF_TYPE = 200


@dataclass(frozen=True, eq=False)
class CellHours:
    """Incidents of cells by hour of the week: `cells` (n, 2) and `counts` (n, 168)."""

    cells: Ints = field(repr=False)
    counts: Ints = field(repr=False)

    def with_at_least(self, incidents: int) -> CellHours:
        enough = self.counts.sum(axis=1) >= incidents
        return CellHours(self.cells[enough], self.counts[enough])


def fit_temporal(training: Training) -> FittedModel:
    """Fit temporal profiles of cells of `cell_m` with at least `fewest` incidents.

    Raises
    ------
    InputError
        There are too few such cells.
    """
    cell_m = int(training.parameters["cell_m"])
    found = _cells(training, training.selection)
    groups = _fit(training, found)
    rule = {"kind": "cell", "size_m": cell_m}
    points = weighted_points(training.reader, EVERYTHING, training.selection)
    labels = _of_places(points.xy, found.cells, groups.labels, cell_m)
    zoning = Zoning(points, labels, rule, {"k": groups.k})
    areas = zone_areas(training.reader, rule, zoning.table)
    areas_of_profiles = profiles_of_zoning(zoning, areas)
    return FittedModel(
        parameters={**training.parameters, "k": groups.k},
        rule=rule,
        tables={
            "labels": zoning.table,
            "zones": _zones(groups, areas_of_profiles),
            "hours": _hours(groups),
            "types": _types(training, groups),
            "numbers": pl.DataFrame(
                groups.curve, schema=["profiles", "least_jaccard", "mean_jaccard"], orient="row"
            ),
        },
        geojson=outlines(
            areas, areas_of_profiles, zone_shapes(areas, areas_of_profiles["label"].to_list())
        ),
        estimator=groups.estimator,
        metrics=tuple(_described(found, groups)),
    )


def evaluate_temporal(training: Training, fitted: FittedModel) -> list[Metric]:
    """How much better a place's profile predicts later incidents than the city's week does.

    The same number of profiles is fitted without the last weeks. `gain`, in bits, is the mean log₂
    of the share of an incident's part of the week in its place's profile over that in the city; its
    interval is from a bootstrap over weeks.
    """
    split = split_of(training)
    k = int(fitted.parameters["k"])
    earlier = _cells(training, split.fit)
    profiles = _fit(training, earlier, k=k)
    return gain(training, earlier.cells, profiles, split)


def explain_temporal(training: Training, fitted: FittedModel) -> Explained:
    """Table `lifts`: what is more or less frequent in each profile than in the city."""
    incidents = labeled_incidents(training, fitted.tables["labels"])
    return {"lifts": zone_lifts(incidents, seed=training.seed)}


def gain(training: Training, cells: Ints, profiles: TemporalProfiles, split: Split) -> list[Metric]:
    """Metric `gain`, and the incidents and weeks it was measured on."""
    later = _later(training, split.test, split.test_from)
    known = pl.DataFrame({"col": cells[:, 0], "row": cells[:, 1], "label": profiles.labels})
    later = later.join(known, on=["col", "row"], how="inner")
    weeks = (split.test_to - split.test_from).days // 7 + 1
    bits = np.log2(_parts(profiles.weeks) / _parts(profiles.city[None]))
    part = parts_of_week(np.eye(HOURS_OF_WEEK)).argmax(axis=1)
    of_row = bits[later["label"].to_numpy(), part[later["at"].to_numpy()]]
    number, week = later["incidents"].to_numpy(), later["week"].to_numpy()
    bits_of_week = np.bincount(week, of_row * number, minlength=weeks)
    total = np.bincount(week, number, minlength=weeks).astype(np.float64)
    if not total.sum():
        raise InputError("There are no later incidents to evaluate the temporal profiles on.")
    sampled = np.random.default_rng(training.seed).integers(weeks, size=(RESAMPLES, weeks))
    resampled = bits_of_week[sampled].sum(axis=1) / np.maximum(total[sampled].sum(axis=1), 1)
    low, high = np.percentile(resampled, INTERVAL)
    return [
        Metric("test_incidents", float(total.sum())),
        Metric("test_weeks", weeks),
        Metric("gain", float(bits_of_week.sum() / total.sum()), float(low), float(high)),
    ]


def _fit(training: Training, found: CellHours, *, k: int | None = None) -> TemporalProfiles:
    parameters = training.parameters
    return fit_profiles(
        found.counts,
        k=int(parameters["k"]) if k is None else k,
        bootstraps=int(parameters["bootstraps"]),
        seed=training.seed,
    )


def _cells(training: Training, selection: Selection) -> CellHours:
    where = incidents_where(training.reader, EVERYTHING, selection)
    size = int(training.parameters["cell_m"])
    params = {"size": size, **where.params}
    rows = added_up(training.reader, "temporal/cell_hours", where.sql, params, ("incidents",))
    cells, place = np.unique(rows.select("col", "row").to_numpy(), axis=0, return_inverse=True)
    counts = np.zeros((len(cells), HOURS_OF_WEEK), dtype=np.int64)
    np.add.at(counts, (place.reshape(-1), rows["at"].to_numpy()), rows["incidents"].to_numpy())
    return CellHours(cells, counts).with_at_least(int(training.parameters["fewest"]))


def _later(training: Training, selection: Selection, first: date) -> pl.DataFrame:
    where = incidents_where(training.reader, EVERYTHING, selection)
    size = int(training.parameters["cell_m"])
    return training.reader.frame(
        load("temporal/later_cell_hours", conditions=where.sql),
        {"size": size, "first": first, **where.params},
    )


def _of_places(xy: Floats, cells: Ints, labels: Ints, cell_m: int) -> Ints:
    """Label of each place's cell, -1 if it has none."""
    known = pl.DataFrame({"col": cells[:, 0], "row": cells[:, 1], "label": labels})
    numbers = np.floor(xy / cell_m).astype(np.int64)
    places = pl.DataFrame({"col": numbers[:, 0], "row": numbers[:, 1]})
    found = places.join(known, on=["col", "row"], how="left", maintain_order="left")
    return found["label"].fill_null(-1).to_numpy().astype(np.int64)


def _zones(profiles: TemporalProfiles, areas: pl.DataFrame) -> pl.DataFrame:
    names = names_of_profiles(list(profiles.weeks), profiles.city)
    described = pl.DataFrame(
        {
            "label": np.arange(profiles.k),
            "name": names,
            "cells": np.bincount(profiles.labels, minlength=profiles.k),
            "jaccard": profiles.jaccard,
        }
    )
    places = areas.select("label", "incidents", "km2", "lat", "lon")
    return described.join(places, on="label", how="left").sort("label")


def _hours(profiles: TemporalProfiles) -> pl.DataFrame:
    weekday, hour = np.divmod(np.arange(HOURS_OF_WEEK), 24)
    city = profiles.city.reshape(-1)
    return pl.concat(
        pl.DataFrame(
            {
                "label": np.full(HOURS_OF_WEEK, label),
                "weekday": weekday + 1,
                "hour": hour,
                "share": profile.reshape(-1),
                "city_share": city,
            }
        )
        for label, profile in enumerate(profiles.weeks)
    )


def _types(training: Training, profiles: TemporalProfiles) -> pl.DataFrame:
    """type, incidents and label of crime types with at least `FEWEST_OF_TYPE` incidents."""
    where = incidents_where(training.reader, EVERYTHING, training.selection)
    rows = added_up(training.reader, "temporal/type_hours", where.sql, where.params, ("incidents",))
    types, place = np.unique(rows["type"].to_numpy().astype(str), return_inverse=True)
    counts = np.zeros((len(types), HOURS_OF_WEEK))
    np.add.at(counts, (place, rows["at"].to_numpy()), rows["incidents"].to_numpy())
    label = nearest_profile(counts, profiles.city.reshape(-1), profiles.centers)
    total = counts.sum(axis=1).astype(np.int64)
    frame = pl.DataFrame({"type": types, "incidents": total, "label": label})
    return frame.filter(pl.col("incidents") >= FEWEST_OF_TYPE).sort("incidents", descending=True)


def _described(found: CellHours, profiles: TemporalProfiles) -> list[Metric]:
    weights = found.counts.sum(axis=1).astype(np.float64)
    share = np.bincount(profiles.labels, weights, minlength=profiles.k) / weights.sum()
    return [
        Metric("profiles", profiles.k),
        Metric("cells", len(weights)),
        Metric("incidents", float(weights.sum())),
        Metric("largest_profile_share", float(share.max())),
        Metric("stability", float(np.average(profiles.jaccard, weights=share))),
        Metric("least_stability", float(profiles.jaccard.min())),
    ]


def _parts(profiles: Floats) -> Floats:
    """Shares of the 24 parts of the week that are compared, all above 0."""
    shares = parts_of_week(profiles.reshape(len(profiles), -1))
    return np.asarray((shares + 1e-4) / (shares + 1e-4).sum(axis=1, keepdims=True))
