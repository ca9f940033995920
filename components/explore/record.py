"""The panel of one incident: its record, and a small map of what happened around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import (
    day_time,
    distance_text,
    hour_name,
    moment,
    number,
    short_date,
    weekday_name,
)
from analytics.incident_record.flags import FlagKind, IncidentFlag
from analytics.incident_record.meaning import CodeMeaning
from analytics.incident_record.record import IncidentRecord
from analytics.incident_record.source_row import RowLack, SourceRow
from analytics.incident_record.surroundings import WITHIN_DAYS, WITHIN_M, AroundIncident
from analytics.incident_record.versions import Versions
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.settings import Settings
from components.explore.fields import dimension_of_field, field_names
from components.explore.ids import ExploreIds
from components.frame.attributes import action, aria
from components.frame.lacking import lacking_words
from components.frame.map import leaflet_map
from components.frame.marks import data
from components.frame.notes import ShownNote, note_list
from components.frame.tables import table
from components.frame.variables import sentence_case

LISTED = 100
NAMESPACE = "patroliq.maps.record"
Names = Mapping[str, Mapping[str, str]]

_FLAG_WORDS = {
    FlagKind.HEAPED_TIME: "Rounded time: {reason} is one of the times that often stand for an "
    "unknown one.",
    FlagKind.DEFAULT_ADDRESS: "Default address: left out of hot-spot methods. {reason}",
    FlagKind.PROACTIVE: "Proactive: mostly found by officers, by its code. {reason}",
    FlagKind.PROVISIONAL: "Provisional: days since {day} are incomplete.",
    FlagKind.OUTSIDE_COVERED: "Stray date: outside the days used for rates and comparisons.",
    FlagKind.NO_PLACE: "No location: it is not on any map. The row had no coordinates, a "
    "placeholder, or some outside the agency's area.",
    FlagKind.NO_HARM: "No harm weight: its code has no offense class, so it is in no harm sum. "
    "{reason}",
    FlagKind.TIME_OF_DISCOVERY: "One time only: the source does not publish how long it may have "
    "lasted; for thefts and burglaries it may be the time of discovery.",
}
_LACK_WORDS = {
    RowLack.FILES_GONE: "The row cannot be shown: the folder with the rows of at least one load is "
    "missing from raw/ in the home folder. Restore it from a backup.",
    RowLack.UNREADABLE: "The row cannot be shown: a file in raw/ of the home folder cannot be "
    "read. Restore it from a backup.",
    RowLack.WITHHELD: "You may not see the row as it was read.",
    RowLack.NOT_FOUND: "No row with this id was found in the files as they were read.",
}
_READINGS = {"ours": "our reading of the description", "agency": "checked by the agency"}


def _degrees(value: float) -> str:
    return f"{value:.6f}"


_BY_FIELD: dict[str, Callable[[Any], str]] = {
    "weekday": weekday_name,
    "hour": hour_name,
    "lat": _degrees,
    "lon": _degrees,
}
_BY_TYPE: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "yes" if value else "no"),
    (datetime, day_time),
    (date, short_date),
    (float, lambda value: number(value, 1)),
)
"""How values are written; a datetime is a date too."""


def record_panel(settings: Settings) -> html.Dialog:
    """The panel, closed; assets/pages/explore.js opens it once its answer has arrived."""
    head = html.Header(
        [
            html.H2("Incident", id=ExploreIds.RECORD_TITLE, tabIndex=-1),
            html.Button("Print", type="button", className="button small", **action("print")),
            html.Button("Close", type="button", className="button small", **action("close")),
        ],
        className="record-head",
    )
    return html.Dialog(
        [
            head,
            html.Div(
                [
                    html.Div(id=ExploreIds.RECORD_FACTS, className="record-facts"),
                    html.Div(
                        [
                            html.Div(
                                leaflet_map(
                                    settings,
                                    None,
                                    id=ExploreIds.RECORD_MAP,
                                    namespace=NAMESPACE,
                                    tools=False,
                                ),
                                className="record-map",
                            ),
                            html.Div(id=ExploreIds.RECORD_AROUND),
                        ],
                        className="record-around",
                    ),
                ],
                className="record-body",
            ),
            dcc.Store(id=ExploreIds.RECORD_STATE),
        ],
        id=ExploreIds.RECORD,
        className="record",
        **aria(labelledby=ExploreIds.RECORD_TITLE),
    )


def record_title(record: IncidentRecord) -> str:
    """`Incident 10224738: theft, over $500`."""
    what = [record.values.get("type"), record.values.get("description")]
    said = ", ".join(sentence_case(word).lower() for word in what if word)
    return f"Incident {record.id}" + (f": {said}" if said else "")


def record_facts(
    record: IncidentRecord, manifest: Manifest, names: Names, notes: Sequence[ShownNote] = ()
) -> list[Component]:
    """Fields, flags, notes, source row and earlier versions."""
    query = urlencode({"id": record.id})
    files = [
        html.A(f"Save as {ending.upper()}", href=f"/export/incident.{ending}?{query}", download="")
        for ending in ("json", "csv")
    ]
    return [
        html.P([*_filters(record), *files], className="record-links"),
        html.H3("Flags"),
        _flags(record.flags),
        html.H3("Fields"),
        _fields(record, manifest, names),
        *_tables_note(record.meaning),
        html.H3("Notes"),
        *_notes(record.id, notes),
        html.H3("Row in the source"),
        *_source_row(record.source_row, manifest),
        html.H3("Earlier versions"),
        *_versions(record.versions, manifest),
    ]


def _filters(record: IncidentRecord) -> list[Component]:
    buttons = []
    around, block = record.surroundings, record.block
    if around is not None:
        text = f"Show the {number(around.others + 1)} around it"
        buttons.append(_filter(text, around.selection.text))
    if block is not None:
        text = f"Show the {number(block.incidents)} on its block"
        buttons.append(_filter(text, block.selection.text))
    return buttons


def _filter(text: str, selection: str) -> Component:
    return html.Button(
        text, type="button", className="button small", **action("apply", text=selection)
    )


def _flags(flags: Iterable[IncidentFlag]) -> Component:
    items = [
        html.Li(
            _FLAG_WORDS[flag.kind]
            .format(reason=flag.reason, day=short_date(flag.day) if flag.day else "")
            .strip()
        )
        for flag in flags
    ]
    return html.Ul(items, className="record-flags") if items else html.P("None.")


def _notes(incident: str, notes: Sequence[ShownNote]) -> list[Component]:
    query = urlencode({"about": "incident", "key": incident})
    return [
        note_list(notes) if notes else html.P("None."),
        html.P(html.A("Write a note", href=f"/notes?{query}"), className="record-links"),
    ]


def _fields(record: IncidentRecord, manifest: Manifest, names: Names) -> Component:
    meanings = _meanings(record, names)
    rows = [
        [label, "", lacking]
        if (lacking := lacking_words(manifest, dimension_of_field(field)))
        else [label, _value(field, record.values.get(field)), meanings.get(field, "")]
        for field, label in field_names(manifest).items()
    ]
    return table(("Field", "Value", "Meaning"), rows, class_name="record-table")


def _meanings(record: IncidentRecord, names: Names) -> dict[str, str]:
    """Field → what its value means, by the reference tables and the outlines."""
    found: dict[str, str] = {}
    for level, known in names.items():
        key = record.values.get(level)
        if known.get(str(key), key) != key:
            found[level] = known[str(key)]
    means = record.meaning
    schemes = (
        f"{scheme.replace('_', ' ')}: {', '.join(groups)}"
        for scheme, groups in means.groups.items()
        if scheme != "headline"
    )
    found["group"] = "; ".join(schemes)
    if means.default_reason:
        found["location_type"] = means.default_reason
    if means.offense_class:
        found["harm_days"] = f"Days of sentence of offense class {means.offense_class}"
    reading = means.reading
    if reading:
        said = [reading.law, _READINGS.get(reading.reading, reading.reading), reading.note]
        found["code"] = reading.description
        if means.offense_class:
            found["harm_days"] += f": {'; '.join(part for part in said if part)}"
    return found


def _tables_note(means: CodeMeaning) -> list[Component]:
    if not means.changed_tables:
        return []
    return [
        html.P(
            f"Edited since this data was loaded, so meanings may differ: "
            f"{', '.join(means.changed_tables)}. The next ingest applies the edits.",
            className="figure-note",
        )
    ]


def _value(field: str, value: Any) -> str:
    if value is None or value == "":
        return "Unknown"
    by_type = next((write for kind, write in _BY_TYPE if isinstance(value, kind)), str)
    return _BY_FIELD.get(field, by_type)(value)


def _source_row(row: SourceRow | RowLack, manifest: Manifest) -> list[Component]:
    if isinstance(row, RowLack):
        return [html.P(_LACK_WORDS[row])]
    labels = field_names(manifest)
    fields: dict[str, list[str]] = {}
    for field, column in row.fields.items():
        named = labels.get(field) or labels.get(ATTRIBUTE_PREFIX + field) or sentence_case(field)
        fields.setdefault(column, []).append(named)
    where = f"{'row' if row.is_parquet else 'line'} {number(row.line)}"
    said = [
        html.P(
            f"{row.file}, {where}, read {moment(datetime.fromisoformat(row.ingested_at))} "
            f"(batch {row.batch})."
        )
    ]
    if not row.is_served:
        said.append(
            html.P(
                "No row gives exactly the values above; this is the last one with its id. The "
                "load that gave them is missing, or the source's mapping was changed.",
                className="figure-note",
            )
        )
    rows = [
        [column, text or "", ", ".join(fields.get(column, ["not read"]))]
        for column, text in row.values.items()
    ]
    return [*said, table(("Column", "As written", "Read as"), rows, class_name="record-table")]


def _versions(versions: Versions, manifest: Manifest) -> list[Component]:
    kept = f"{number(versions.kept)} kept snapshot{'s' if versions.kept != 1 else ''}"
    since = moment(datetime.fromisoformat(versions.since))
    start = (
        f"It is in the oldest, of {since}, so it may be older."
        if versions.is_first
        else f"It is in those since {since}."
    )
    lost = f" {number(versions.unreadable)} more could not be read." if versions.unreadable else ""
    intro = html.P(f"Compared: {kept} of this source. {start}{lost}")
    if not versions.changes:
        return [intro, html.P("Its values are the same in all of them.")]
    labels = field_names(manifest)
    rows = [
        [
            moment(datetime.fromisoformat(change.at)),
            labels.get(one.column, one.column),
            _value(one.column, one.before),
            _value(one.column, one.after),
        ]
        for change in reversed(versions.changes)
        for one in change.fields
    ]
    return [
        intro,
        table(("Snapshot of", "Field", "Before", "After"), rows, class_name="record-table"),
    ]


def record_around(around: AroundIncident | None) -> list[Component]:
    """What happened around the incident, nearest in days first."""
    within = f"within {distance_text(WITHIN_M)} and {WITHIN_DAYS} days"
    if around is None:
        return [
            html.H3("Around it"),
            html.P("Its location or its day is unknown, so incidents near it are not known."),
        ]
    title = html.H3(f"Around it: {number(around.others)} others {within}")
    items = [_near(row) for row in around.rows.head(LISTED).iter_rows(named=True)]
    drawn = around.rows.height
    rest = f"Listed: the {number(len(items))} nearest in days. On the map: {number(drawn)}."
    return [
        title,
        html.Ol(items, className="record-near"),
        *([html.P(rest, className="figure-note")] if around.others > len(items) else []),
    ]


def _near(row: Mapping[str, Any]) -> Component:
    what = ", ".join(sentence_case(word) for word in (row["type"], row["description"]) if word)
    where = ", ".join(
        word for word in (sentence_case(row["location_type"] or ""), row["block"] or "") if word
    )
    away = f"{_days(row['days'])}, {distance_text(row['distance_m'])} away"
    return html.Li(
        [
            html.A(what or "Unknown", href=incident_address(row["id"]), **data(incident=row["id"])),
            html.Span(" · ".join(part for part in (away, where) if part)),
        ]
    )


def _days(days: int) -> str:
    if days == 0:
        return "same day"
    return (
        f"{number(abs(days))} day{'s' if abs(days) > 1 else ''} {'later' if days > 0 else 'before'}"
    )


def incident_address(incident: str) -> str:
    """The address that opens an incident on the same page, over the same selection."""
    return f"#{urlencode({'incident': incident})}"
