"""Ids of the Explore page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class ExploreIds(StrEnum):
    HEADLINE = "explore-headline"
    MAP = "explore-map"
    MAP_CELLS = "explore-map-cells"
    MAP_AREAS = "explore-map-areas"
    MAP_POINTS = "explore-map-points"
    MAP_OUTLINES = "explore-map-outlines"
    MAP_DRAW = "explore-map-draw"
    MAP_LEGEND = "explore-map-legend"
    MAP_NOTE = "explore-map-note"
    MAP_MODE = "explore-map-mode"
    MAP_MEASURE = "explore-map-measure"
    MAP_CARD = "explore-map-card"
    MAP_NUMBERS = "explore-map-numbers"
    MAP_STATE = "explore-map-state"  # store: values, classes and addresses of the map's geometry
    MAP_SHAPES = "explore-map-shapes"  # polygon and circle of the selection
    HOURS = "explore-hours"  # hour × weekday heatmap with its marginal bars
    HOURS_CARD = "explore-hours-card"
    HOURS_NOTE = "explore-hours-note"
    HOURS_NUMBERS = "explore-hours-numbers"
    OFFENSES = "explore-offenses"
    OFFENSES_CARD = "explore-offenses-card"
    OFFENSES_LEVEL = "explore-offenses-level"
    AREAS = "explore-areas"
    AREAS_CARD = "explore-areas-card"
    AREAS_LEVEL = "explore-areas-level"
    DAYS = "explore-days"
    DAYS_CARD = "explore-days-card"
    DAYS_NOTE = "explore-days-note"
    DAYS_NUMBERS = "explore-days-numbers"
    TABLE = "explore-table"
    TABLE_CARD = "explore-table-card"
    TABLE_LIST = "explore-table-list"  # the same incidents as a list, on a phone
    TABLE_PAGER = "explore-table-pager"
    TABLE_PREVIOUS = "explore-table-previous"
    TABLE_NEXT = "explore-table-next"
    TABLE_RANGE = "explore-table-range"
    TABLE_PAGE_ROWS = "explore-table-page-rows"  # numbers of rows in the card's menu
    TABLE_LIST_ROWS = "explore-table-list-rows"
    RECORD = "explore-record"  # the panel of one incident
    RECORD_TITLE = "explore-record-title"
    RECORD_FACTS = "explore-record-facts"
    RECORD_AROUND = "explore-record-around"
    RECORD_MAP = "explore-record-map"
    RECORD_STATE = "explore-record-state"  # store: the incident shown, and its map


OUTPUTS = {
    "headline": Output(ExploreIds.HEADLINE, "children"),
    "map": Output(ExploreIds.MAP_STATE, "data"),
    "legend": Output(ExploreIds.MAP_LEGEND, "children"),
    "map_note": Output(ExploreIds.MAP_NOTE, "children"),
    "map_numbers": Output(ExploreIds.MAP_NUMBERS, "children"),
    "hours": Output(ExploreIds.HOURS, "figure"),
    "hours_note": Output(ExploreIds.HOURS_NOTE, "children"),
    "hours_numbers": Output(ExploreIds.HOURS_NUMBERS, "children"),
    "offenses": Output(ExploreIds.OFFENSES, "children"),
    "areas": Output(ExploreIds.AREAS, "children"),
    "days": Output(ExploreIds.DAYS, "figure"),
    "days_numbers": Output(ExploreIds.DAYS_NUMBERS, "children"),
    "rows": Output(ExploreIds.TABLE, "rowData"),
    "list": Output(ExploreIds.TABLE_LIST, "children"),
    "range": Output(ExploreIds.TABLE_RANGE, "children"),
    "page_rows": Output(ExploreIds.TABLE_PAGE_ROWS, "children"),
    "list_rows": Output(ExploreIds.TABLE_LIST_ROWS, "children"),
    "previous_off": Output(ExploreIds.TABLE_PREVIOUS, "disabled"),
    "next_off": Output(ExploreIds.TABLE_NEXT, "disabled"),
    "record_title": Output(ExploreIds.RECORD_TITLE, "children"),
    "record_facts": Output(ExploreIds.RECORD_FACTS, "children"),
    "record_around": Output(ExploreIds.RECORD_AROUND, "children"),
    "record_state": Output(ExploreIds.RECORD_STATE, "data"),
}
"""Outputs of the page's answers, by name."""
