"""Names of the models, what they are and what can be set: read without scikit-learn or MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One model; the type of a parameter is that of its default."""

    name: str
    title: str
    defaults: Mapping[str, Any] = field(default_factory=dict)


DENSE_SHARE = 0.1
CATALOGUE: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "zones_kmeans",
            "Patrol zones of compact shape (K-means)",
            {"k": 12, "mini_batch": 0, "weight": "incidents", "bootstraps": 10},
        ),
        Entry(
            "zones_dbscan",
            "Dense places (DBSCAN)",
            {
                "eps_m": 100.0,
                "dense_share": DENSE_SHARE,
                "min_samples": 0.0,
                "weight": "incidents",
                "bootstraps": 10,
            },
        ),
        Entry(
            "zones_hdbscan",
            "Dense places, each at its own density (HDBSCAN)",
            {
                "zone_share": 0.005,
                "core_share": 0.001,
                "select": "leaf",
                "reach_m": 100.0,
                "weight": "incidents",
                "bootstraps": 5,
            },
        ),
        Entry(
            "zones_hierarchical",
            "Nested zones of cells (Ward)",
            {"zones": 25, "cell_m": 250, "weight": "incidents", "bootstraps": 10},
        ),
        Entry(
            "hotspot_forecast",
            "Incidents of the next days by cell",
            {"horizon_days": 7, "cell_m": 250, "folds": 26, "forecaster": ""},
        ),
        Entry(
            "temporal_kmeans",
            "Places that share a rhythm of the week (K-means)",
            {"k": 0, "cell_m": 500, "fewest": 50, "bootstraps": 8},
        ),
        Entry(
            "patterns_pca",
            "What tells incidents apart (principal components)",
            {"sample": 20_000, "permutations": 40},
        ),
        Entry(
            "patterns_umap",
            "Map of incidents alike (UMAP)",
            {"sample": 20_000, "neighbours": 30, "min_dist": 0.1},
        ),
        Entry(
            "patterns_tsne",
            "Map of incidents alike (t-SNE)",
            {"sample": 20_000, "perplexity": 30.0},
        ),
        Entry("patterns_behaviour", "Behaviour: what, where and when go together", {"classes": 0}),
    )
}
EXPLAINED = frozenset(
    {"zones_kmeans", "zones_dbscan", "zones_hdbscan", "zones_hierarchical", "hotspot_forecast"}
)
"""Models whose versions the Explain page shows; the others have pages of their own."""
PROPOSED: dict[str, tuple[str, ...]] = {
    "zones_kmeans": ("k",),
    "zones_dbscan": ("eps_m", "min_samples"),
    "zones_hierarchical": ("zones",),
}
"""Parameters that are read from the incidents where a selection is fitted: their defaults suit a
whole city. Those of HDBSCAN are shares, and grow with the incidents by themselves."""
PARAMETER_WORDS = {
    "k": "Number of zones",
    "zones": "Number of zones",
    "mini_batch": "Learn from batches of places (1) or from all at once (0)",
    "weight": "Weight: incidents or harm",
    "bootstraps": "Times the incidents are drawn again",
    "eps_m": "Reach of a place, metres",
    "dense_share": "Share of incidents in dense places",
    "min_samples": "Incidents within reach (0: by share)",
    "zone_share": "Share of incidents a zone has at least",
    "core_share": "Share of incidents that make a place dense",
    "select": "Zones: the smallest (leaf) or those with most mass (eom)",
    "reach_m": "Reach of a zone beyond its places, metres",
    "cell_m": "Side of a cell, metres",
    "horizon_days": "Days ahead",
    "folds": "Past forecasts to judge by",
    "forecaster": "Forecaster (empty: the best)",
    "fewest": "Incidents a place must have",
    "sample": "Incidents fitted, the others are placed",
    "permutations": "Permutations that say what noise gives",
    "neighbours": "Incidents that count as near",
    "min_dist": "How close incidents may be drawn, 0 to 1",
    "perplexity": "Incidents that count as near",
    "classes": "Number of classes (0: as many as come out again)",
}
