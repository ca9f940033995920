"""Ids of the Patterns page."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class PatternsIds(StrEnum):
    CHOICES = "patterns-choices"
    MAP = "patterns-map"
    MAP_BOX = "patterns-map-box"
    MAP_CARD = "patterns-map-card"
    MAP_TITLE = "patterns-map-note"
    MAP_NUMBERS = "patterns-map-numbers"
    LEGEND = "patterns-legend"
    MISSING = "patterns-missing"  # no map yet: why, and a way to get one
    QUALITY = "patterns-quality"
    QUALITY_CARD = "patterns-quality-card"
    BEHAVIOUR = "patterns-behaviour"
    BEHAVIOUR_CARD = "patterns-behaviour-card"
    SCREE = "patterns-scree"
    SCREE_BOX = "patterns-scree-box"
    SCREE_CARD = "patterns-scree-card"
    SCREE_NUMBERS = "patterns-scree-numbers"
    AXES = "patterns-axes"
    WORK = "patterns-work"
    READING = "patterns-reading"
