"""Results stored for a made-up town, whose counts are of all of its incidents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.artifacts.bundle import Bundle, set_champion, version_folder, write_bundle
from analytics.artifacts.champion_checks import ChampionCheck, write_check
from analytics.artifacts.index import write_index
from analytics.artifacts.metric import Metric
from analytics.incidents.projection import local_xy
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.champion_labels import staged_labels
from analytics.patrol.demand import LeftOutDemand
from analytics.patrol.plan_content import (
    PlanContent,
    PlannedArea,
    PlannedUnit,
    PlannedVisit,
    UnitStep,
)
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.patrol.stored_plans import StoredPlans
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.profile_table import SCHEMA
from tests.integration.scoped_town import TownRow

ZONES, FORECAST = "zones_kmeans", "hotspot_forecast"
MIDDLES = ((41.828, -87.683), (41.848, -87.683), (41.868, -87.683), (41.99, -87.5))
"""Places of the zones: a district each, and one far away."""
FAR = MIDDLES[-1]
DAY = date(2024, 7, 1)
SIZE_M = 500
Fitted = tuple[dict[str, Any], dict[str, pl.DataFrame], dict[str, Any] | None]
"""Rule, tables and outlines of a bundle."""


def store_results(settings: Settings, rows: Sequence[TownRow]) -> None:
    """Store zones and a forecast in use, a check, and two plans."""
    warehouse = Warehouse(settings.home)
    snapshot = warehouse.current()
    assert snapshot
    zones = _store(settings, snapshot, ZONES, _zones(snapshot, rows))
    _store(settings, snapshot, FORECAST, _forecast(snapshot, rows))
    with warehouse.lock(), staged_labels(warehouse, snapshot, [zones], settings) as publish:
        publish()
    write_index(settings.home, {}, [_row(one, snapshot, rows) for one in (ZONES, FORECAST)])
    write_check(settings.home, _check(rows))
    with closing(State(settings)) as state:
        plans = StoredPlans(state, settings)
        for per in ("district", "beat"):
            request = PlanRequest(DAY, "Evening", 3, 1, PatrolRules(), per=per)
            plans.add(request, _plan(rows, per), snapshot.id, f"By {per}")


def _store(settings: Settings, snapshot: Snapshot, name: str, fitted: Fitted) -> Bundle:
    rule, tables, outlines = fitted
    fields = {
        "name": name, "run_id": "r", "snapshot": snapshot.id, "selection": "",
        "source": snapshot.manifest.source.name, "crs_local": snapshot.manifest.crs_local,
        "code_version": "1", "trained": "2024-07-01T00:00:00+00:00", "person": "a",
        "parameters": {"forecaster": "kde_tuned", "nominee": "kde_tuned", "weight": "incidents",
                       "forecast_from": str(DAY)},
        "rule": rule, "metrics": {}, "version": 1,
    }  # fmt: skip
    bundle = write_bundle(version_folder(settings.home, name, 1), fields, tables, outlines)
    set_champion(settings.home, bundle)
    return bundle


def _places(rows: Sequence[TownRow]) -> list[tuple[float, float]]:
    return [(row.lat or 0.0, row.lon or 0.0) for row in rows]


def _zone_of(row: TownRow) -> int:
    apart = [abs(lat - (row.lat or 0)) + abs(lon - (row.lon or 0)) for lat, lon in MIDDLES]
    return int(np.argmin(apart))


def _zones(snapshot: Snapshot, rows: Sequence[TownRow]) -> Fitted:
    crs = snapshot.manifest.crs_local
    counts = Counter(map(_zone_of, rows))
    places = _places(rows)
    xy = local_xy(places, crs)
    labels = pl.DataFrame(places, schema=["lat", "lon"], orient="row").with_columns(
        x_m=xy[:, 0], y_m=xy[:, 1], label=pl.Series([_zone_of(row) for row in rows], dtype=pl.Int64)
    )
    profiles = pl.DataFrame(
        [
            {"label": zone, "name": f"Zone {zone} of {counts[zone]}", "trend_now": counts[zone],
             "density_ratio": float(counts[zone]), "harm": counts[zone], "types": [],
             "trend": "not_significant"}
            for zone in range(len(MIDDLES))
        ],
        schema=SCHEMA,
    )  # fmt: skip
    zones = profiles.with_columns(
        pl.Series("lat", [lat for lat, _ in MIDDLES]),
        pl.Series("lon", [lon for _, lon in MIDDLES]),
        pl.Series("incidents", [counts[zone] for zone in range(len(MIDDLES))], dtype=pl.Int64),
        km2=pl.lit(2.0),
        street_km=pl.lit(None, pl.Float64),
    )
    lifts = pl.DataFrame(
        {"zone": list(counts), "dimension": "type", "value": "THEFT", "share": 0.5,
         "incidents": list(counts.values()), "city_share": 0.5, "lift": 1.0, "low": 0.9,
         "high": 1.1}
    )  # fmt: skip
    features = [
        {
            "type": "Feature",
            "properties": {"id": str(zone), "incidents": counts[zone]},
            "geometry": {"type": "Polygon", "coordinates": [_square(lat, lon)]},
        }
        for zone, (lat, lon) in enumerate(MIDDLES)
    ]
    rule = {"kind": "nearest_center", "centers": local_xy(MIDDLES, crs).tolist()}
    tables = {"labels": labels.unique(["lat", "lon"]), "zones": zones, "lifts": lifts}
    return rule, tables, {"type": "FeatureCollection", "features": features}


def _square(lat: float, lon: float) -> list[list[float]]:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return [[lon + 0.017 * east, lat + 0.009 * north] for east, north in corners]


def _forecast(snapshot: Snapshot, rows: Sequence[TownRow]) -> Fitted:
    """Expected incidents that are the same whatever happened, tested on what happened."""
    xy = local_xy(_places(rows), snapshot.manifest.crs_local)
    low = np.floor(xy.min(axis=0) / SIZE_M).astype(int)
    cells = pl.DataFrame(
        [
            {"cell": f"{SIZE_M}:{low[0] + east}_{low[1] + north}", "col": int(low[0] + east),
             "row": int(low[1] + north), "expected": 0.01234567 * (1 + east + north)}
            for east in range(4)
            for north in range(16)
        ]
    )  # fmt: skip
    cutoffs = [DAY - timedelta(days=7 * week) for week in range(1, 13)]
    tested = pl.concat(
        cells.select(pl.lit(cutoff).alias("cutoff"), "col", "row", "expected").with_columns(
            incidents=pl.lit(len(rows) % 7, pl.Int32)
        )
        for cutoff in cutoffs
    )
    folds = pl.DataFrame(
        {"forecaster": "kde_tuned", "area_share": 0.01, "cutoff": cutoffs, "end": cutoffs,
         "flagged_share": 0.01, "caught": 1.0, "incidents": float(len(rows))}
    )  # fmt: skip
    explained = pl.DataFrame(
        {"relation": ["in_use"], "d2": [0.12], "folds": [12], "first": [cutoffs[-1]],
         "last": [cutoffs[0]], "horizon_days": [7], "incidents": [len(rows)]}
    )  # fmt: skip
    rule = {"kind": "forecast", "unit": "cell", "size_m": SIZE_M, "days": 7, "whole": 64.0}
    return rule, {"forecast": cells, "tested": tested, "folds": folds, "explained": explained}, None


def _row(name: str, snapshot: Snapshot, rows: Sequence[TownRow]) -> dict[str, Any]:
    metrics = (Metric("pai", 2.5, 2.0, 3.0), Metric("incidents", len(rows)),
               Metric("test_incidents", len(rows)))  # fmt: skip
    return {
        "name": name, "version": 1, "run_id": "r", "created": "2024-07-01T10:00:00+00:00",
        "champion": True, "snapshot": snapshot.id, "selection": "", "code_version": "1",
        "person": "a", "parameters": {}, "verdicts": [], "refused": [],
        "metrics": {metric.name: asdict(metric) for metric in metrics},
    }  # fmt: skip


def _check(rows: Sequence[TownRow]) -> ChampionCheck:
    week = {"who": "champion", "first": "2024-06-24", "last": "2024-06-30",
            "incidents": float(len(rows)), "caught": 2.0, "hit_rate": 0.2, "low": 0.1,
            "high": 0.3, "pai": 2.0, "pai_low": 1.0, "pai_high": 3.0}  # fmt: skip
    total = {"weeks": 1, "incidents": float(len(rows)), "pai": [2.0], "baseline_pai": [1.5],
             "gain": [0.5]}  # fmt: skip
    return ChampionCheck(
        FORECAST, 1, "s", "2024-07-01T00:00:00+00:00", "a", "2024-06-24", "2024-06-30",
        "counts_all", 0.01, (week,), total, (2.5, 2.0, 3.0),
    )  # fmt: skip


def _plan(rows: Sequence[TownRow], per: str) -> PlanContent:
    """A unit in each area, whose stop counts the incidents of its district."""
    counts = Counter(row.district for row in rows)
    units = []
    for district in (1, 2, 3):
        first = next(row for row in rows if row.district == district and 14 <= row.when.hour < 22)
        area = f"{district:03d}" if per == "district" else f"{district:02d}11"
        visit = PlannedVisit(
            f"STOP {district}", "18:20", 12, 0.2, *_places([first])[0], counts[district], 20
        )
        units.append(PlannedUnit(district, area, (visit,)))
    areas = tuple(PlannedArea(unit.area, 1, 0.2, 0.25, 1.5) for unit in units)
    return PlanContent(
        tuple(units),
        areas,
        tuple(UnitStep(unit.area, 0.2) for unit in units),
        None,
        (LeftOutDemand("Found by officers", len(rows)),),
        "hotspot_forecast_street@1",
        "distance",
        "busiest place",
        0.5,
        shift_start="14:00",
        shift_minutes=480,
    )
