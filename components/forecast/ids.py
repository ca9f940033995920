"""Ids of the Forecast page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class ForecastIds(StrEnum):
    CONTROLS = "forecast-controls"
    ABOUT = "forecast-about"
    PLAN = "forecast-plan"
    MISSING = "forecast-missing"
    CARDS = "forecast-cards"
    AREAS = "forecast-areas"  # heat map of areas × periods
    AREAS_CARD = "forecast-areas-card"
    AREAS_NOTE = "forecast-areas-note"
    AREAS_NUMBERS = "forecast-areas-numbers"
    FAN = "forecast-fan"
    FAN_CARD = "forecast-fan-card"
    FAN_NOTE = "forecast-fan-note"
    FAN_NUMBERS = "forecast-fan-numbers"
    CALIBRATION = "forecast-calibration"
    CALIBRATION_CARD = "forecast-calibration-card"
    CALIBRATION_NOTE = "forecast-calibration-note"
    CALIBRATION_NUMBERS = "forecast-calibration-numbers"
    SKILL = "forecast-skill"
    SKILL_CARD = "forecast-skill-card"
    TERRAIN = "forecast-terrain"
    TERRAIN_CARD = "forecast-terrain-card"


OUTPUTS = {
    "controls": Output(ForecastIds.CONTROLS, "children"),
    "about": Output(ForecastIds.ABOUT, "children"),
    "plan": Output(ForecastIds.PLAN, "children"),
    "missing": Output(ForecastIds.MISSING, "children"),
    "cards_hidden": Output(ForecastIds.CARDS, "hidden"),
    "areas": Output(ForecastIds.AREAS, "figure"),
    "areas_style": Output(ForecastIds.AREAS, "style"),
    "areas_note": Output(ForecastIds.AREAS_NOTE, "children"),
    "areas_numbers": Output(ForecastIds.AREAS_NUMBERS, "children"),
    "fan": Output(ForecastIds.FAN, "figure"),
    "fan_note": Output(ForecastIds.FAN_NOTE, "children"),
    "fan_numbers": Output(ForecastIds.FAN_NUMBERS, "children"),
    "calibration": Output(ForecastIds.CALIBRATION, "figure"),
    "calibration_note": Output(ForecastIds.CALIBRATION_NOTE, "children"),
    "calibration_numbers": Output(ForecastIds.CALIBRATION_NUMBERS, "children"),
    "skill": Output(ForecastIds.SKILL, "children"),
    "terrain": Output(ForecastIds.TERRAIN, "children"),
}
"""What the page's answers change, by name."""
