"""Ids of the Overview page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class OverviewIds(StrEnum):
    HEADLINE = "overview-headline"
    HEADLINE_MORE = "overview-headline-more"
    BRIEF = "overview-brief"  # sentences of the first answer
    BRIEF_MORE = "overview-brief-more"  # sentences of the second answer
    BRIEF_CARD = "overview-brief-card"
    WEEKS = "overview-weeks"
    WEEKS_CARD = "overview-weeks-card"
    WEEKS_NUMBERS = "overview-weeks-numbers"
    MAP = "overview-map"
    MAP_PLACES = "overview-map-places"
    MAP_CARD = "overview-map-card"
    GROUPS = "overview-groups"
    GROUPS_CARD = "overview-groups-card"
    AREAS = "overview-areas"
    AREAS_CARD = "overview-areas-card"
    AREAS_LEVEL = "overview-areas-level"
    TYPES = "overview-types"
    TYPES_CARD = "overview-types-card"
    HOURS = "overview-hours"
    HOURS_CARD = "overview-hours-card"
    HOURS_NUMBERS = "overview-hours-numbers"
    PEAKS = "overview-peaks"
    HOURS_WORDS = "overview-hours-words"
    ZONES = "overview-zones"
    ZONES_CARD = "overview-zones-card"
    UNUSUAL = "overview-unusual"
    UNUSUAL_CARD = "overview-unusual-card"
    REPEATS = "overview-repeats"
    REPEATS_CARD = "overview-repeats-card"
    DATA = "overview-data"
    DATA_MORE = "overview-data-more"  # lines of the second answer
    DATA_CARD = "overview-data-card"
    MODELS = "overview-models"
    MODELS_CARD = "overview-models-card"
    LATER = "overview-later"  # a mark that makes the browser ask for the second answer


OUTPUTS = {
    "headline": Output(OverviewIds.HEADLINE, "children"),
    "headline_more": Output(OverviewIds.HEADLINE_MORE, "children"),
    "brief": Output(OverviewIds.BRIEF, "children"),
    "brief_more": Output(OverviewIds.BRIEF_MORE, "children"),
    "weeks": Output(OverviewIds.WEEKS, "figure"),
    "weeks_numbers": Output(OverviewIds.WEEKS_NUMBERS, "children"),
    "map": Output(OverviewIds.MAP, "figure"),
    "map_places": Output(OverviewIds.MAP_PLACES, "children"),
    "groups": Output(OverviewIds.GROUPS, "children"),
    "areas": Output(OverviewIds.AREAS, "children"),
    "types": Output(OverviewIds.TYPES, "children"),
    "hours": Output(OverviewIds.HOURS, "figure"),
    "hours_numbers": Output(OverviewIds.HOURS_NUMBERS, "children"),
    "hours_words": Output(OverviewIds.HOURS_WORDS, "children"),
    "peaks": Output(OverviewIds.PEAKS, "children"),
    "zones": Output(OverviewIds.ZONES, "children"),
    "unusual": Output(OverviewIds.UNUSUAL, "children"),
    "repeats": Output(OverviewIds.REPEATS, "children"),
    "data": Output(OverviewIds.DATA, "children"),
    "data_more": Output(OverviewIds.DATA_MORE, "children"),
    "models": Output(OverviewIds.MODELS, "children"),
    "later": Output(OverviewIds.LATER, "children"),
}
"""What the answers of the page change, by name."""
