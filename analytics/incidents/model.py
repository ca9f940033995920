"""The incident model, into which every agency's file is converted."""

from __future__ import annotations

from analytics.errors import InputError

SCHEMA_VERSION = 2
MERGEABLE_SCHEMAS = frozenset({1, SCHEMA_VERSION})
"""Schemas with these base columns and refused rows: an ingest keeps both and derives the rest."""
UNKNOWN = "unknown"

# Fields to which a source maps its columns, with their DuckDB types.
BASE_COLUMNS: dict[str, str] = {
    "id": "VARCHAR",
    "case_number": "VARCHAR",
    "occurred_from": "TIMESTAMP",
    "occurred_to": "TIMESTAMP",
    "reported": "TIMESTAMP",
    "type": "VARCHAR",
    "description": "VARCHAR",
    "code": "VARCHAR",
    "fbi_code": "VARCHAR",
    "location_type": "VARCHAR",
    "block": "VARCHAR",
    "arrest": "BOOLEAN",
    "domestic": "BOOLEAN",
    "beat": "VARCHAR",
    "district": "VARCHAR",
    "ward": "VARCHAR",
    "area": "VARCHAR",
    "lat": "DOUBLE",
    "lon": "DOUBLE",
    "updated": "TIMESTAMP",
}

# Columns derived from the base columns, the tables in data/ and the agency's settings.
DERIVED_COLUMNS: dict[str, str] = {
    "offense_id": "INTEGER",  # row of `offenses`
    "point_id": "INTEGER",  # row of `points`; null if the place is unknown
    "group": "VARCHAR",  # group of the headline scheme; each incident has one
    "hour": "TINYINT",  # 0-23 of occurred_from; null if the source has no hours
    "weekday": "TINYINT",  # 1 = Monday … 7 = Sunday, of operational_day
    "shift": "VARCHAR",
    "operational_day": "DATE",  # calendar day unless PATROLIQ_DAY_START says otherwise
    "month": "VARCHAR",  # YYYY-MM of operational_day
    "season": "VARCHAR",  # Winter (Dec-Feb), Spring, Summer, Autumn
    "heaped_time": "BOOLEAN",
    "proactive": "BOOLEAN",
    "default_address": "BOOLEAN",
    "harm_days": "INTEGER",  # null if the code has no offense class
    "x_m": "DOUBLE",
    "y_m": "DOUBLE",
}

AREA_LEVELS = ("district", "beat", "ward", "area")


def require_area_level(level: str) -> None:
    """Raise an InputError unless there is such a level of areas."""
    if level not in AREA_LEVELS:
        known = ", ".join(AREA_LEVELS)
        raise InputError(f"{level[:60]!r} is not a valid area level; choose one of {known}.")


ATTRIBUTE_PREFIX = "attr_"
MAX_ATTRIBUTES = 20
ATTRIBUTE_TYPES = {"category": "VARCHAR", "number": "DOUBLE", "text": "VARCHAR"}
