"""A risk terrain of one target: rate ratios of the layers, and what they tell out of sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import shapely

from analytics.areas.prepared import prepared
from analytics.errors import InputError
from analytics.forecasting.districts import groups_of
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.terrain.features import (
    PlaceSet,
    TerrainFeature,
    terrain_features,
)
from analytics.forecasting.terrain.out_of_time import (
    LaterDays,
    PastDays,
    combined_rules,
    terrain_gain,
    where_scores,
)
from analytics.forecasting.terrain.ratios import RateRatios, rate_ratios
from analytics.forecasting.terrain.risk_terrain import LayerRisk, RiskTerrain, WhereModel
from analytics.forecasting.terrain.selection import TerrainFit, fit_terrain, fold_of_areas
from analytics.hotspots.fishnet import Fishnet, chosen_area, fishnet
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints

MOST_FOLDS = 10
FEWEST_AREAS = 8
FEWEST_INCIDENTS = 100
LEAST_EXPOSURE = 0.05
"""A sliver of a cell at the border counts as this share of a cell."""
WEEK = 7
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class TerrainPlan:
    """What is fitted and tested: fitted on [first, last], tested on [last + 1, test_last]."""

    first: date
    last: date
    test_last: date
    level: str
    cell_m: int = 250


@dataclass(frozen=True, eq=False)
class TerrainCells:
    """Cells with what is fitted; arrays of shape (cells,), `matrix` of (cells, features)."""

    grid: Fishnet
    sets: Sequence[PlaceSet]
    features: Sequence[TerrainFeature] = field(repr=False)
    matrix: Floats = field(repr=False)
    exposure: Floats = field(repr=False)
    areas: Ints = field(repr=False)

    def fit(self, counts: Floats, rows: Ints | slice = slice(None)) -> TerrainFit:
        """Fit on all cells, or on some."""
        return fit_terrain(
            self.features,
            self.matrix[rows],
            counts[rows],
            self.exposure[rows],
            self.areas[rows],
        )


def evaluate_terrain(
    reader: SnapshotReader,
    target: Target,
    sets: Sequence[PlaceSet],
    plan: TerrainPlan,
    advance: Advance = lambda _what, _share: None,
) -> RiskTerrain:
    """Fit and test the risk terrain of a target.

    Raises
    ------
    InputError
        There are too few areas or incidents, or the days do not fit the data.
    """
    advance("Counting incidents", 0.02)
    history = read_history(reader, target, plan.cell_m)
    _check_days(history, plan)
    grid = fishnet(reader, plan.cell_m, selection=target.selection)  # that of the history
    features, matrix = terrain_features(grid, sets)
    areas = groups_of(reader, grid, plan.level)
    if len(np.unique(areas)) < FEWEST_AREAS:
        raise InputError(
            f"Level {plan.level} has {len(np.unique(areas))} areas; at least {FEWEST_AREAS} are "
            "needed to leave some out. Choose another level."
        )
    cells = TerrainCells(grid, sets, features, matrix, _exposure(reader, grid), areas)
    return judge_terrain(cells, history, plan, advance)


def judge_terrain(
    cells: TerrainCells, history: History, plan: TerrainPlan, advance: Advance
) -> RiskTerrain:
    """Fit and test the terrain on cells that were read."""
    end = plan.last + timedelta(days=1)
    counts = history.counts(plan.first, end)
    if counts.sum() < FEWEST_INCIDENTS:
        raise InputError(
            f"{int(counts.sum())} incidents in the days of the fit; at least {FEWEST_INCIDENTS} "
            "are needed."
        )
    advance("Fitting the terrain", 0.1)
    whole = cells.fit(counts)
    apart, chosen_by = _out_of_area(cells, counts, advance)
    advance("Resampling areas", 0.8)
    ratios = rate_ratios(cells.matrix[:, list(whole.chosen)], counts, cells.exposure, cells.areas)
    advance("Testing on later days", 0.9)
    later = LaterDays(_weeks(history, end, plan.test_last), cells.exposure, cells.areas)
    expected = {
        WhereModel.AREA_ONLY: cells.exposure,
        WhereModel.TERRAIN_OUT_OF_AREA: apart,
        WhereModel.TERRAIN: whole.expected(cells.matrix, cells.exposure),
        **_with_counts(cells, history, plan),
    }
    return RiskTerrain(
        areas=len(np.unique(cells.areas)),
        folds=len(chosen_by),
        cells=len(cells.grid),
        incidents=int(counts.sum()),
        test_incidents=int(later.weeks.sum()),
        layers=_layers(cells, counts, whole, ratios, chosen_by),
        scores=where_scores(expected, later),
        gain_over_counts=terrain_gain(
            expected[WhereModel.COUNTS_TERRAIN], expected[WhereModel.COUNTS], later
        ),
        gain=terrain_gain(
            expected[WhereModel.NEIGHBORS_TERRAIN], expected[WhereModel.NEIGHBORS], later
        ),
    )


def _check_days(history: History, plan: TerrainPlan) -> None:
    test = (plan.test_last - plan.last).days
    if test < WEEK or (plan.last - plan.first).days + 1 < 2 * test:
        raise InputError(
            f"The test is of {test} days after {plan.last}: it must be at least a week, and the "
            "days of the fit at least twice as many."
        )
    if plan.first < history.first or plan.test_last >= history.end:
        raise InputError(
            f"The data has {history.first} to {history.end - timedelta(days=1)}; the fit and test "
            f"need {plan.first} to {plan.test_last}."
        )


def _exposure(reader: SnapshotReader, grid: Fishnet) -> Floats:
    """Share of each cell inside the city."""
    city = chosen_area(reader)
    boxes = grid.boxes()
    share = np.ones(len(grid))
    border = np.flatnonzero(~shapely.covers(prepared(city), boxes))
    share[border] = shapely.area(shapely.intersection(boxes[border], city)) / grid.size_m**2
    return np.asarray(np.maximum(share, LEAST_EXPOSURE))


def _out_of_area(
    cells: TerrainCells, counts: Floats, advance: Advance
) -> tuple[Floats, list[set[str]]]:
    """Expected counts of each cell by a fit without its area, and the layers each fit chose."""
    folds = fold_of_areas(cells.areas, MOST_FOLDS)
    expected = np.zeros(len(counts))
    chosen_by = []
    names = np.unique(folds)
    for number, fold in enumerate(names):
        advance("Leaving areas out", 0.15 + 0.65 * number / len(names))
        out = folds == fold
        fit = cells.fit(counts, np.flatnonzero(~out))
        expected[out] = fit.expected(cells.matrix[out], cells.exposure[out])
        chosen_by.append({cells.features[at].layer for at in fit.chosen})
    return expected, chosen_by


def _with_counts(
    cells: TerrainCells, history: History, plan: TerrainPlan
) -> dict[WhereModel, Floats]:
    """Rules of past counts: fitted on the last part of the days of the fit, as long as the test."""
    end = plan.last + timedelta(days=1)
    cut = end - (plan.test_last - plan.last)
    before = history.counts(plan.first, cut)
    past = PastDays(before, history.counts(cut, end), history.counts(end - (cut - plan.first), end))
    terrain = cells.fit(before).expected(cells.matrix, cells.exposure) / cells.exposure
    return combined_rules(cells.grid, past, cells.exposure, terrain)


def _weeks(history: History, start: date, last: date) -> Floats:
    """Counts by week; days after the last full week join it. Shape (cells, weeks)."""
    weeks = ((last - start).days + 1) // WEEK
    starts = [start + timedelta(days=WEEK * at) for at in range(weeks)]
    ends = [*starts[1:], last + timedelta(days=1)]
    return np.column_stack([history.counts(*ends_of) for ends_of in zip(starts, ends, strict=True)])


def _layers(
    cells: TerrainCells,
    counts: Floats,
    whole: TerrainFit,
    ratios: RateRatios,
    chosen_by: Sequence[set[str]],
) -> tuple[LayerRisk, ...]:
    """The layers, those chosen first, by ratio."""
    at_layer = {cells.features[at].layer: (order, at) for order, at in enumerate(whole.chosen)}
    rows = []
    for one in cells.sets:
        folds = sum(one.layer in chosen for chosen in chosen_by)
        row = LayerRisk(one.layer, one.title, len(one.xy), folds=folds)
        if one.layer in at_layer:
            order, at = at_layer[one.layer]
            near, feature = cells.matrix[:, at], cells.features[at]
            row = LayerRisk(
                one.layer,
                one.title,
                len(one.xy),
                feature.kind,
                feature.radius_m,
                float(near @ cells.exposure / cells.exposure.sum()),
                float(near @ counts / counts.sum()),
                ratios.alone[order],
                ratios.beside[order],
                ratios.within[order],
                folds,
            )
        rows.append(row)
    return tuple(
        sorted(rows, key=lambda row: (-(row.beside.value if row.beside else 0.0), row.title))
    )
