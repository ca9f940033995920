"""Ids of the page Responsible use."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class ResponsibleUseIds(StrEnum):
    STATUS = "responsible_use-status"
    CARDS = "responsible_use-cards"
    AREAS = "responsible_use-areas"
    AREAS_CARD = "responsible_use-areas-card"
    GROUPS = "responsible_use-groups"
    GROUPS_CARD = "responsible_use-groups-card"
    FRONTIER = "responsible_use-frontier"
    FRONTIER_CARD = "responsible_use-frontier-card"
    FRONTIER_NOTE = "responsible_use-frontier-note"
    FRONTIER_NUMBERS = "responsible_use-frontier-numbers"
    TREND = "responsible_use-trend"
    TREND_CARD = "responsible_use-trend-card"
    TREND_NOTE = "responsible_use-trend-note"
    TREND_NUMBERS = "responsible_use-trend-numbers"
    FEEDBACK = "responsible_use-feedback"
    FEEDBACK_CARD = "responsible_use-feedback-card"
    GAPS = "responsible_use-gaps"
    GAPS_CARD = "responsible_use-gaps-card"
    MODELS = "responsible_use-models"
    MODELS_CARD = "responsible_use-models-card"


OUTPUTS = {
    "status": Output(ResponsibleUseIds.STATUS, "children"),
    "cards_hidden": Output(ResponsibleUseIds.CARDS, "hidden"),
    "areas": Output(ResponsibleUseIds.AREAS, "children"),
    "groups": Output(ResponsibleUseIds.GROUPS, "children"),
    "frontier": Output(ResponsibleUseIds.FRONTIER, "figure"),
    "frontier_note": Output(ResponsibleUseIds.FRONTIER_NOTE, "children"),
    "frontier_numbers": Output(ResponsibleUseIds.FRONTIER_NUMBERS, "children"),
    "trend": Output(ResponsibleUseIds.TREND, "figure"),
    "trend_note": Output(ResponsibleUseIds.TREND_NOTE, "children"),
    "trend_numbers": Output(ResponsibleUseIds.TREND_NUMBERS, "children"),
    "feedback": Output(ResponsibleUseIds.FEEDBACK, "children"),
    "gaps": Output(ResponsibleUseIds.GAPS, "children"),
    "models": Output(ResponsibleUseIds.MODELS, "children"),
}
"""What the page's answers change, by name."""
