"""Incidents of the snapshot as series compare them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.incidents.reader import SnapshotReader
from sql import load

WIDEST_HOURS = 6
"""An incident that may have happened over more hours has no known one."""
OF_PLACE_AND_DEED = ("description", "location_type")
"""Base columns that say where and how something was done."""


def fields_of(manifest: Manifest) -> tuple[str, ...]:
    """Columns that say how something was done: base columns, and the source's categories."""
    own = (ATTRIBUTE_PREFIX + one.name for one in manifest.attributes if one.kind == "category")
    return (*OF_PLACE_AND_DEED, *own)


def kind_incidents(
    reader: SnapshotReader, selection: Selection, first: date, last: date
) -> pl.DataFrame:
    """Incidents of a kind between two days that have a place, by day."""
    where = incidents_where(reader, EVERYTHING, selection)
    statement = load("series/incidents", conditions=where.sql, fields=_columns(reader))
    bound = {"first": first, "last": last, "widest_h": WIDEST_HOURS, **where.params}
    return reader.frame(statement, bound)


def member_incidents(reader: SnapshotReader, ids: Collection[str]) -> pl.DataFrame:
    """Incidents of a list of ids that have a point and a day, by day and time."""
    statement = load("series/members", fields=_columns(reader))
    return reader.frame(statement, {"ids": sorted(ids), "widest_h": WIDEST_HOURS})


def _columns(reader: SnapshotReader) -> str:
    return ", ".join(f'"{name}"' for name in fields_of(reader.snapshot.manifest))
