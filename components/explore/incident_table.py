"""The incident table: one page of rows at a time, sorted and paged on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from components.explore.ids import ExploreIds
from components.frame.variables import sentence_case

PAGE_ROWS = 50

# Field, column header, width in pixels; in the order of the table.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("occurred_from", "Occurred", 160),
    ("occurred_to", "Until", 160),
    ("type", "Type", 140),
    ("description", "Description", 170),
    ("group", "Group", 84),
    ("location_type", "Location type", 130),
    ("block", "Block", 160),
    ("district", "District", 68),
    ("beat", "Beat", 62),
    ("ward", "Ward", 62),
    ("area", "Area", 62),
    ("arrest", "Arrest", 66),
    ("domestic", "Domestic", 76),
    ("shift", "Shift", 76),
    ("harm_days", "Harm, days", 84),
    ("case_number", "Case number", 104),
    ("code", "Code", 62),
    ("fbi_code", "FBI code", 70),
    ("reported", "Reported", 160),
    ("updated", "Updated", 160),
    ("id", "Id", 90),
)
OPTIONAL = {"occurred_to": "occurred_to", "reported": "reported", "updated": "updated"}
NUMBERS = {"harm_days"}


def table_columns(manifest: Manifest) -> list[dict[str, Any]]:
    """Column definitions: base columns that the source has, then its further attributes."""
    columns = [
        _column(field, head, width)
        for field, head, width in COLUMNS
        if field not in manifest.views_off
        and not (field in OPTIONAL and manifest.unknown.get(field) == manifest.incidents)
    ]
    columns += [
        _column(f"{ATTRIBUTE_PREFIX}{attribute.name}", attribute.label, 110)
        for attribute in manifest.attributes
    ]
    return columns


def _column(field: str, head: str, width: int) -> dict[str, Any]:
    column: dict[str, Any] = {"field": field, "headerName": head, "width": width}
    if field in NUMBERS:
        column["type"] = "rightAligned"
    return column


def incident_table(manifest: Manifest) -> dag.AgGrid:
    """The grid. The server sorts; `noSort` keeps the order of rows and only moves the arrow."""
    return dag.AgGrid(
        id=ExploreIds.TABLE,
        columnDefs=table_columns(manifest),
        rowData=[],
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
            "comparator": {"function": "noSort"},
        },
        dashGridOptions={
            "rowHeight": 24,
            "headerHeight": 28,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "animateRows": False,
            "suppressColumnVirtualisation": False,
            "localeText": {"noRowsToShow": "No incidents match."},
        },
        className="incident-grid",
        style={"height": "100%", "width": "100%"},
    )


def incident_list(rows: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Items of a list of incidents, for a narrow screen."""
    return [
        html.Li(
            [
                html.Strong(
                    f"{row['occurred_from']} {sentence_case(row.get('type') or 'Unknown')}"
                ),
                html.Span(", ".join(_details(row))),
            ]
        )
        for row in rows
    ]


def _details(row: Mapping[str, Any]) -> list[str]:
    words = [
        sentence_case(row.get("description") or ""),
        sentence_case(row.get("location_type") or ""),
        row.get("block") or "",
        f"district {row['district']}" if row.get("district") else "",
        "arrest" if row.get("arrest") == "yes" else "",
        "domestic" if row.get("domestic") == "yes" else "",
    ]
    return [word for word in words if word]


def pager() -> html.Div:
    """Pager: previous, `1-50 of 12,345`, next."""
    return html.Div(
        [
            _button("Previous", ExploreIds.TABLE_PREVIOUS),
            html.Span(page_range(0, 0, 0), id=ExploreIds.TABLE_RANGE, className="page-range"),
            _button("Next", ExploreIds.TABLE_NEXT),
        ],
        id=ExploreIds.TABLE_PAGER,
        className="pager",
    )


def _button(text: str, id: str) -> Component:
    return html.Button(text, id=id, type="button", className="button small", disabled=True)


def page_range(offset: int, shown: int, total: int) -> str:
    """`1-50 of 12,345`."""
    if not shown:
        return f"0 of {number(total)}"
    return f"{number(offset + 1)}-{number(offset + shown)} of {number(total)}"
