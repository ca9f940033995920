"""Evaluation of zones: accuracy on later incidents, and stability.

References
----------
Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping for predicting spatial patterns of
crime, Security Journal 21 (predictive accuracy index).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.labels import score
from analytics.artifacts.metric import Metric
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.inputs import WeightedPoints, dated_incidents
from analytics.statistics.agreement import adjusted_rand
from analytics.training.explain_stability import mean_stability, stability_of
from analytics.training.fitting import FittedModel, Training
from analytics.training.zone_areas import ZoneAreas, zone_areas
from analytics.training.zone_proposals import propose
from analytics.training.zones import Method, Zoning, places_of

Floats = npt.NDArray[np.float64]

TEST_WEEKS = 8
FEWEST_TEST_DAYS = 14
AREA_SHARE = 0.10  # covered by the densest zones that are evaluated
RESAMPLES = 1_000
INTERVAL = (2.5, 97.5)
OTHER_SEEDS = 3


@dataclass(frozen=True)
class Split:
    """Training days before `test_from`, and test days from there to `test_to`."""

    fit: Selection
    test: Selection
    test_from: date
    test_to: date


def evaluate_with(
    method: Method, *further: Callable[[Method, Training, FittedModel], list[Metric]]
) -> Callable[[Training, FittedModel], list[Metric]]:
    """The `evaluate` of a zone method; `further` functions add metrics of the method."""

    def evaluate(training: Training, fitted: FittedModel) -> list[Metric]:
        split = split_of(training)
        # Fitted again on earlier incidents: `fitted` has seen the test incidents.
        places = places_of(training, split.fit)
        earlier = method(places, parameters_for(training, places), training.seed)
        later = dated_incidents(training.reader, EVERYTHING, split.test)
        return [
            *accuracy(training, earlier, later, split),
            mean_stability(stability_of(method, training, fitted)),
            *(metric for one in further for metric in one(method, training, fitted)),
        ]

    return evaluate


def parameters_for(training: Training, points: WeightedPoints) -> Mapping[str, Any]:
    """Parameters of the training, with proposals made from these incidents only."""
    found = propose(points, training.parameters, set(training.proposed))
    read = {name: type(training.parameters[name])(one.value) for name, one in found.items()}
    return {**training.parameters, **read}


def split_of(training: Training) -> Split:
    """Split off the last `TEST_WEEKS` weeks, without provisional days, as test period.

    Raises
    ------
    InputError
        The period is too short.
    """
    first, last = training.complete_days
    days = min(7 * TEST_WEEKS, ((last - first).days + 1) // 4 // 7 * 7)
    if days < FEWEST_TEST_DAYS:
        raise InputError(
            f"{first} to {last} is too short to evaluate zones on later incidents. Select at least "
            "eight weeks."
        )
    start = last - timedelta(days=days - 1)
    return Split(
        training.selection.replace("date", Period(first, start - timedelta(days=1))),
        training.selection.replace("date", Period(start, last)),
        start,
        last,
    )


def accuracy(training: Training, zoning: Zoning, later: pl.DataFrame, split: Split) -> list[Metric]:
    """Hit rate and PAI of the densest zones on later incidents, and PAI of plain cells.

    The baseline is the cells with the highest counts on the same share of the area; the gain is
    the paired difference. Intervals are from a bootstrap over weeks.
    """
    areas = zone_areas(training.reader, zoning.rule, zoning.table)
    taken, share = densest_zones(zoning, areas)
    weeks = ((later["day"] - split.test_from).dt.total_days() // 7).to_numpy()
    xy = later.select("x_m", "y_m").to_numpy()
    in_zones = np.isin(score(zoning.rule, zoning.table, xy), taken)
    in_cells = in_densest_cells(zoning.points, areas, share, xy)
    number = (split.test_to - split.test_from).days // 7 + 1
    hits, plain, total = (
        np.bincount(weeks, weights=weight, minlength=number).astype(np.float64)
        for weight in (in_zones, in_cells, np.ones(len(weeks)))
    )
    chosen = np.random.default_rng(training.seed).integers(number, size=(RESAMPLES, number))
    return [
        Metric("test_incidents", float(total.sum())),
        Metric("test_weeks", number),
        Metric("area_share", share),
        _ratio("hit_rate", hits, total, chosen, 1.0),
        _ratio("pai", hits, total, chosen, share),
        _ratio("pai_baseline", plain, total, chosen, share),
        _ratio("gain", hits - plain, total, chosen, share),
    ]


def seed_agreement(method: Method, training: Training, fitted: FittedModel) -> list[Metric]:
    """Mean adjusted Rand index, by weight, of the zones with those of other seeds."""
    points = places_of(training, training.selection)
    labels = fitted.tables["labels"]["label"].to_numpy()
    found = [
        adjusted_rand(labels, method(points, training.parameters, seed).labels, points.weights)
        for seed in range(training.seed + 1, training.seed + 1 + OTHER_SEEDS)
    ]
    return [Metric("seed_agreement", float(np.mean(found)))]


def densest_zones(zoning: Zoning, areas: ZoneAreas) -> tuple[npt.NDArray[np.int64], float]:
    """The densest zones that cover at most `AREA_SHARE`, at least one, and their area share."""
    inside = zoning.labels >= 0
    weight = np.bincount(
        zoning.labels[inside], zoning.points.weights[inside], minlength=areas.zones
    )
    order = np.argsort(-weight / areas.km2, kind="stable")
    covered = np.cumsum(areas.shares[order])
    taken = order[: max(int(np.searchsorted(covered, AREA_SHARE, side="right")), 1)]
    cells = np.unique(areas.cell[np.isin(areas.zone, taken)])
    return taken, max(len(cells), 1) / len(areas.grid)


def in_densest_cells(
    points: WeightedPoints, areas: ZoneAreas, share: float, xy: Floats
) -> npt.NDArray[np.bool_]:
    """Whether places lie in the cells with the highest counts that cover `share`."""
    grid = areas.grid
    cell = grid.indices_of(points.xy[:, 0], points.xy[:, 1])
    counts = np.bincount(cell[cell >= 0], points.weights[cell >= 0], minlength=len(grid))
    taken = np.zeros(len(grid), dtype=bool)
    taken[np.argsort(-counts, kind="stable")[: round(share * len(grid))]] = True
    later = grid.indices_of(xy[:, 0], xy[:, 1])
    return np.asarray((later >= 0) & taken[later])


def _ratio(
    name: str, hits: Floats, total: Floats, chosen: npt.NDArray[np.int64], share: float
) -> Metric:
    """Hits per incident per share of the area, with its bootstrap interval over weeks."""
    incidents = total.sum()
    if not incidents:
        raise InputError("There are no later incidents to evaluate the zones on.")
    sampled = total[chosen].sum(axis=1)
    resampled = hits[chosen].sum(axis=1)[sampled > 0] / sampled[sampled > 0] / share
    low, high = np.percentile(resampled, INTERVAL)
    return Metric(name, float(hits.sum() / incidents / share), float(low), float(high))
