"""Schemas of what the API answers, as JSON Schema (2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.incidents.model import BASE_COLUMNS
from api.v1.api_route import Schema

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NUMBER_OR_NULL: Schema = {"type": ["number", "null"]}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
GEOMETRY: Schema = {
    "type": ["object", "null"],
    "description": "A geometry of GeoJSON, in degrees of WGS 84.",
    "properties": {"type": TEXT, "coordinates": {"type": "array"}},
    "required": ["type", "coordinates"],
}
ERROR: Schema = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {**TEXT, "description": "Which kind of error, for programs."},
                "message": {**TEXT, "description": "What is wrong and what to do, for people."},
            },
            "required": ["code", "message"],
            "additionalProperties": False,
        }
    },
    "required": ["error"],
    "additionalProperties": False,
}
_OF_TYPES: Mapping[str, Schema] = {
    "VARCHAR": TEXT_OR_NULL,
    "BOOLEAN": {"type": ["boolean", "null"]},
    "DOUBLE": NUMBER_OR_NULL,
    "TIMESTAMP": {
        "type": ["string", "null"],
        "description": "In the agency's local time, as 2026-01-31T14:05:00.",
    },
}


def listed(item: Schema) -> dict[str, Any]:
    """A list of items."""
    return {"type": "array", "items": item}


def item(required: Mapping[str, Schema], **more: Any) -> dict[str, Any]:
    """An object that has these members, and others too unless said otherwise."""
    return {"type": "object", "properties": dict(required), "required": [*required], **more}


def answered(of_selection: bool, **members: Schema) -> dict[str, Any]:
    """An answer: what it has besides its snapshot and, where it is of one, its selection."""
    about: dict[str, Schema] = {
        "snapshot": {**TEXT, "description": "Id of the data that answered."},
        "synthetic": {**FLAG, "description": "Whether the data is made up, such as the demo's."},
    }
    if of_selection:
        about["selection"] = {
            **TEXT,
            "description": "The filters in canonical form; empty for every incident.",
        }
    return item({**about, **members}, additionalProperties=False)


INCIDENT: Schema = {
    "type": "object",
    "description": "An incident as the CSV export has it, with the agency's further attributes.",
    "properties": {name: _OF_TYPES[kind] for name, kind in BASE_COLUMNS.items()},
}
VIEW: Schema = item(
    {
        "view": {**TEXT, "description": "The name that asked for it."},
        "rows": listed(
            item(
                {
                    "incidents": {
                        **COUNT,
                        "description": "What the view counts: a filter on its own dimension is "
                        "left out, as in the charts of Explore.",
                    },
                    "selected": {**COUNT, "description": "How many pass every filter."},
                }
            )
        ),
        "note": {**TEXT, "description": "Which filters `incidents` leaves out; empty for none."},
    },
    additionalProperties=False,
)
MODEL: Mapping[str, Schema] = {
    "model": {**TEXT, "description": "Name of the model, with its target."},
    "version": {"type": "integer", "description": "Version of the model."},
}
COUNT_OR_NULL: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "description": "Null where it is withheld.",
}
ZONE: Schema = item(
    {
        "rank": NUMBER,
        "zone": {**TEXT, "description": "The filter that selects it."},
        "name": TEXT,
        "incidents": COUNT_OR_NULL,
        "selected": COUNT_OR_NULL,
        "expected": NUMBER_OR_NULL,
        "expected_low": NUMBER_OR_NULL,
        "expected_high": NUMBER_OR_NULL,
        "geometry": GEOMETRY,
    }
)
FORECAST: Schema = item(
    {
        "unit": {**TEXT, "enum": ["cell", "block"]},
        "first": {**TEXT, "format": "date"},
        "days": NUMBER,
        "hours": TEXT,
        "forecaster": TEXT,
        "of": {**TEXT, "description": "Which incidents it is of."},
    },
    additionalProperties=False,
)
UNIT: Schema = item({"expected": NUMBER_OR_NULL, "geometry": GEOMETRY})
PLAN: Schema = item(
    {
        "plan": NUMBER,
        "version": NUMBER,
        "at": {**TEXT, "format": "date-time"},
        "person": TEXT,
        "reason": TEXT,
        "day": {**TEXT, "format": "date"},
        "shift": TEXT,
        "units": NUMBER,
        "target": TEXT,
        "model": TEXT,
        "snapshot": {**TEXT, "description": "Id of the data that it was made from."},
    },
    additionalProperties=False,
)
ABOUT_PLAN: Schema = item(
    {
        "plan": NUMBER,
        "version": NUMBER,
        "date": {**TEXT, "format": "date"},
        "shift": TEXT,
        "timezone": TEXT,
        "snapshot": {**TEXT, "description": "Id of the data that it was made from."},
        "notes": {**listed(TEXT), "description": "What the reader does not see of it."},
        "warning": TEXT,
    }
)
FEATURE: Schema = item(
    {"type": {"const": "Feature"}, "properties": {"type": "object"}, "geometry": GEOMETRY},
    additionalProperties=False,
)
ALERT: Schema = item(
    {
        "id": NUMBER,
        "watch_list": NUMBER,
        "watch_list_name": TEXT,
        "rule": TEXT,
        "state": TEXT,
        "headline": TEXT,
        "why": TEXT,
        "created": {**TEXT, "format": "date-time"},
        "updated": {**TEXT, "format": "date-time"},
        "first": {**TEXT, "format": "date"},
        "last": {**TEXT, "format": "date"},
        "count": COUNT,
        "expected": NUMBER_OR_NULL,
        "selection": TEXT,
        "snapshot": {**TEXT, "description": "Id of the data of its last check."},
    }
)
RECEIPT: Schema = item(
    {
        "accepted": {**COUNT, "description": "Records and deletions that will be loaded."},
        "quarantined": {**COUNT, "description": "Lines that are kept, but not loaded."},
        "repeated": {**COUNT, "description": "Of `accepted`, those of a repeated request."},
        "reasons": listed(item({"line": NUMBER, "reason": TEXT})),
        "received": {**TEXT, "description": "Id of the request, which the audit log has."},
        "source": TEXT,
    },
    additionalProperties=False,
)
