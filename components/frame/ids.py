"""Ids of the page's elements; they say what, not where."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ShellIds(StrEnum):
    PATH = "path"  # store: the address's path; written by assets/pages.js only
    PAGE = "page"
    RAIL = "rail"
    DATASET = "dataset"
    BADGES = "badges"
    DAMAGE = "damage"  # what is wrong with the data, on every page
    THEME = "theme"
    NOTICE = "notice"
    LEFT_OUT = "left-out"  # filters that could not be read, until dismissed
    LOST = "lost"  # filled by the browser when the server does not answer


@unique
class SelectionIds(StrEnum):
    STATE = "selection"  # store: {text, snapshot, past, future}
    SENTENCE = "selection-sentence"
    CHIPS = "selection-chips"
    UNDO = "selection-undo"
    REDO = "selection-redo"
    RESET = "selection-reset"
    PRESETS = "selection-presets"
    MORE = "selection-more"  # body of the "More filters" panel
    FOLDED = "selection-folded"  # the selection in one line, on a phone


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
    OFFENCES = "explore-offences"
    OFFENCES_CARD = "explore-offences-card"
    OFFENCES_LEVEL = "explore-offences-level"
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
