"""The table of routes: all that the API answers, and all that its description says."""

from __future__ import annotations

from analytics.access.programs import ProgramPermission
from analytics.artifacts.catalog import FORECASTS
from analytics.crossfilter.dimensions import DIMENSIONS, STORED
from api.v1 import incident_rows, view_counts
from api.v1.api_route import ApiParameter, ApiRoute, Schema
from api.v1.schemas import (
    ABOUT_PLAN,
    ALERT,
    COUNT,
    FEATURE,
    FLAG,
    FORECAST,
    INCIDENT,
    MODEL,
    NUMBER,
    PLAN,
    RECEIPT,
    TEXT,
    TEXT_OR_NULL,
    UNIT,
    VIEW,
    ZONE,
    answered,
    listed,
)

FILTERS = (
    *(
        ApiParameter(
            one.name,
            f"Filter on {one.label.lower()}; see docs/selection.md.",
            TEXT,
            is_filter=True,
            example=one.example.partition("=")[2],
        )
        for one in DIMENSIONS.values()
    ),
    ApiParameter(
        STORED, "Hash of a stored selection, in place of other filters.", TEXT, is_filter=True
    ),
    ApiParameter(
        "attributes",
        "Filters on the agency's further attributes, each by its own name.",
        {"type": "object", "maxProperties": 20, "additionalProperties": TEXT},
        is_filter=True,
    ),
)
"""The query of Explore."""
STATES = ["new", "acknowledged", "in_work", "closed", "all"]
"""Of alerts; here as text, since their module needs the database."""
LINES: Schema = {
    "type": "string",
    "minLength": 1,
    "description": "JSON lines: an object with the source's columns in each, or "
    '`{"id": …, "deleted": true}`. Any media type is taken.',
}
ROUTES = (
    ApiRoute(
        "/incidents",
        "incident_rows",
        ProgramPermission.READ_INCIDENTS,
        "The selected incidents in pages, in the order of storage.",
        answered(
            True,
            incidents={**COUNT, "description": "Number of selected incidents."},
            rows=listed(INCIDENT),
            next_cursor={
                **TEXT_OR_NULL,
                "description": "Of the next page, with the same filters; null after the last one.",
            },
            cut_off={
                **FLAG,
                "description": "Whether there are more than the reader may take in one go.",
            },
        ),
        (
            *FILTERS,
            ApiParameter(
                "limit",
                "Incidents of a page.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": incident_rows.MOST,
                    "default": incident_rows.USUAL,
                },
            ),
            ApiParameter(
                "cursor",
                "Where the page begins: `next_cursor` of the one before, whose snapshot answers.",
                TEXT,
            ),
            ApiParameter(
                "columns",
                "Names of columns, separated by commas; all of the CSV export by default.",
                TEXT,
                example="id,occurred_from,type,lat,lon",
            ),
        ),
    ),
    ApiRoute(
        "/aggregates",
        "view_counts",
        ProgramPermission.READ_AGGREGATES,
        "Counts of one or more views, as the charts of Explore show them.",
        answered(True, incidents=COUNT, views=listed(VIEW)),
        (
            *FILTERS,
            ApiParameter(
                "view",
                "Names as `patroliq query --view` takes them; may be repeated.",
                {
                    "type": "array",
                    "items": TEXT,
                    "minItems": 1,
                    "maxItems": view_counts.MOST_VIEWS,
                    "default": ["total"],
                },
                example=["type", "hour_weekday"],
            ),
        ),
    ),
    ApiRoute(
        "/zones",
        "zone_rows",
        ProgramPermission.READ_ZONES,
        "Zones of a model with counts of the selection, expected counts and outlines.",
        answered(True, **MODEL, trained=TEXT, zones=listed(ZONE)),
        (
            *FILTERS,
            ApiParameter("model", "A model of zones; by default the page's.", TEXT),
            ApiParameter("rank", "What the zones are ranked by.", TEXT),
            ApiParameter("top", "At most so many zones.", NUMBER),
        ),
    ),
    ApiRoute(
        "/forecasts",
        "forecast_rows",
        ProgramPermission.READ_FORECASTS,
        "Expected counts by cell or block, most expected per size first.",
        answered(True, **MODEL, forecast=FORECAST, units=listed(UNIT)),
        (
            *FILTERS,
            ApiParameter(
                "forecast", "By cell or by block.", {"type": "string", "enum": [*FORECASTS]}
            ),
            ApiParameter("hours", "A part of the day that the forecast has.", TEXT),
        ),
    ),
    ApiRoute(
        "/plans",
        "plan_rows",
        ProgramPermission.READ_PLANS,
        "The newest version of each patrol plan, in short.",
        answered(False, plans=listed(PLAN)),
        (
            ApiParameter(
                "limit",
                "Plans of the answer.",
                {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
            ),
        ),
    ),
    ApiRoute(
        "/plans/{plan}",
        "one_plan",
        ProgramPermission.READ_PLANS,
        "Stops and routes of one plan, with why each stop is there.",
        answered(False, model=TEXT, plan=ABOUT_PLAN, features=listed(FEATURE)),
        (
            ApiParameter("plan", "Its number.", NUMBER, in_path=True),
            ApiParameter("version", "By default the newest.", NUMBER),
            ApiParameter("unit", "Only this unit.", NUMBER),
        ),
    ),
    ApiRoute(
        "/alerts",
        "alert_rows",
        ProgramPermission.READ_ALERTS,
        "What watch lists fired on; without `state`, what is not closed.",
        answered(False, alerts=listed(ALERT)),
        (
            ApiParameter("state", "Only of this state, or `all`.", {**TEXT, "enum": STATES}),
            ApiParameter("list", "Only of this watch list.", NUMBER),
        ),
    ),
    ApiRoute(
        "/incidents",
        "sent_incidents",
        ProgramPermission.WRITE_INCIDENTS,
        "Send incidents, or deletions of incidents; see docs/sync.md.",
        RECEIPT,
        method="POST",
        status=202,
        body=LINES,
        body_type="text/plain",
    ),
    ApiRoute(
        "/calls",
        "sent_calls",
        ProgramPermission.WRITE_CALLS,
        "Send calls for service, or deletions of calls; see docs/sync.md.",
        RECEIPT,
        method="POST",
        status=202,
        body=LINES,
        body_type="text/plain",
    ),
)
