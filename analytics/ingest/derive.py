"""Derive from merged incidents: places in meters, offenses, groups, harm and parts of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import polars as pl

from analytics.incidents.default_places import read_default_places
from analytics.incidents.manifest import Lack
from analytics.incidents.model import BASE_COLUMNS
from analytics.incidents.projection import to_meters, utm_zone
from analytics.incidents.reference import (
    HEADLINE,
    Offense,
    Tables,
    address_key,
    load_tables,
)
from analytics.ingest.capitals import NOT_USED
from analytics.ingest.coverage import Coverage, coverage, detected_precision
from analytics.ingest.report import Note, NoteKind
from analytics.ingest.tables import first_row
from analytics.settings import Settings
from analytics.sources.source import Source
from sql import load

PRECISIONS = ("minute", "day", "month")

# Name → column whose missing values are counted; `place` is a point, `harm` an offense class.
COUNTED = {
    **{
        name: name
        for name in BASE_COLUMNS
        if name not in ("id", "lat", "lon", "occurred_from", "updated")
    },
    "hour": "hour",
    "proactive": "proactive",
    "default_address": "default_address",
    "place": "point_id",
    "harm": "harm_days",
}

# Dimension → dimensions that are missing with it.
FOLLOWERS = {
    "place": ("cell", "polygon", "near", "custom_area"),
    "hour": ("hour_weekday", "shift", "heaped"),
}

OFFENSE_SCHEMA: dict[str, Any] = {
    "offense_id": pl.Int32,
    "code": pl.String,
    "fbi_code": pl.String,
    "type": pl.String,
    "description": pl.String,
    "group": pl.String,
    "offense_class": pl.String,
    "harm_days": pl.Int32,
    "proactive": pl.Boolean,
}


@dataclass(frozen=True)
class Derived:
    """Values for the manifest. Counts are incidents."""

    incidents: int
    first: date | None
    last: date | None
    unknown: dict[str, int]
    without_harm: tuple[dict[str, Any], ...]
    views_off: dict[str, str]
    tables: dict[str, str]
    precision: str
    precision_detected: bool
    coverage: Coverage | None

    def date_fields(self) -> dict[str, Any]:
        """Fields of the manifest for precision and coverage."""
        covered = self.coverage
        return {
            "precision": self.precision,
            "precision_detected": self.precision_detected,
            "covered_from": covered.first.isoformat() if covered else None,
            "covered_to": covered.last.isoformat() if covered else None,
            "outside_covered": covered.outside if covered else 0,
        }

    def date_notes(self) -> list[Note]:
        """Notes on dates that are stray, or coarser than the source says."""
        notes = []
        if self.precision_detected:
            notes.append(Note(NoteKind.COARSE_DATES, self.precision))
        covered = self.coverage
        if covered and covered.outside:
            before = covered.first.isoformat() if self.first != covered.first else ""
            after = covered.last.isoformat() if self.last != covered.last else ""
            notes.append(
                Note(NoteKind.STRAY_DATES, count=covered.outside, before=before, after=after)
            )
        return notes


def derive(
    connection: duckdb.DuckDBPyConnection, source: Source, settings: Settings, crs_local: str
) -> Derived:
    """Create tables `incidents`, `points`, `offenses` and `offense_groups` from table `merged`.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has `merged`: BASE_COLUMNS, a column `attr_<name>` per further attribute, `row_hash`.
    source : Source
        Says which reference tables apply, which times are defaults and what is missing.
    settings : Settings
        `day_start`, `shifts` and `tables`.
    crs_local : str
        Coordinate system of x_m and y_m, such as EPSG:32616.

    Raises
    ------
    InputError
        A reference table is wrong, or a place is absurdly far from the others.
    """
    tables = load_tables(source.tables, settings.own_tables)
    keys = connection.sql(load("derive/offense_keys")).pl()
    offenses, groups = read_offenses(keys, tables)
    create(connection, "offenses", "offense_rows", offenses)
    create(connection, "offense_groups", "offense_group_rows", groups)
    _make_points(connection, crs_local)
    precision, detected = stated_precision(connection, source)
    make_incidents(connection, source, settings, tables, precision)
    return summary(connection, "", source, tables, (precision, detected))


def summary(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    source: Source,
    tables: Tables,
    precision: tuple[str, bool],
) -> Derived:
    """Values for the manifest of tables `incidents` and `offenses`.

    `database` is where they are, such as `amended.`; `precision` that of dates, and whether it was
    detected.
    """
    table = f"{database}incidents"
    totals = column_totals(connection, COUNTED, table)
    unknown = {name: totals[name] for name in COUNTED}
    return Derived(
        incidents=totals["incidents"],
        first=totals["first"],
        last=totals["last"],
        unknown={name: count for name, count in unknown.items() if count},
        without_harm=_without_harm(connection, database) if tables.class_days else (),
        views_off=_views_off(source, tables, unknown, totals["incidents"], precision[0]),
        tables=dict(tables.checksums),
        precision=precision[0],
        precision_detected=precision[1],
        coverage=coverage(connection, table),
    )


def create(
    connection: duckdb.DuckDBPyConnection, statement: str, name: str, frame: pl.DataFrame
) -> None:
    """Make a table by a statement of sql/derive, which reads a frame by name."""
    connection.register(name, frame.to_arrow())
    try:
        connection.execute(load(f"derive/{statement}"))
    finally:
        connection.unregister(name)


def read_offenses(
    keys: pl.DataFrame, tables: Tables, first: int = 0
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How an agency's tables read offenses (code, fbi_code, type, description, incidents).

    Returns rows of `OFFENSE_SCHEMA`, in the same order and numbered from `first` on, and their
    groups in every scheme: offense_id, scheme, group.
    """
    rows, lines = [], []
    for offense_id, (*words, _) in enumerate(keys.iter_rows(), first):
        offense = Offense(*words)
        schemes = tables.groups.of(offense)
        reading = tables.codes.get(offense.code) if offense.code else None
        offense_class = reading.offense_class if reading else None
        rows.append(
            (
                offense_id,
                *words,
                schemes[HEADLINE][0],
                offense_class,
                tables.harm_days(offense_class),
                reading.proactive if reading else None,
            )
        )
        lines += [
            (offense_id, scheme, group) for scheme, groups in schemes.items() for group in groups
        ]
    schema = {"offense_id": pl.Int32, "scheme": pl.String, "group": pl.String}
    return (
        pl.DataFrame(rows, schema=OFFENSE_SCHEMA, orient="row"),
        pl.DataFrame(lines, schema=schema, orient="row"),
    )


def _make_points(connection: duckdb.DuckDBPyConnection, crs_local: str) -> None:
    places = connection.sql(load("derive/places")).pl()
    create(connection, "points", "point_rows", numbered_points(places, 0, crs_local))


def numbered_points(places: pl.DataFrame, first: int, crs_local: str) -> pl.DataFrame:
    """Places (lat, lon, incidents) with `point_id` from `first` on, and local meters."""
    x_m, y_m = to_meters(places["lat"].to_numpy(), places["lon"].to_numpy(), crs_local)
    return places.with_columns(
        pl.Series("point_id", np.arange(first, first + len(places), dtype=np.int32)),
        pl.Series("x_m", x_m, dtype=pl.Float64),
        pl.Series("y_m", y_m, dtype=pl.Float64),
    )


def local_crs(connection: duckdb.DuckDBPyConnection, source: Source) -> str:
    """The UTM zone of the source's bounds, else of table `merged`."""
    bounds = source.coordinates.bounds
    if bounds:
        west, south, east, north = bounds
        return utm_zone((south + north) / 2, (west + east) / 2)
    lat, lon = first_row(connection, "median_place")
    return utm_zone(lat or 0.0, lon or 0.0)


def stated_precision(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, bool]:
    """The coarser of the stated and the detected precision; whether it differs from the stated."""
    found = detected_precision(connection, source.kind.moment)
    chosen = max(source.precision, found, key=PRECISIONS.index)
    return chosen, chosen != source.precision


def make_incidents(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    settings: Settings,
    tables: Tables,
    precision: str,
    *,
    other_types: str = NOT_USED,
) -> None:
    """Create table `incidents` from `merged`, `offenses` and `points`.

    `other_types` is a query of location types (`text`) that incidents beside `merged` have.
    """
    statement = load("derive/location_types", others=other_types)
    names = [row[0] for row in connection.execute(statement).fetchall()]
    readings = {name: tables.default_addresses.get(address_key(name)) for name in names}
    defaults = [name for name, reading in readings.items() if reading and reading.default]
    frame = pl.DataFrame({"location_type": defaults}, schema={"location_type": pl.String})
    connection.register("default_types", frame.to_arrow())
    places = _default_places(settings)
    connection.register("default_places", places.to_arrow())
    attributes = "".join(f'dated."{attribute.column}",\n    ' for attribute in source.attributes)
    base = ",\n    ".join(f"dated.{name}" for name in BASE_COLUMNS)
    try:
        connection.execute(
            load("derive/incidents", base=base, attributes=attributes),
            {
                "day_start_s": day_start_s(settings),
                "has_hours": precision == "minute" and "hour" not in source.missing,
                "has_days": precision != "month",
                "has_addresses": (bool(tables.default_addresses) and bool(names))
                or not places.is_empty(),
                "shifts": shift_by_hour(settings.shifts),
                "heaped": [int(text[:2]) * 60 + int(text[3:5]) for text in source.heaped_times],
            },
        )
    finally:
        connection.unregister("default_types")
        connection.unregister("default_places")


def _default_places(settings: Settings) -> pl.DataFrame:
    """Accepted places: lat, lon and location_type in capitals, or null for all; each once."""
    rows = [
        (place.lat, place.lon, kind)
        for place in read_default_places(settings.home)
        if place.accepted
        for kind in place.location_types or (None,)
    ]
    schema = {"lat": pl.Float64, "lon": pl.Float64, "location_type": pl.String}
    places = pl.DataFrame(rows, schema=schema, orient="row")
    return places.with_columns(pl.col("location_type").str.to_uppercase()).unique()


def day_start_s(settings: Settings) -> int:
    """Seconds from midnight to the start of the operational day."""
    start = settings.day_start
    return start.hour * 3600 + start.minute * 60 + start.second


def shift_by_hour(shifts: tuple[tuple[str, int, int], ...]) -> list[str]:
    """Name of the shift of each of the 24 hours."""
    names = [""] * 24
    for name, start, end in shifts:
        for step in range((end - start) % 24 or 24):
            names[(start + step) % 24] = name
    return names


def column_totals(
    connection: duckdb.DuckDBPyConnection, counted: Mapping[str, str], table: str
) -> dict[str, Any]:
    """Records of a table, their first and last day, and the missing values of columns by name."""
    counts = ",\n    ".join(
        f'count(*) - count("{column}") AS "{name}"' for name, column in counted.items()
    )
    statement = load("derive/totals", counts=counts, table=table)
    return connection.sql(statement).pl().row(0, named=True)


def _without_harm(
    connection: duckdb.DuckDBPyConnection, database: str
) -> tuple[dict[str, Any], ...]:
    """Codes without an offense class, most incidents first."""
    counted = connection.sql(load("derive/offense_counts", database=database)).pl()
    joined = counted.filter(pl.col("offense_class").is_null())
    listed = (
        joined.sort("incidents", descending=True)
        .group_by("code", maintain_order=True)
        .agg(pl.first("type"), pl.first("description"), pl.sum("incidents"))
        .sort("incidents", "code", descending=[True, False], nulls_last=True)
    )
    return tuple(listed.to_dicts())


def _views_off(
    source: Source, tables: Tables, unknown: Mapping[str, int], incidents: int, precision: str
) -> dict[str, str]:
    """Why the source lacks a dimension: a `Lack`, or the source's own sentence."""
    off: dict[str, str] = {
        name: Lack.NO_VALUES for name in COUNTED if incidents and unknown[name] == incidents
    }
    if precision == "day":
        off["hour"] = Lack.DAY_ONLY
    if precision == "month":
        off["hour"] = Lack.MONTH_ONLY
        off["weekday"] = off["day"] = source.missing.get("hour", off["hour"])
    if not tables.groups.schemes:
        off["group"] = Lack.NO_GROUPS
    if not tables.class_days:
        off["harm"] = Lack.NO_HARM_WEIGHTS
    if not source.heaped_times:
        off.setdefault("heaped", Lack.NO_DEFAULT_TIMES)
    off.update(source.missing)
    return followed(off)


def followed(off: dict[str, str]) -> dict[str, str]:
    """Dimensions that are missing, with those that are missing with them."""
    for name, followers in FOLLOWERS.items():
        if name in off:
            off.update(dict.fromkeys(followers, off[name]))
    return off
