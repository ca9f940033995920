"""Synthetic calls for service of the demo city, at the places and hours of its incidents.

Types, priorities, waits and times on calls are invented; they show what the figures look like, not
how any agency works.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS, DEMO
from analytics.sources.source import Source
from analytics.statistics.arrays import Floats
from sql import load

DAYS = 182
CALLS_PER_INCIDENT = 3.0  # of the same days
ON_VIEW, CANCELED, DUPLICATE, TWO_UNITS = 0.25, 0.06, 0.02, 0.3


@dataclass(frozen=True)
class CallType:
    """A type of call: its share, priority, and medians in minutes."""

    name: str
    share: float
    priority: str
    queue: float
    travel: float
    service: float


TYPES = (
    CallType("DISTURBANCE", 0.20, "2", 9, 8, 32),
    CallType("TRAFFIC STOP", 0.14, "3", 4, 3, 14),
    CallType("WELFARE CHECK", 0.11, "2", 12, 9, 34),
    CallType("ALARM", 0.10, "3", 14, 9, 16),
    CallType("THEFT REPORT", 0.10, "3", 38, 12, 46),
    CallType("SUSPICIOUS PERSON", 0.10, "2", 10, 8, 20),
    CallType("CRASH", 0.08, "2", 6, 8, 52),
    CallType("NOISE", 0.07, "4", 45, 11, 12),
    CallType("DOMESTIC", 0.06, "1", 2.5, 6, 58),
    CallType("SHOTS FIRED", 0.02, "1", 1.5, 5, 40),
    CallType("ROBBERY IN PROGRESS", 0.02, "1", 1.5, 5, 70),
)
SPREAD = 0.7  # standard deviation of the logarithm of each step


def add_demo_calls(settings: Settings, seed: int, until: date) -> int:
    """Draw and ingest calls of the last half year of the demo city; returns how many.

    An agency's calls are left alone.
    """
    held = Warehouse(settings.home / CALLS.home).mergeable()
    snapshot = Warehouse(settings.home).current()
    if snapshot is None or (held is not None and not held.manifest.source.synthetic):
        return 0
    reader = SnapshotReader(snapshot, settings)
    try:
        first = until - timedelta(days=DAYS - 1)
        places = reader.frame(load("demo/call_places"), {"first": first, "last": until})
    finally:
        reader.close()
    rows = draw_calls(places, until, np.random.default_rng(seed))
    with TemporaryDirectory(prefix="patroliq-demo-") as folder:
        path = Path(folder) / "demo_calls.parquet"
        rows.write_parquet(path)
        report = ingest([path], Source.load(DEMO, CALLS), settings, replace=True)
    return report.accepted


def draw_calls(
    places: pl.DataFrame,
    until: date,
    rng: np.random.Generator,
    calls_per_incident: float = CALLS_PER_INCIDENT,
) -> pl.DataFrame:
    """Calls in the layout of `data/sources/calls/demo.toml`.

    Parameters
    ----------
    places : frame with moment, district, beat, lat and lon, such as of incidents
    until : the last day
    """
    count = int(calls_per_incident * places.height)
    chosen = places[rng.integers(0, max(1, places.height), count if places.height else 0)]
    kind = rng.choice(len(TYPES), chosen.height, p=[one.share for one in TYPES])
    received = chosen["moment"].to_numpy().astype("datetime64[s]")
    received = received + rng.integers(-5_400, 5_400, chosen.height).astype("timedelta64[s]")
    on_view = rng.random(chosen.height) < ON_VIEW
    steps = {
        name: _seconds(np.array([getattr(one, name) for one in TYPES])[kind], rng)
        for name in ("queue", "travel", "service")
    }
    dispatched = received + np.where(on_view, 0, steps["queue"]).astype("timedelta64[s]")
    arrived = dispatched + np.where(on_view, 0, steps["travel"]).astype("timedelta64[s]")
    cleared = arrived + steps["service"].astype("timedelta64[s]")
    drawn = rng.random(chosen.height)
    result = np.select(
        [drawn < CANCELED, drawn < CANCELED + DUPLICATE], ["CANCELED", "DUPLICATE"], "HANDLED"
    )
    result = np.where(on_view, "HANDLED", result)
    as_of = np.datetime64(datetime.combine(until + timedelta(days=1), time()), "s")
    frame = pl.DataFrame(
        {
            "received": received.astype("datetime64[ms]"),
            "dispatched": dispatched.astype("datetime64[ms]"),
            "on_scene": arrived.astype("datetime64[ms]"),
            "cleared": cleared.astype("datetime64[ms]"),
            "type": np.array([one.name for one in TYPES])[kind],
            "priority": np.array([one.priority for one in TYPES])[kind],
            "result": result,
            "units": np.where(rng.random(chosen.height) < TWO_UNITS, 2, 1),
            "source": np.where(on_view, "officer", "caller"),
        }
    ).hstack(chosen.select("district", "beat", "lat", "lon"))
    return _as_of(frame, as_of.astype(datetime))


def _seconds(medians: Floats, rng: np.random.Generator) -> Floats:
    return np.rint(60 * medians * np.exp(SPREAD * rng.standard_normal(len(medians))))


def _as_of(calls: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """The calls as known at a moment: later ones and later times have not happened yet.

    A canceled or duplicate call has no arrival.
    """
    handled = pl.col("result") == "HANDLED"
    known = calls.filter(pl.col("received") < moment).with_columns(
        pl.when(handled).then(pl.col("on_scene")).alias("on_scene"),
        pl.when(handled).then(pl.col("cleared")).otherwise(pl.col("dispatched")).alias("cleared"),
    )
    late = known.with_columns(
        pl.when(pl.col(name) < moment).then(pl.col(name)).alias(name)
        for name in ("dispatched", "on_scene", "cleared")
    ).with_columns(updated=pl.coalesce("cleared", pl.lit(moment)))
    return late.sort("received").with_row_index("number").with_columns(
        pl.format("D{}", pl.col("number")).alias("id")
    ).drop("number")  # fmt: skip
