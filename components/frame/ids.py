"""Ids of the frame's elements."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ShellIds(StrEnum):
    PATH = "path"  # store: the address's path; written by assets/frame/pages.js only
    PAGE = "page"
    RAIL = "rail"
    DATASET = "dataset"
    BADGES = "badges"
    DAMAGE = "damage"  # banner for damaged data, on every page
    THEME = "theme"
    NOTICE = "notice"
    LEFT_OUT = "left-out"  # filters that could not be read, until dismissed
    NEWER = "newer"  # shown by assets/frame/newer.js
    LOST = "lost"  # filled by the browser when the server does not answer


@unique
class AskIds(StrEnum):
    BOX = "ask"
    OPEN = "ask-open"
    CLOSE = "ask-close"
    PHRASE = "ask-phrase"
    QUESTION = "ask-question"  # store: {phrase, n}; written by assets/frame/ask.js only
    ANSWER = "ask-answer"
    OPTION = "ask-option"  # with the number of the option


@unique
class SelectionIds(StrEnum):
    STATE = "selection"  # store: {text, snapshot, past, future}
    SENTENCE = "selection-sentence"
    CHIPS = "selection-chips"
    UNDO = "selection-undo"
    REDO = "selection-redo"
    RESET = "selection-reset"
    PRESETS = "selection-presets"
    DATES = "selection-dates"  # body of the "Dates" panel
    MORE = "selection-more"  # body of the "More filters" panel
    FOLDED = "selection-folded"  # the selection in one line, on a phone


@unique
class DateIds(StrEnum):
    """Fields of the "Dates" panel, which assets/frame/bus.js reads."""

    FIRST = "selection-first-day"
    LAST = "selection-last-day"
