"""Demand in harm: forecast counts, each with a weight drawn from those of its area and shift.

A sum of harm is a compound count: its mean is the expected count times the mean weight, and a few
heavy incidents make its upper end. So counts are forecast, and the weights of incidents, which
change slowly, are learned from a longer past.

References
----------
Sherman, Neyroud & Neyroud (2016), The Cambridge Crime Harm Index, Policing 10.
Klugman, Panjer & Willmot (2012), Loss models, 4th ed., chapter 9: compound distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import (
    MODELS,
    DemandPlan,
    Forecasts,
    Means,
    Measured,
    ModelScore,
    forecast_all,
    score_rows,
)
from analytics.forecasting.demand.panel import DemandPanel, counted, panel_of_frames
from analytics.forecasting.demand.scores import POINTS, cumulative_of_draws, naive_errors
from analytics.forecasting.demand.shocks import SEED, Shocks
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.season_model import MOST_WEEKS, WEEK

HARM = "demand_harm"
"""Statement of the counts by weight, in sql/forecasting."""
MIX_WEEKS = 52
"""Half-life of the weights of incidents."""
MIX_INCIDENTS = 100
"""Incidents with the weights of the shift in the city that are added to those of a cell."""
EVALUATION_DRAWS = 200


@dataclass(frozen=True, eq=False)
class HarmMix:
    """Weights of an incident, (weights,), and their shares, (areas, shifts, weights)."""

    weights: Floats = field(repr=False)
    shares: Floats = field(repr=False)

    @property
    def mean(self) -> Floats:
        """Mean weight of an incident, shape (areas, shifts)."""
        return np.asarray(self.shares @ self.weights)


@dataclass(frozen=True, eq=False)
class HarmPanel:
    """Incidents by weight.

    Attributes
    ----------
    panel : their counts
    weights : shape (weights,), days of sentence; 0 for incidents whose code has no weight
    by_weight : shape (areas, shifts, weights, days), incidents; of the larger areas, if the panel
        has some
    harm : shape (areas, shifts, days), sums of weights
    """

    panel: DemandPanel
    weights: Floats = field(repr=False)
    by_weight: Floats = field(repr=False)
    harm: Floats = field(repr=False)

    def mix(self, origin: int) -> HarmMix:
        """Share of each weight in the incidents before a day."""
        days = min(origin, MOST_WEEKS * WEEK)
        weeks_ago = np.arange(days - 1, -1, -1) // WEEK + 1
        counted = self.by_weight[..., origin - days : origin] @ 0.5 ** (weeks_ago / MIX_WEEKS)
        city = counted.sum(axis=0)
        city = (city + 1) / (city + 1).sum(axis=1, keepdims=True)
        total = counted.sum(axis=2, keepdims=True)
        mix = (counted + MIX_INCIDENTS * city) / (total + MIX_INCIDENTS)
        own = mix[self.panel.parent_of] if self.panel.parent is not None else mix
        return HarmMix(self.weights, own)


def read_harm(reader: SnapshotReader, selection: Selection, level: str) -> HarmPanel:
    """Count the incidents of the complete days by weight; arguments as of `read_panel`.

    Raises
    ------
    InputError
        The source has no weights, or as `read_panel`.
    """
    if "harm" in reader.snapshot.manifest.views_off:
        raise InputError("This source has no weights of harm; see docs/reference-tables.md.")
    frames = counted(reader, selection, level, HARM)
    panel = panel_of_frames(reader, level, frames)
    larger = next((frame for name, frame in frames.items() if name != level), None)
    return harm_panel(panel, frames[level], larger)


def harm_panel(panel: DemandPanel, found: pl.DataFrame, larger: pl.DataFrame | None) -> HarmPanel:
    """A panel of counts with the weights of its incidents.

    Parameters
    ----------
    found : day, area, shift, weight and count
    larger : the same of the panel's larger areas, if it has some
    """
    weights = np.array(sorted(found["weight"].unique().to_list()), dtype=np.float64)
    own = _by_weight(panel, found, weights)
    parent = panel.parent
    wide = own if parent is None or larger is None else _by_weight(parent, larger, weights)
    harm = np.einsum("aswd,w->asd", own, weights)
    return HarmPanel(panel, weights, wide, harm)


def _by_weight(panel: DemandPanel, found: pl.DataFrame, weights: Floats) -> Floats:
    rows = {"area": panel.areas, "shift": panel.shifts, "weight": tuple(weights.astype(int))}
    found = found.filter(*(pl.col(name).is_in(list(names)) for name, names in rows.items()))
    at = [
        found[name].replace_strict(list(names), list(range(len(names)))).to_numpy()
        for name, names in rows.items()
    ]
    days = (found["day"] - panel.first).dt.total_days().to_numpy()
    cube = np.zeros((len(panel.areas), len(panel.shifts), len(weights), panel.days))
    np.add.at(cube, (*at, days), found["count"].to_numpy())
    return cube


def draw_harm(means: Floats, shocks: Shocks, mix: HarmMix, draws: int, seed: int = SEED) -> Floats:
    """Joint sums of harm, of which those of areas, shifts and days can be formed.

    Parameters
    ----------
    means : array of shape (areas, shifts, days), expected counts

    Returns
    -------
    array of shape (draws, areas, shifts, days)
    """
    random = np.random.default_rng(seed)
    rates = means * shocks.factors(means.shape, draws, random)
    total = np.zeros_like(rates)
    for number in np.flatnonzero(mix.weights):
        total += mix.weights[number] * random.poisson(rates * mix.shares[:, :, number, None])
    return total


def weigh_draws(counts: Ints, mix: HarmMix, seed: int = SEED) -> npt.NDArray[np.float32]:
    """Harm of drawn counts: each incident has a weight drawn from those of its area and shift.

    Parameters
    ----------
    counts : array of shape (draws, areas, shifts, days)

    Returns
    -------
    array of the same shape, days of sentence
    """
    random = np.random.default_rng(seed)
    chances = mix.shares.cumsum(axis=2)
    total = np.zeros(counts.shape, np.float32)
    for area, shift in np.ndindex(counts.shape[1:3]):
        incidents = counts[:, area, shift].ravel()
        drawn = random.random(int(incidents.sum())) * chances[area, shift, -1]
        weights = mix.weights[np.searchsorted(chances[area, shift], drawn, side="right")]
        cells = np.repeat(np.arange(incidents.size), incidents)
        sums = np.bincount(cells, weights, minlength=incidents.size)
        total[:, area, shift] = sums.reshape(counts.shape[0], -1)
    return total


def evaluate_harm(
    harm: HarmPanel, plan: DemandPlan, models: Mapping[str, Means] = MODELS
) -> list[ModelScore]:
    """Score the harm that models of counts expect; all use the same weights."""
    panel, origins = harm.panel, plan.origins(harm.panel)
    days = np.array(origins)[:, None] + np.arange(plan.horizon)
    happened = np.moveaxis(harm.harm[:, :, days], 2, 0)
    scales = np.stack([naive_errors(harm.harm, origin) for origin in origins])
    mixes = [harm.mix(origin) for origin in origins]
    measured = {
        name: _measured(one, mixes, happened, scales)
        for name, one in forecast_all(panel, plan, models).items()
    }
    return score_rows(measured, plan)


def _measured(
    forecasts: Forecasts, mixes: list[HarmMix], happened: Floats, scales: Floats
) -> Measured:
    quantiles, chances, expected = [], [], []
    for number, (mean, shocks, mix) in enumerate(
        zip(forecasts.means, forecasts.shocks, mixes, strict=True)
    ):
        draws = draw_harm(mean, shocks, mix, EVALUATION_DRAWS, SEED + number)
        quantiles.append(np.quantile(draws, POINTS, axis=0, method="inverted_cdf"))
        chances.append(cumulative_of_draws(draws, happened[number]))
        expected.append(mean * mix.mean[:, :, None])
    return Measured.of(
        happened, np.stack(expected), np.stack(quantiles, axis=1), np.stack(chances, axis=1), scales
    )
