"""The models there are, by name. A further one is a line more in this table, and its gates."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.errors import InputError
from analytics.models.fitted import ModelKind
from analytics.models.forecast import evaluate_forecast, fit_forecast
from analytics.models.zone_evaluation import evaluate_with
from analytics.models.zones import dbscan, fit_with, kmeans, ward

KINDS: dict[str, ModelKind] = {
    kind.name: kind
    for kind in (
        ModelKind(
            "zones_kmeans",
            "Patrol zones of compact shape (K-means)",
            fit_with(kmeans),
            evaluate_with(kmeans),
            {"k": 12, "weight": "incidents", "bootstraps": 10},
        ),
        ModelKind(
            "zones_dbscan",
            "Dense places (DBSCAN)",
            fit_with(dbscan),
            evaluate_with(dbscan),
            {
                "eps_m": 100.0,
                "dense_share": 0.1,
                "min_samples": 0.0,
                "weight": "incidents",
                "bootstraps": 10,
            },
        ),
        ModelKind(
            "zones_hierarchical",
            "Nested zones of cells (Ward)",
            fit_with(ward),
            evaluate_with(ward),
            {"zones": 25, "cell_m": 250, "weight": "incidents", "bootstraps": 10},
        ),
        ModelKind(
            "hotspot_forecast",
            "Incidents of the next days by cell",
            fit_forecast,
            evaluate_forecast,
            {"horizon_days": 7, "cell_m": 250, "folds": 26, "forecaster": ""},
        ),
    )
}


def kinds_of(names: Sequence[str]) -> list[ModelKind]:
    """Kinds by name; all of them without a name.

    Raises
    ------
    InputError
        There is no such model.
    """
    for name in names:
        if name not in KINDS:
            raise InputError(f"There is no model {name!r}; there are {', '.join(KINDS)}.")
    return [KINDS[name] for name in (names or KINDS)]
