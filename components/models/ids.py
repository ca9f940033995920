"""Ids of the pages Models and Explain."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ModelsIds(StrEnum):
    OVERVIEW = "models-overview"
    OVERVIEW_CARD = "models-overview-card"
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


@unique
class ExplainIds(StrEnum):
    CHOICES = "explain-choices"
    SAID = "explain-said"  # what is explained, in a sentence
    CARDS = "explain-cards"
