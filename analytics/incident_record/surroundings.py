"""What happened around an incident, in space and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from analytics.crossfilter.clauses import Near, Period, Words
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.services import Pinned
from sql import load

WITHIN_M = 300
WITHIN_DAYS = 14
MOST = 1_000
"""Most incidents listed."""


@dataclass(frozen=True)
class AroundIncident:
    """Incidents within `WITHIN_M` and `WITHIN_DAYS` of one.

    Attributes
    ----------
    selection
        Selects exactly these incidents and the one itself.
    others
        How many there are besides it.
    rows
        Up to `MOST` of them, nearest in days first: id, occurred_from, type, description,
        location_type, block, point_id, lat, lon, days (after it) and distance_m.
    """

    selection: Selection
    others: int
    rows: pl.DataFrame


@dataclass(frozen=True)
class SameBlock:
    """All incidents on the incident's block, itself among them; `selection` selects them."""

    selection: Selection
    incidents: int


def same_block(pinned: Pinned, values: Mapping[str, Any]) -> SameBlock | None:
    """All incidents on an incident's block; None if that is unknown."""
    if not values["block"]:
        return None
    chosen = EMPTY.replace("block", Words((values["block"],)))
    return SameBlock(chosen, _count(pinned, chosen))


def surroundings(pinned: Pinned, values: Mapping[str, Any]) -> AroundIncident | None:
    """What happened around an incident; None if its place or its day is unknown."""
    day: date | None = values["operational_day"]
    if day is None or values["x_m"] is None:
        return None
    around = timedelta(days=WITHIN_DAYS)
    chosen = EMPTY.replace("near", Near(values["lat"], values["lon"], WITHIN_M)).replace(
        "date", Period(day - around, day + around)
    )
    where = conditions_of(pinned.reader).where(EVERYTHING, chosen)
    own = {"id": values["id"], "day": day, "x": values["x_m"], "y": values["y_m"], "rows": MOST}
    statement = load("incident_record/surroundings", conditions=where.sql)
    rows = pinned.reader.frame(statement, own | where.params)
    return AroundIncident(chosen, _count(pinned, chosen) - 1, rows)


def _count(pinned: Pinned, selection: Selection) -> int:
    total = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    return int(total["incidents"].sum())
