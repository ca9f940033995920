"""Ids of the Temporal page."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class TemporalIds(StrEnum):
    CONTROLS = "temporal-controls"
    WEEK = "temporal-week"  # hour × weekday heatmap
    WEEK_CARD = "temporal-week-card"
    WEEK_NOTE = "temporal-week-note"
    WEEK_NUMBERS = "temporal-week-numbers"
    CLOCK = "temporal-clock"
    CLOCK_CARD = "temporal-clock-card"
    CLOCK_WORDS = "temporal-clock-words"
    CLOCK_NUMBERS = "temporal-clock-numbers"
    PEAKS = "temporal-peaks"
    PEAKS_CARD = "temporal-peaks-card"
    TWO = "temporal-two"  # two periods or selections in the same axes
    TWO_CARD = "temporal-two-card"
    TWO_KEY = "temporal-two-key"
    TWO_WORDS = "temporal-two-words"
    TWO_NUMBERS = "temporal-two-numbers"
    SERIES = "temporal-series"
    SERIES_CARD = "temporal-series-card"
    SERIES_WORDS = "temporal-series-words"
    SERIES_NUMBERS = "temporal-series-numbers"
    SEASONS = "temporal-seasons"
    SEASONS_CARD = "temporal-seasons-card"
    SEASONS_WORDS = "temporal-seasons-words"
    SEASONS_NUMBERS = "temporal-seasons-numbers"
    CALENDAR = "temporal-calendar"
    CALENDAR_CARD = "temporal-calendar-card"
    CALENDAR_NOTE = "temporal-calendar-note"
    CALENDAR_NUMBERS = "temporal-calendar-numbers"
    RHYTHMS = "temporal-rhythms"
    RHYTHMS_CARD = "temporal-rhythms-card"
    RHYTHMS_MAP = "temporal-rhythms-map"
    RHYTHMS_PROFILES = "temporal-rhythms-profiles"
    RHYTHMS_FIGURES = "temporal-rhythms-figures"
