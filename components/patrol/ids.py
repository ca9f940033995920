"""Ids of the Patrol page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class PatrolIds(StrEnum):
    CONTROLS = "patrol-controls"
    ABOUT = "patrol-about"
    WORK = "patrol-work"
    MISSING = "patrol-missing"
    CARDS = "patrol-cards"
    MAP = "patrol-map"
    MAP_STATE = "patrol-map-state"
    MAP_CARD = "patrol-map-card"
    MAP_NOTE = "patrol-map-note"
    STOPS = "patrol-stops"
    STOPS_CARD = "patrol-stops-card"
    FIGURES = "patrol-figures"
    FIGURES_CARD = "patrol-figures-card"
    CURVE = "patrol-curve"
    CURVE_CARD = "patrol-curve-card"
    CURVE_NOTE = "patrol-curve-note"
    CURVE_NUMBERS = "patrol-curve-numbers"
    BRIEFING = "patrol-briefing"
    BRIEFING_CARD = "patrol-briefing-card"
    LEFT_OUT = "patrol-left-out"
    LEFT_OUT_CARD = "patrol-left-out-card"
    NOTES = "patrol-notes"
    NOTES_CARD = "patrol-notes-card"
    DOSAGE = "patrol-dosage"
    DOSAGE_CARD = "patrol-dosage-card"
    CHANGES = "patrol-changes"
    CHANGES_CARD = "patrol-changes-card"
    PLANS = "patrol-plans"
    PLANS_CARD = "patrol-plans-card"
    MAKE = "patrol-make"
    MAKE_CARD = "patrol-make-card"


OUTPUTS = {
    "controls": Output(PatrolIds.CONTROLS, "children"),
    "about": Output(PatrolIds.ABOUT, "children"),
    "work": Output(PatrolIds.WORK, "children"),
    "missing": Output(PatrolIds.MISSING, "children"),
    "cards_hidden": Output(PatrolIds.CARDS, "hidden"),
    "map": Output(PatrolIds.MAP_STATE, "data"),
    "map_note": Output(PatrolIds.MAP_NOTE, "children"),
    "stops": Output(PatrolIds.STOPS, "children"),
    "figures": Output(PatrolIds.FIGURES, "children"),
    "curve": Output(PatrolIds.CURVE, "figure"),
    "curve_note": Output(PatrolIds.CURVE_NOTE, "children"),
    "curve_numbers": Output(PatrolIds.CURVE_NUMBERS, "children"),
    "briefing": Output(PatrolIds.BRIEFING, "children"),
    "excluded": Output(PatrolIds.LEFT_OUT, "children"),
    "dosage": Output(PatrolIds.DOSAGE, "children"),
    "changes": Output(PatrolIds.CHANGES, "children"),
    "notes": Output(PatrolIds.NOTES, "children"),
    "plans": Output(PatrolIds.PLANS, "children"),
    "make": Output(PatrolIds.MAKE, "children"),
}
"""What the page's answers change, by name."""
