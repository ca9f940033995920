"""The incident table: one page of rows at a time, sorted and paged on the server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from analytics.formats import number
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from components.explore.fields import FIELDS, dimension_of_field
from components.explore.ids import ExploreIds
from components.explore.record import incident_address
from components.frame.attributes import aria
from components.frame.marks import data, drawn
from components.frame.variables import sentence_case

PAGE_ROWS = 50
NAME_PX = 150

WIDTHS: dict[str, int] = {
    "occurred_from": 160,
    "occurred_to": 160,
    "type": 140,
    "description": 170,
    "group": 84,
    "location_type": 130,
    "block": 160,
    "district": 68,
    "beat": 62,
    "ward": 62,
    "area": 62,
    "arrest": 66,
    "domestic": 76,
    "shift": 76,
    "harm_days": 84,
    "case_number": 104,
    "code": 62,
    "fbi_code": 70,
    "reported": 160,
    "updated": 160,
    "id": 90,
}
"""Field → width in pixels, in the order of the table."""
FURTHER: dict[str, int] = {
    "operational_day": 110,
    "weekday": 76,
    "hour": 60,
    "season": 76,
    "heaped_time": 100,
    "proactive": 80,
    "default_address": 110,
    "lat": 100,
    "lon": 100,
}
"""Columns that only the enlarged table has."""
OPTIONAL = {"occurred_to": "occurred_to", "reported": "reported", "updated": "updated"}
NUMBERS = {"harm_days", "hour", "lat", "lon"}


def table_columns(manifest: Manifest, named: Collection[str] = frozenset()) -> list[dict[str, Any]]:
    """Column definitions: base columns that the source has, then its further attributes.

    Columns of the enlarged table come last; they are hidden until it is. `named` are levels whose
    areas have names, which need more room than keys.
    """
    columns = [
        _column(field, FIELDS[field], NAME_PX if field in named else width)
        for field, width in WIDTHS.items()
        if dimension_of_field(field) not in manifest.views_off
        and not (field in OPTIONAL and manifest.unknown.get(field) == manifest.incidents)
    ]
    columns += [
        _column(f"{ATTRIBUTE_PREFIX}{attribute.name}", attribute.label, 110)
        for attribute in manifest.attributes
    ]
    columns += [
        {**_column(field, FIELDS[field], width), "hide": True}
        for field, width in FURTHER.items()
        if dimension_of_field(field) not in manifest.views_off
    ]
    return columns


def _column(field: str, head: str, width: int) -> dict[str, Any]:
    column: dict[str, Any] = {"field": field, "headerName": head, "width": width}
    if field in NUMBERS:
        column["type"] = "rightAligned"
    return column


def incident_table(manifest: Manifest, named: Collection[str] = frozenset()) -> dag.AgGrid:
    """The grid. The server sorts; `noSort` keeps the order of rows and only moves the arrow.

    The page's notice says that no incident matches: the grid's own overlay could outlast the
    answer without rows when the next one followed at once.
    """
    return dag.AgGrid(
        id=ExploreIds.TABLE,
        columnDefs=table_columns(manifest, named),
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
            "suppressNoRowsOverlay": True,
        },
        className="incident-grid",
        style={"height": "100%", "width": "100%"},
    )


def incident_list(rows: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Items of a list of incidents, for a narrow screen."""
    return [
        html.Li(
            [
                html.A(
                    f"{row['occurred_from']} {sentence_case(row.get('type') or 'Unknown')}",
                    href=incident_address(row["id"]),
                    **data(incident=row["id"]),
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
    """Pager: previous, `1-50 of 12,345`, next; and the button that enlarges the table."""
    return html.Div(
        [
            _button("Previous", ExploreIds.TABLE_PREVIOUS),
            html.Span(
                page_range(0, 0, 0), id=ExploreIds.TABLE_RANGE, className="page-range", **drawn()
            ),
            _button("Next", ExploreIds.TABLE_NEXT),
            enlarge_button("Enlarge to the page, with more columns; Escape returns"),
        ],
        id=ExploreIds.TABLE_PAGER,
        className="pager",
    )


def enlarge_button(title: str) -> Component:
    """The button that shows its card on the whole page; assets/pages/explore.js listens to it."""
    return html.Button(
        "Enlarge",
        type="button",
        className="button small enlarge",
        title=title,
        **aria(expanded="false"),
    )


def _button(text: str, id: str) -> Component:
    return html.Button(text, id=id, type="button", className="button small", disabled=True)


def row_count(rows: int) -> str:
    """`(12,345 rows)`."""
    return f"({number(rows)} {'row' if rows == 1 else 'rows'})"


def page_range(offset: int, shown: int, total: int) -> str:
    """`1-50 of 12,345`."""
    if not shown:
        return f"0 of {number(total)}"
    return f"{number(offset + 1)}-{number(offset + shown)} of {number(total)}"
