"""Ids of the Hot spots page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class HotspotIds(StrEnum):
    MAP = "hotspots-map"
    MAP_CARD = "hotspots-map-card"
    MAP_STATE = "hotspots-map-state"  # store: what assets/frame/map.js draws
    MAP_LEGEND = "hotspots-map-legend"
    MAP_CAPTION = "hotspots-map-caption"
    MAP_FORECAST = "hotspots-map-forecast"  # unit, hours and top places of the forecast
    COMPARED = "hotspots-compared"
    COMPARED_CARD = "hotspots-compared-card"
    COMPARED_STATE = "hotspots-compared-state"
    COMPARED_LEGEND = "hotspots-compared-legend"
    COMPARED_CAPTION = "hotspots-compared-caption"
    COMPARED_FORECAST = "hotspots-compared-forecast"
    MAPS = "hotspots-maps"  # both maps; its class says whether map B is off
    METHOD = "hotspots-h-a"  # selects whose choices grow with training
    COMPARED_METHOD = "hotspots-h-b"
    TARGET = "hotspots-h-at"
    COMPARED_TARGET = "hotspots-h-bt"
    VERSION = "hotspots-h-av"
    COMPARED_VERSION = "hotspots-h-bv"
    AGAINST = "hotspots-h-vs"
    MODEL = "hotspots-h-model"
    ZONES = "hotspots-zones"
    ZONES_CARD = "hotspots-zones-card"
    ZONES_NOTE = "hotspots-zones-note"
    ZONES_FILES = "hotspots-zones-files"
    SETTINGS = "hotspots-settings"
    CONCENTRATION = "hotspots-concentration"
    CONCENTRATION_CARD = "hotspots-concentration-card"
    CONCENTRATION_WORDS = "hotspots-concentration-words"
    CONCENTRATION_NUMBERS = "hotspots-concentration-numbers"
    METHODS = "hotspots-methods"
    METHODS_CARD = "hotspots-methods-card"
    CHANGES = "hotspots-changes"
    CHANGES_CARD = "hotspots-changes-card"
    TRAIN = "hotspots-train"
    TRAIN_CARD = "hotspots-train-card"
    WORK = "hotspots-work"


OUTPUTS = {
    "maps": Output(HotspotIds.MAPS, "className"),
    "map": Output(HotspotIds.MAP_STATE, "data"),
    "legend": Output(HotspotIds.MAP_LEGEND, "children"),
    "caption": Output(HotspotIds.MAP_CAPTION, "children"),
    "forecast": Output(HotspotIds.MAP_FORECAST, "children"),
    "compared": Output(HotspotIds.COMPARED_STATE, "data"),
    "compared_legend": Output(HotspotIds.COMPARED_LEGEND, "children"),
    "compared_caption": Output(HotspotIds.COMPARED_CAPTION, "children"),
    "compared_forecast": Output(HotspotIds.COMPARED_FORECAST, "children"),
    "methods": Output(HotspotIds.METHOD, "children"),
    "compared_methods": Output(HotspotIds.COMPARED_METHOD, "children"),
    "map_targets": Output(HotspotIds.TARGET, "children"),
    "compared_targets": Output(HotspotIds.COMPARED_TARGET, "children"),
    "map_versions": Output(HotspotIds.VERSION, "children"),
    "compared_versions": Output(HotspotIds.COMPARED_VERSION, "children"),
    "models": Output(HotspotIds.MODEL, "children"),
    "against": Output(HotspotIds.AGAINST, "children"),
    "zones": Output(HotspotIds.ZONES, "children"),
    "zones_note": Output(HotspotIds.ZONES_NOTE, "children"),
    "zones_files": Output(HotspotIds.ZONES_FILES, "children"),
    "concentration": Output(HotspotIds.CONCENTRATION, "figure"),
    "concentration_words": Output(HotspotIds.CONCENTRATION_WORDS, "children"),
    "concentration_numbers": Output(HotspotIds.CONCENTRATION_NUMBERS, "children"),
    "methods_compared": Output(HotspotIds.METHODS, "children"),
    "changes": Output(HotspotIds.CHANGES, "children"),
    "train": Output(HotspotIds.TRAIN, "children"),
    "work": Output(HotspotIds.WORK, "children"),
}
"""What the answers of the page change, by name."""
