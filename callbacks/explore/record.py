"""The answer of an incident's panel: its record, and the places around it for the small map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.errors import InputError, NotAllowedError
from analytics.incident_record.record import IncidentRecord, find_record
from analytics.incident_record.source_row import RowLack
from analytics.incident_record.surroundings import AroundIncident
from callbacks.explore.map import base_state, outlines_url
from callbacks.explore.map_points import point_feature
from callbacks.explore.options import ExploreOptions
from callbacks.frame.notes import notes_about
from callbacks.frame.question import Question
from callbacks.frame.selection_shapes import drawn_shapes
from components.explore.record import record_around, record_facts, record_title
from components.frame.notes import ShownNote
from components.frame.states import trouble
from components.frame.variables import MEASURES

OPENED = "record.opened"
CLOSED: dict[str, Any] = {"incident": ""}
"""State of a panel that shows nothing."""


def record_answer(question: Question, options: ExploreOptions) -> dict[str, Any]:
    """Outputs of the panel; without an incident in the options, it is closed."""
    if not options.incident:
        return {"record_state": CLOSED}
    try:
        current_reader().require(Permission.RECORDS)
        record: IncidentRecord = question.results.get_or_compute(
            ("incident", options.incident),
            lambda: find_record(question.services, question.pinned, options.incident),
        )
    except (InputError, NotAllowedError) as error:
        note(OPENED, options.incident, "refused", snapshot=question.pinned.id)
        return {
            "record_title": "Incident not shown",
            "record_facts": trouble(question.services.for_readers(error)),
            "record_around": [],
            "record_state": {"incident": options.incident},
        }
    note(OPENED, record.id, snapshot=record.snapshot)
    around = record.surroundings
    state = _map_state(question, options, record, around) if around else {}
    return {
        "record_title": record_title(record),
        "record_facts": record_facts(
            record, question.manifest, question.names, _notes(question, record)
        ),
        "record_around": record_around(around),
        "record_state": {"incident": options.incident, **state},
    }


def _notes(question: Question, record: IncidentRecord) -> Sequence[ShownNote]:
    """What people wrote about an incident.

    Who may not see its exact place sees her own notes alone: others may say where it was.
    """
    own = record.source_row is RowLack.WITHHELD
    return notes_about(question, "incident", [record.id], own=own).get(record.id, ())


def _map_state(
    question: Question, options: ExploreOptions, record: IncidentRecord, around: AroundIncident
) -> dict[str, Any]:
    """State of the small map: places with the incidents around, the incident's own one chosen."""
    lat, lon = record.values["lat"], record.values["lon"]
    own = pl.DataFrame({"lat": [lat], "lon": [lon], "incidents": [1]})
    near = around.rows.group_by("lat", "lon").agg(pl.len().cast(pl.Int64).alias("incidents"))
    places = pl.concat([near, own]).group_by("lat", "lon").agg(pl.col("incidents").sum())
    features = [
        point_feature(_place_id(north, east), north, east, incidents)
        for north, east, incidents in places.sort("lat", "lon").iter_rows()
    ]
    return {
        **base_state(question.pinned, options, around.selection, ""),
        "layer": "points",
        "selected": [_place_id(lat, lon)],
        "unit": MEASURES["incidents"].many,
        "percent": False,
        "points": {"type": "FeatureCollection", "features": features},
        "sizedBy": 1,
        "outlinesUrl": outlines_url(question.pinned, options),
        "shapes": drawn_shapes(around.selection, question.manifest.crs_local),
    }


def _place_id(lat: float, lon: float) -> str:
    return f"place-{lat}-{lon}"
