"""One incident's record as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.errors import InputError, UnavailableError
from analytics.formula_free import formula_free
from analytics.incident_record.record import IncidentRecord, find_record
from analytics.incident_record.source_row import SourceRow
from analytics.services import Services

HEAD = ("part", "field", "value", "note")


def register(server: Flask, services: Services) -> None:
    @server.get("/export/incident.json")
    @needs(Permission.RECORDS)
    def incident_json() -> Response:
        """The whole record; `id` names the incident."""
        record = _record(services)
        body = json.dumps(record_document(record), ensure_ascii=False, indent=1, default=_text)
        return _file(record, body, "application/json", "json")

    @server.get("/export/incident.csv")
    @needs(Permission.RECORDS)
    def incident_csv() -> Response:
        """The same, one line for each value: its part of the record, field, value and note."""
        record = _record(services)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows([formula_free(_text(cell)) for cell in row] for row in record_rows(record))
        return _file(record, text.getvalue(), "text/csv", "csv")


def _record(services: Services) -> IncidentRecord:
    pinned = services.pin()
    if pinned is None:
        raise UnavailableError("No data yet; run `patroliq ingest` or `patroliq demo`.")
    incident = request.args.get("id", "")
    if not incident:
        raise InputError("Name an incident, such as /export/incident.json?id=10224738.")
    return find_record(services, pinned, incident)


def record_document(record: IncidentRecord) -> dict[str, Any]:
    """The record as JSON; why there is no source row is a word in its place."""
    row, around = record.source_row, record.surroundings
    return {
        "id": record.id,
        "snapshot": record.snapshot,
        "exported": datetime.now(UTC).isoformat(timespec="seconds"),
        "values": dict(record.values),
        "meaning": asdict(record.meaning),
        "flags": [asdict(flag) for flag in record.flags],
        "source_row": asdict(row) if isinstance(row, SourceRow) else {"lack": str(row)},
        "versions": asdict(record.versions),
        "surroundings": None
        if around is None
        else {
            "selection": around.selection.text,
            "others": around.others,
            "incidents": around.rows.to_dicts(),
        },
        "block": None
        if record.block is None
        else {"selection": record.block.selection.text, "incidents": record.block.incidents},
    }


def record_rows(record: IncidentRecord) -> Iterator[tuple[str, str, Any, Any]]:
    """Part, field, value and note of everything in the record."""
    yield "record", "snapshot", record.snapshot, ""
    for field, value in record.values.items():
        yield "incident", field, value, ""
    yield "meaning", "offense_class", record.meaning.offense_class, ""
    for scheme, groups in record.meaning.groups.items():
        yield "meaning", f"group:{scheme}", "; ".join(groups), ""
    reading = record.meaning.reading
    for field, value in asdict(reading).items() if reading else ():
        yield "meaning", f"code:{field}", value, ""
    for flag in record.flags:
        yield "flag", flag.kind, flag.day, flag.reason
    row = record.source_row
    if isinstance(row, SourceRow):
        where = f"{row.file}:{row.line}"
        for column, text in row.values.items():
            yield "source row", column, text, where
    else:
        yield "source row", "", "", str(row)
    for change in record.versions.changes:
        for one in change.fields:
            note = f"{_text(one.before)} before {change.at}"
            yield "earlier version", one.column, one.after, note
    around = record.surroundings
    for near in around.rows.iter_rows(named=True) if around else ():
        note = f"{near['distance_m']:.0f} m, {near['days']} days"
        what = ": ".join(word for word in (near["type"], near["description"]) if word)
        yield "nearby incident", near["id"], what, note


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _file(record: IncidentRecord, body: str, content_type: str, ending: str) -> Response:
    response = Response(body, content_type=f"{content_type}; charset=utf-8")
    name = "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in record.id)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="patroliq-incident-{name}-{record.snapshot}.{ending}"'
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-PatrolIQ-Snapshot"] = record.snapshot
    return response
