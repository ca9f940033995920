"""Ids of the Explain page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output


@unique
class ExplainIds(StrEnum):
    CHOICES = "explain-choices"
    SAID = "explain-said"  # which version is explained
    CARDS = "explain-cards"


OUTPUTS = {
    "choices": Output(ExplainIds.CHOICES, "children"),
    "explained": Output(ExplainIds.SAID, "children"),
    "cards": Output(ExplainIds.CARDS, "children"),
}
"""What the page's answers change, by name."""
