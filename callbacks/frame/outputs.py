"""What the answers of pages change, by name; kept apart from what answers, which loads slowly."""

from __future__ import annotations

from dash import Output

from components.models.ids import ExplainIds, ModelsIds
from components.overview.ids import OverviewIds
from components.patterns.ids import PatternsIds
from components.temporal.ids import TemporalIds

OVERVIEW_OUTPUTS = {
    "headline": Output(OverviewIds.HEADLINE, "children"),
    "headline_more": Output(OverviewIds.HEADLINE_MORE, "children"),
    "brief": Output(OverviewIds.BRIEF, "children"),
    "brief_more": Output(OverviewIds.BRIEF_MORE, "children"),
    "weeks": Output(OverviewIds.WEEKS, "figure"),
    "weeks_numbers": Output(OverviewIds.WEEKS_NUMBERS, "children"),
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
    "models": Output(OverviewIds.MODELS, "children"),
    "later": Output(OverviewIds.LATER, "children"),
}

MODELS_OUTPUTS = {
    "overview": Output(ModelsIds.OVERVIEW, "children"),
    "versions": Output(ModelsIds.VERSIONS, "children"),
    "versions_note": Output(ModelsIds.VERSIONS_NOTE, "children"),
    "work": Output(ModelsIds.WORK, "children"),
    "train": Output(ModelsIds.TRAIN, "children"),
    "compare": Output(ModelsIds.COMPARE, "children"),
    "choices": Output(ModelsIds.COMPARE_CHOICES, "children"),
    "time": Output(ModelsIds.TIME, "figure"),
    "time_off": Output(ModelsIds.TIME_BOX, "hidden"),
    "time_words": Output(ModelsIds.TIME_WORDS, "children"),
    "time_numbers": Output(ModelsIds.TIME_NUMBERS, "children"),
    "decisions": Output(ModelsIds.DECISIONS, "children"),
}

EXPLAIN_OUTPUTS = {
    "choices": Output(ExplainIds.CHOICES, "children"),
    "explained": Output(ExplainIds.SAID, "children"),
    "cards": Output(ExplainIds.CARDS, "children"),
}

TEMPORAL_OUTPUTS = {
    "controls": Output(TemporalIds.CONTROLS, "children"),
    "week": Output(TemporalIds.WEEK, "figure"),
    "week_note": Output(TemporalIds.WEEK_NOTE, "children"),
    "week_numbers": Output(TemporalIds.WEEK_NUMBERS, "children"),
    "clock": Output(TemporalIds.CLOCK, "figure"),
    "clock_words": Output(TemporalIds.CLOCK_WORDS, "children"),
    "clock_numbers": Output(TemporalIds.CLOCK_NUMBERS, "children"),
    "peaks": Output(TemporalIds.PEAKS, "children"),
    "two": Output(TemporalIds.TWO, "figure"),
    "two_key": Output(TemporalIds.TWO_KEY, "children"),
    "two_words": Output(TemporalIds.TWO_WORDS, "children"),
    "two_numbers": Output(TemporalIds.TWO_NUMBERS, "children"),
    "series": Output(TemporalIds.SERIES, "figure"),
    "series_words": Output(TemporalIds.SERIES_WORDS, "children"),
    "series_numbers": Output(TemporalIds.SERIES_NUMBERS, "children"),
    "seasons": Output(TemporalIds.SEASONS, "figure"),
    "seasons_words": Output(TemporalIds.SEASONS_WORDS, "children"),
    "seasons_numbers": Output(TemporalIds.SEASONS_NUMBERS, "children"),
    "calendar": Output(TemporalIds.CALENDAR, "figure"),
    "calendar_note": Output(TemporalIds.CALENDAR_NOTE, "children"),
    "calendar_numbers": Output(TemporalIds.CALENDAR_NUMBERS, "children"),
    "rhythms": Output(TemporalIds.RHYTHMS, "children"),
    "rhythms_figures": Output(TemporalIds.RHYTHMS_FIGURES, "children"),
}

PATTERNS_OUTPUTS = {
    "choices": Output(PatternsIds.CHOICES, "children"),
    "map": Output(PatternsIds.MAP, "figure"),
    "map_hidden": Output(PatternsIds.MAP_BOX, "hidden"),
    "map_note": Output(PatternsIds.MAP_TITLE, "children"),
    "map_numbers": Output(PatternsIds.MAP_NUMBERS, "children"),
    "legend": Output(PatternsIds.LEGEND, "children"),
    "missing": Output(PatternsIds.MISSING, "children"),
    "quality": Output(PatternsIds.QUALITY, "children"),
    "behaviour": Output(PatternsIds.BEHAVIOUR, "children"),
    "scree": Output(PatternsIds.SCREE, "figure"),
    "scree_hidden": Output(PatternsIds.SCREE_BOX, "hidden"),
    "scree_numbers": Output(PatternsIds.SCREE_NUMBERS, "children"),
    "axes": Output(PatternsIds.AXES, "children"),
}
