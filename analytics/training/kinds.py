"""Functions that fit, evaluate and explain each model of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from analytics.artifacts.catalog import ALL, CATALOG, FORECASTS, PROPOSED, model_title, pair_name
from analytics.errors import InputError
from analytics.forecasting.units import UnitKind
from analytics.training.demand import evaluate_demand_model, explain_demand, fit_demand
from analytics.training.explain import explain_with
from analytics.training.explain_forecast import explain_forecast
from analytics.training.fitting import Evaluate, Explain, Fit, ModelKind
from analytics.training.forecast import evaluate_forecast, fit_forecast
from analytics.training.patterns import (
    evaluate_patterns,
    explain_patterns,
    fit_offense_profile,
    fit_pca,
    fit_tsne,
    fit_umap,
)
from analytics.training.temporal_profiles import evaluate_temporal, explain_temporal, fit_temporal
from analytics.training.zone_evaluation import evaluate_with, seed_agreement
from analytics.training.zone_hdbscan import grid_agreement, hdbscan
from analytics.training.zone_places import places_kind
from analytics.training.zones import dbscan, fit_with, kmeans, propose_zones, ward
from analytics.zones.places import CAR, FOOT

_FUNCTIONS: Mapping[str, tuple[Fit, Evaluate, Explain]] = {
    "zones_kmeans": (fit_with(kmeans), evaluate_with(kmeans, seed_agreement), explain_with(kmeans)),
    "zones_dbscan": (fit_with(dbscan), evaluate_with(dbscan), explain_with(dbscan)),
    "zones_hdbscan": (
        fit_with(hdbscan),
        evaluate_with(hdbscan, grid_agreement),
        explain_with(hdbscan),
    ),
    "zones_hierarchical": (fit_with(ward), evaluate_with(ward), explain_with(ward)),
    "zones_foot": places_kind(FOOT),
    "zones_car": places_kind(CAR),
    **{
        name: (partial(fit_forecast, unit=unit), evaluate_forecast, explain_forecast)
        for name, unit in zip(FORECASTS, (UnitKind.CELL, UnitKind.BLOCK), strict=True)
    },
    "demand_forecast": (fit_demand, evaluate_demand_model, explain_demand),
    "temporal_kmeans": (fit_temporal, evaluate_temporal, explain_temporal),
    "patterns_pca": (fit_pca, evaluate_patterns, explain_patterns),
    "patterns_umap": (fit_umap, evaluate_patterns, explain_patterns),
    "patterns_tsne": (fit_tsne, evaluate_patterns, explain_patterns),
    "patterns_offense_profile": (fit_offense_profile, evaluate_patterns, explain_patterns),
}
KINDS: dict[str, ModelKind] = {
    entry.name: ModelKind(
        entry.name,
        entry.title,
        *_FUNCTIONS[entry.name],
        entry.defaults,
        propose_zones if entry.name in PROPOSED else None,
    )
    for entry in CATALOG.values()
}


def kinds_of(names: Sequence[str], target: str = ALL) -> list[ModelKind]:
    """Kinds by name, for one target; all of them if `names` is empty.

    Raises
    ------
    InputError
        A model does not exist.
    """
    for name in names:
        if name not in KINDS:
            raise InputError(f"Model not found: {name!r}. Models: {', '.join(KINDS)}.")
    pairs = {pair_name(name, target): KINDS[name] for name in (names or KINDS)}
    return [replace(kind, name=name, title=model_title(name)) for name, kind in pairs.items()]
