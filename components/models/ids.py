"""Ids of the Models page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class ModelsIds(StrEnum):
    OVERVIEW = "models-overview"
    OVERVIEW_CARD = "models-overview-card"
    TARGETS = "models-targets"
    VERSIONS = "models-versions"
    VERSIONS_CARD = "models-versions-card"
    VERSIONS_NOTE = "models-versions-note"
    WORK = "models-work"
    WORK_CARD = "models-work-card"
    TRAIN = "models-train"
    TRAIN_CARD = "models-train-card"
    COMPARE = "models-compare"
    COMPARE_CARD = "models-compare-card"
    COMPARE_CHOICES = "models-compare-choices"
    TIME = "models-time"
    TIME_BOX = "models-time-box"
    TIME_CARD = "models-time-card"
    TIME_WORDS = "models-time-words"
    TIME_NUMBERS = "models-time-numbers"
    DECISIONS = "models-decisions"
    DECISIONS_CARD = "models-decisions-card"


OUTPUTS = {
    "overview": Output(ModelsIds.OVERVIEW, "children"),
    "targets": Output(ModelsIds.TARGETS, "children"),
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
"""What the page's answers change, by name."""
