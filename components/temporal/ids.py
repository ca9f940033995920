"""Ids of the Temporal page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


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
    COMPARISON = "temporal-comparison"
    COMPARISON_CARD = "temporal-comparison-card"
    COMPARISON_KEY = "temporal-comparison-key"
    COMPARISON_WORDS = "temporal-comparison-words"
    COMPARISON_NUMBERS = "temporal-comparison-numbers"
    SERIES = "temporal-series"
    SERIES_CARD = "temporal-series-card"
    SERIES_WORDS = "temporal-series-words"
    SERIES_NUMBERS = "temporal-series-numbers"
    SEASONS = "temporal-seasons"
    SEASONS_CARD = "temporal-seasons-card"
    SEASONS_WORDS = "temporal-seasons-words"
    SEASONS_NUMBERS = "temporal-seasons-numbers"
    CONTROL = "temporal-control"  # control chart of weeks
    CONTROL_CARD = "temporal-control-card"
    CONTROL_WORDS = "temporal-control-words"
    CONTROL_NUMBERS = "temporal-control-numbers"
    CALENDAR = "temporal-calendar"
    CALENDAR_CARD = "temporal-calendar-card"
    CALENDAR_NOTE = "temporal-calendar-note"
    CALENDAR_NUMBERS = "temporal-calendar-numbers"
    PROFILES = "temporal-profiles"
    PROFILES_CARD = "temporal-profiles-card"
    PROFILES_MAP = "temporal-profiles-map"
    PROFILES_WEEKS = "temporal-profiles-weeks"
    PROFILES_FIGURES = "temporal-profiles-figures"


OUTPUTS = {
    "controls": Output(TemporalIds.CONTROLS, "children"),
    "week": Output(TemporalIds.WEEK, "figure"),
    "week_note": Output(TemporalIds.WEEK_NOTE, "children"),
    "week_numbers": Output(TemporalIds.WEEK_NUMBERS, "children"),
    "clock": Output(TemporalIds.CLOCK, "figure"),
    "clock_words": Output(TemporalIds.CLOCK_WORDS, "children"),
    "clock_numbers": Output(TemporalIds.CLOCK_NUMBERS, "children"),
    "peaks": Output(TemporalIds.PEAKS, "children"),
    "comparison": Output(TemporalIds.COMPARISON, "figure"),
    "comparison_key": Output(TemporalIds.COMPARISON_KEY, "children"),
    "comparison_words": Output(TemporalIds.COMPARISON_WORDS, "children"),
    "comparison_numbers": Output(TemporalIds.COMPARISON_NUMBERS, "children"),
    "series": Output(TemporalIds.SERIES, "figure"),
    "series_words": Output(TemporalIds.SERIES_WORDS, "children"),
    "series_numbers": Output(TemporalIds.SERIES_NUMBERS, "children"),
    "seasons": Output(TemporalIds.SEASONS, "figure"),
    "seasons_words": Output(TemporalIds.SEASONS_WORDS, "children"),
    "seasons_numbers": Output(TemporalIds.SEASONS_NUMBERS, "children"),
    "control": Output(TemporalIds.CONTROL, "figure"),
    "control_words": Output(TemporalIds.CONTROL_WORDS, "children"),
    "control_numbers": Output(TemporalIds.CONTROL_NUMBERS, "children"),
    "calendar": Output(TemporalIds.CALENDAR, "figure"),
    "calendar_note": Output(TemporalIds.CALENDAR_NOTE, "children"),
    "calendar_numbers": Output(TemporalIds.CALENDAR_NUMBERS, "children"),
    "profiles": Output(TemporalIds.PROFILES, "children"),
    "profiles_figures": Output(TemporalIds.PROFILES_FIGURES, "children"),
}
"""What the page's answers change, by name."""
