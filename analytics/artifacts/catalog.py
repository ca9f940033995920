"""Catalog of models: names, titles and parameters, without scikit-learn or MLflow.

What is registered, promoted and stored is a model for a target. The two have one name: that of the
model for all incidents, `zones_kmeans.robbery` for another target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelEntry:
    """One model. A parameter has the type of its default."""

    name: str
    title: str
    defaults: Mapping[str, Any] = field(default_factory=dict)


ALL = "all"
"""Target of models of all incidents."""
DENSE_SHARE = 0.1
CATALOG: dict[str, ModelEntry] = {
    entry.name: entry
    for entry in (
        ModelEntry(
            "zones_kmeans",
            "K-means patrol zones",
            {"k": 12, "mini_batch": 0, "weight": "incidents", "bootstraps": 10},
        ),
        ModelEntry(
            "zones_dbscan",
            "DBSCAN hot spots",
            {
                "eps_m": 100.0,
                "dense_share": DENSE_SHARE,
                "min_samples": 0.0,
                "weight": "incidents",
                "bootstraps": 10,
            },
        ),
        ModelEntry(
            "zones_hdbscan",
            "HDBSCAN hot spots",
            {
                "zone_share": 0.005,
                "core_share": 0.001,
                "select": "leaf",
                "reach_m": 100.0,
                "weight": "incidents",
                "bootstraps": 5,
            },
        ),
        ModelEntry(
            "zones_hierarchical",
            "Hierarchical zones (Ward)",
            {"zones": 25, "cell_m": 250, "weight": "incidents", "bootstraps": 10},
        ),
        ModelEntry(
            "zones_foot",
            "Foot patrol places",
            {"places": 20, "per": "city", "weight": "incidents", "bootstraps": 10},
        ),
        ModelEntry(
            "zones_car",
            "Car patrol places",
            {"places": 20, "per": "city", "weight": "incidents", "bootstraps": 10},
        ),
        ModelEntry(
            "hotspot_forecast",
            "Hot-spot forecast (cells)",
            {"horizon_days": 7, "cell_m": 250, "folds": 26, "forecaster": ""},
        ),
        ModelEntry(
            "hotspot_forecast_street",
            "Hot-spot forecast (street blocks)",
            {"horizon_days": 7, "cell_m": 100, "folds": 26, "forecaster": ""},
        ),
        ModelEntry(
            "demand_forecast",
            "Demand forecast (areas and shifts)",
            {"level": "district", "horizon_days": 28, "folds": 26, "method": "seasonal_level"},
        ),
        ModelEntry(
            "temporal_kmeans",
            "Temporal profiles (K-means)",
            {"k": 0, "cell_m": 500, "fewest": 50, "bootstraps": 8},
        ),
        ModelEntry(
            "patterns_pca",
            "PCA of incidents",
            {"sample": 20_000, "permutations": 40},
        ),
        ModelEntry(
            "patterns_umap",
            "UMAP embedding",
            {"sample": 20_000, "neighbors": 30, "min_dist": 0.1},
        ),
        ModelEntry(
            "patterns_tsne",
            "t-SNE embedding",
            {"sample": 20_000, "perplexity": 30.0},
        ),
        ModelEntry("patterns_offense_profile", "Offense profiles (latent classes)", {"classes": 0}),
    )
}
PLACES = ("zones_foot", "zones_car")
"""Models of patrol-sized places, largest last."""
FORECASTS = ("hotspot_forecast", "hotspot_forecast_street")
"""Models of expected incidents: by cell, and by block of street or small cell."""
DEMAND = "demand_forecast"
"""Model of counts by area, shift and day."""
EXPLAINED = frozenset(
    {
        "zones_kmeans",
        "zones_dbscan",
        "zones_hdbscan",
        "zones_hierarchical",
        *PLACES,
        *FORECASTS,
    }
)
"""Models whose versions the Explain page shows; the others have their own pages."""
PROPOSED: dict[str, tuple[str, ...]] = {
    "zones_kmeans": ("k",),
    "zones_dbscan": ("eps_m", "min_samples"),
    "zones_hierarchical": ("zones",),
}
"""Parameters that are proposed from the incidents when a selection is trained, as their defaults
are meant for a whole city. Those of HDBSCAN are shares, which scale with the incidents."""
PARAMETER_CHOICES = {
    "mini_batch": {"0": "K-means", "1": "Mini-batch K-means"},
    "weight": {"incidents": "Incidents", "harm": "Harm"},
    "per": {"city": "Whole city", "district": "Each district"},
    "level": {"district": "Districts", "beat": "Beats", "ward": "Wards", "area": "Areas"},
    "method": {
        "seasonal_level": "Level, weekdays and season",
        "lightgbm": "Boosted trees (LightGBM)",
        "lstm": "Recurrent network (LSTM)",
    },
}
"""Parameters with a fixed list of values, value → words."""
PARAMETER_WORDS = {
    "k": "Number of zones",
    "zones": "Number of zones",
    "places": "Number of places",
    "per": "Chosen in",
    "mini_batch": "Algorithm",
    "weight": "Weight",
    "bootstraps": "Bootstrap samples",
    "eps_m": "Neighborhood radius (eps)",
    "dense_share": "Share of incidents in dense places",
    "min_samples": "Incidents within the radius (min_samples; 0: by share)",
    "zone_share": "Minimum share of incidents in a zone",
    "core_share": "Share of incidents around a place that makes it dense",
    "select": "Cluster selection: leaf (smallest) or eom (excess of mass)",
    "reach_m": "Zone margin around its places",
    "cell_m": "Cell size",
    "horizon_days": "Forecast horizon, days",
    "folds": "Test forecasts",
    "forecaster": "Forecaster (empty: choose by evaluation)",
    "level": "Areas",
    "method": "Method",
    "fewest": "Minimum incidents per place",
    "sample": "Training sample size (the rest are projected)",
    "permutations": "Permutations (parallel analysis)",
    "neighbors": "Number of neighbors",
    "min_dist": "Minimum distance in the embedding, 0 to 1",
    "perplexity": "Number of neighbors",
    "classes": "Number of classes (0: choose automatically by stability)",
}


def pair_name(model: str, target: str = ALL) -> str:
    """Name of a model for a target: `zones_kmeans` for all incidents, `zones_kmeans.robbery`."""
    return model if target == ALL else f"{model}.{target}"


def model_of(name: str) -> str:
    """Model of a pair: `zones_kmeans` of `zones_kmeans.robbery`."""
    return name.partition(".")[0]


def target_of(name: str) -> str:
    """Target of a pair: `robbery` of `zones_kmeans.robbery`, `all` of `zones_kmeans`."""
    return name.partition(".")[2] or ALL


def is_known(name: str) -> bool:
    """Whether this version of PatrolIQ has the model of a pair."""
    return model_of(name) in CATALOG


def is_of_places(name: str | None) -> bool:
    """Whether a pair's model is one of patrol-sized places."""
    return name is not None and model_of(name) in PLACES


def model_title(name: str) -> str:
    """`K-means patrol zones` or `K-means patrol zones of robbery`.

    The name itself of a model that this version does not have.
    """
    if not is_known(name):
        return name
    title, target = CATALOG[model_of(name)].title, target_of(name)
    return title if target == ALL else f"{title} of {target.replace('_', ' ')}"


def version_title(model: str, version: int | str) -> str:
    """`K-means patrol zones, version 3`."""
    return f"{model_title(model)}, version {version}"
