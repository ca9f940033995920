"""Ids of the Overview page."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class OverviewIds(StrEnum):
    HEADLINE = "overview-headline"
    HEADLINE_MORE = "overview-headline-more"
    BRIEF = "overview-brief"  # sentences at once
    BRIEF_MORE = "overview-brief-more"  # sentences that take longer
    BRIEF_CARD = "overview-brief-card"
    WEEKS = "overview-weeks"
    WEEKS_CARD = "overview-weeks-card"
    WEEKS_NUMBERS = "overview-weeks-numbers"
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
    DATA_CARD = "overview-data-card"
    MODELS = "overview-models"
    MODELS_CARD = "overview-models-card"
    LATER = "overview-later"  # what asks for the rest once the first answer stands
