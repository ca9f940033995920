"""Short names of the methods that make zones."""

from __future__ import annotations

from analytics.artifacts.catalog import is_of_places

SHORT_TITLES = {
    "zones_foot": "Foot places",
    "zones_car": "Car places",
    "zones_dbscan": "DBSCAN",
    "zones_hdbscan": "HDBSCAN",
    "zones_kmeans": "K-means",
    "zones_hierarchical": "Ward",
}
"""What zones are called, by model."""


def zones_title(model: str) -> str:
    """What the zones of a model are called: `DBSCAN zones`, `Foot places`."""
    short = SHORT_TITLES.get(model, model)
    return short if is_of_places(model) else f"{short} zones"
