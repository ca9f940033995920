"""Ids of the Patterns page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class PatternsIds(StrEnum):
    CHOICES = "patterns-choices"
    MAP = "patterns-map"
    MAP_BOX = "patterns-map-box"
    MAP_CARD = "patterns-map-card"
    MAP_TITLE = "patterns-map-note"
    MAP_NUMBERS = "patterns-map-numbers"
    LEGEND = "patterns-legend"
    MISSING = "patterns-missing"  # why there is no embedding, and how to train one
    QUALITY = "patterns-quality"
    QUALITY_CARD = "patterns-quality-card"
    OFFENSE_PROFILE = "patterns-offense-profiles"
    OFFENSE_PROFILE_CARD = "patterns-offense-profiles-card"
    SCREE = "patterns-scree"
    SCREE_BOX = "patterns-scree-box"
    SCREE_CARD = "patterns-scree-card"
    SCREE_NUMBERS = "patterns-scree-numbers"
    AXES = "patterns-axes"
    WORK = "patterns-work"
    READING = "patterns-reading"


OUTPUTS = {
    "choices": Output(PatternsIds.CHOICES, "children"),
    "map": Output(PatternsIds.MAP, "figure"),
    "map_hidden": Output(PatternsIds.MAP_BOX, "hidden"),
    "map_note": Output(PatternsIds.MAP_TITLE, "children"),
    "map_numbers": Output(PatternsIds.MAP_NUMBERS, "children"),
    "legend": Output(PatternsIds.LEGEND, "children"),
    "missing": Output(PatternsIds.MISSING, "children"),
    "quality": Output(PatternsIds.QUALITY, "children"),
    "offense_profile": Output(PatternsIds.OFFENSE_PROFILE, "children"),
    "scree": Output(PatternsIds.SCREE, "figure"),
    "scree_hidden": Output(PatternsIds.SCREE_BOX, "hidden"),
    "scree_numbers": Output(PatternsIds.SCREE_NUMBERS, "children"),
    "axes": Output(PatternsIds.AXES, "children"),
}
"""What the page's answers change, by name."""
