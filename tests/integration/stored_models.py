"""Stored model versions as the pages about models read them, and how tests ask those pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from dash.development.base_component import Component

from analytics.artifacts.bundle import set_champion, version_folder, write_bundle
from analytics.artifacts.catalog import FORECASTS
from analytics.artifacts.champion_checks import ChampionCheck
from analytics.artifacts.index import write_index
from analytics.artifacts.metric import Metric
from analytics.crossfilter.nights import DayClock
from analytics.forecasting.hour_bands import BandKind, bands_of
from analytics.services import Services
from analytics.state import State
from analytics.training.explain_lifts import SCHEMA as LIFTS
from analytics.training.explain_silhouettes import SCHEMA as SILHOUETTES
from analytics.training.surrogate import FIDELITY, RULES
from analytics.zones.street_blocks import street_blocks
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Job, Queue

NAME = "zones_kmeans"
PAI = Metric("pai", 2.5, 2.0, 3.0)
METRICS = {
    1: {"pai": PAI, "stability": Metric("stability", 0.9, 0.8, 1.0),
        "largest_zone_share": Metric("largest_zone_share", 0.2),
        "pai_baseline": Metric("pai_baseline", 3.0, 2.5, 3.5)},
    2: {"pai": PAI, "stability": Metric("stability", 0.9, 0.8, 1.0),
        "largest_zone_share": Metric("largest_zone_share", 0.9)},
}  # fmt: skip
CHECK = ChampionCheck(
    NAME, 1, "s", "2026-03-20T00:00:00+00:00", "analyst", "2026-03-02", "2026-03-15",
    "counts in cells", 0.1,
    tuple(
        {"who": who, "first": f"2026-03-{day:02d}", "last": f"2026-03-{day + 6:02d}",
         "incidents": 50.0, "caught": 10.0, "hit_rate": 0.2, "low": 0.1, "high": 0.3,
         "pai": pai, "pai_low": pai - 1, "pai_high": pai + 1}
        for day in (2, 9) for who, pai in (("champion", 2.25), ("baseline", 1.75))
    ),
    {"weeks": 2, "incidents": 100.0, "pai": [2.25], "baseline_pai": [1.75], "gain": [0.5]},
    (2.5, 2.0, 3.0),
)  # fmt: skip


def version(number: int) -> dict[str, Any]:
    return {
        "name": NAME, "version": number, "run_id": f"r{number}",
        "created": f"2026-03-0{number}T10:00:00+00:00", "champion": number == 1,
        "snapshot": "20260301", "selection": "", "code_version": "1", "person": "analyst",
        "parameters": {"k": str(10 * number), "weight": "incidents", "bootstraps": "10"},
        "metrics": {name: asdict(metric) for name, metric in METRICS[number].items()},
        "verdicts": [], "refused": [],
    }  # fmt: skip


TABLES = {
    "zones": pl.DataFrame({"label": [0, 1], "name": ["Mill St", ""]}),
    "lifts": pl.DataFrame(
        [(1, "type", "THEFT", 40, 0.4, 0.2, 2.0, 1.5, 2.5),
         (1, "type", "ARSON", 3, 0.03, 0.01, 3.0, 0.0, 9.0),
         (1, "hour", "7", 12, 0.1, 0.1, 1.0, 0.8, 1.2),
         (0, "type", "ROBBERY", 30, 0.3, 0.1, 3.0, 2.5, 3.5)],
        schema=LIFTS, orient="row",
    ),
    "rules": pl.DataFrame(
        [(1, [{"feature": "east_km", "low": 1.0, "high": None}], 0, 0.9, 100, 4)],
        schema=RULES, orient="row",
    ),
    "fidelity": pl.DataFrame(
        [("zone", 0.63, 0.57, 0.68, 0.16, 100, 4, 250, 5, 3)], schema=FIDELITY, orient="row"
    ),
    "silhouettes": pl.DataFrame([(0, 0.4, 0.3, 0.5, 0.02, 60)], schema=SILHOUETTES, orient="row"),
    "stability_zones": pl.DataFrame(
        {"zone": [0, 1], "jaccard": [0.9, 0.4], "low": [0.8, 0.2], "high": [1.0, 0.6],
         "bootstraps": [10, 10]}
    ),
    "stability_cells": pl.DataFrame(
        {"col": [1, 2], "row": [5, 5], "cell_m": [250, 250], "zone": [0, 1],
         "incidents": [30.0, 10.0], "stays": [0.95, 0.4]}
    ),
}  # fmt: skip
FORECAST_TABLES = {
    "explained": pl.DataFrame(
        {"relation": ["It is the forecaster in use."], "d2": [0.12], "folds": [9],
         "first": [date(2026, 1, 1)], "last": [date(2026, 2, 28)], "horizon_days": [7]}
    ),
    "importance": pl.DataFrame(
        [("group", "All crime together", "All crime together", 0.1, 0.05, 0.15, 10),
         ("feature", "type THEFT, 365 days, cell", "Other types of crime", 0.02, 0.01, 0.03, 10)],
        schema=["kind", "name", "group", "importance", "low", "high", "repeats"], orient="row",
    ),
    "dependence": pl.DataFrame(
        {"feature": ["28 days, within 500 m"] * 2, "value": [0.0, 4.0], "expected": [0.1, 0.3],
         "low": [0.05, 0.25], "high": [0.15, 0.35]}
    ),
}  # fmt: skip


def store_models(home: Path) -> None:
    """Two versions of zones, the first champion, and a forecast."""
    facts = {
        "run_id": "r", "snapshot": "20260301", "selection": "", "source": "test",
        "crs_local": "EPSG:32616", "code_version": "1", "trained": "2026-03-01T10:00:00+00:00",
        "person": "analyst", "parameters": {}, "rule": {"kind": "nearest_center"},
        "metrics": {}, "version": 1,
    }  # fmt: skip
    bundle = write_bundle(version_folder(home, NAME, 1), {**facts, "name": NAME}, TABLES, None)
    set_champion(home, bundle)
    forecast = {**facts, "name": "hotspot_forecast"}
    write_bundle(version_folder(home, "hotspot_forecast", 1), forecast, FORECAST_TABLES, None)
    rows = [version(2), version(1), {**version(1), "name": "hotspot_forecast", "champion": False}]
    write_index(home, {}, rows)


def store_street_forecast(services: Services) -> None:
    """A forecast of all blocks of the served city, in use: random, with bands and shifts."""
    pinned = services.pin()
    assert pinned
    blocks = street_blocks(pinned.reader)
    assert blocks
    dice, number = np.random.default_rng(2), len(blocks)
    table = blocks.frame.select(
        "block", "x_m", "y_m", (pl.col("length_m") / 1000).alias("km"), "dx", "dy"
    ).with_columns(
        pl.Series("expected", dice.gamma(0.5, 0.1, number)),
        pl.Series("band", dice.dirichlet(np.ones(6), number).astype(np.float32)),
        pl.Series("shift", dice.dirichlet(np.ones(3), number).astype(np.float32)),
    )
    clock = DayClock.of(pinned.snapshot.manifest)
    rule = {
        "kind": "forecast", "unit": "block", "size_m": 100, "days": 7, "overdispersion": 0.3,
        "whole": 900.0, "splits": {kind.value: bands_of(kind, clock).as_json for kind in BandKind},
    }  # fmt: skip
    last, name = pinned.snapshot.manifest.last_day, FORECASTS[1]
    assert last
    parameters = {"forecaster": "ensemble", "nominee": "ensemble",
                  "forecast_from": str(last + timedelta(days=1))}  # fmt: skip
    fields = {
        "run_id": "r", "snapshot": pinned.id, "selection": "", "source": "test", "name": name,
        "crs_local": pinned.snapshot.manifest.crs_local, "code_version": "1", "metrics": {},
        "trained": "2026-03-01T10:00:00+00:00", "person": "analyst", "version": 1,
        "parameters": parameters, "rule": rule,
    }  # fmt: skip
    home = services.settings.home
    tables = {"forecast": table}
    set_champion(home, write_bundle(version_folder(home, name, 1), fields, tables, None))


def ask(services: Services, path: str = "/models", **gesture: Any) -> dict[str, Any]:
    page = page_at(path)
    assert page
    snapshot = None if gesture["action"] == "open" else services.warehouse.current_id()
    return respond_to(services, page, {"n": 1, **gesture}, SelectionState(snapshot=snapshot))


def opened(
    services: Services, path: str = "/models", text: str = "", **page: str
) -> dict[str, Any]:
    return ask(services, path, action="open", text=text, page=page)


def act(services: Services, name: str, **values: str) -> dict[str, Any]:
    return ask(services, action="act", name=name, values=values)


def jobs(services: Services) -> list[Job]:
    with closing(State(services.settings)) as state:
        return Queue(state).latest()


def parts(children: Any) -> Iterator[Component]:
    """All components of a page's output, in order."""
    if isinstance(children, list | tuple):
        for child in children:
            yield from parts(child)
    elif isinstance(children, Component):
        yield children
        yield from parts(getattr(children, "children", None))


def words(children: Any) -> str:
    return " ".join(_texts(children))


def _texts(children: Any) -> Iterator[str]:
    if isinstance(children, str | int | float):
        yield str(children)
    elif isinstance(children, list | tuple):
        for child in children:
            yield from _texts(child)
    elif isinstance(children, Component):
        yield from _texts(getattr(children, "children", None))
