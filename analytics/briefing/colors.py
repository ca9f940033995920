"""Colors of charts and maps on paper: the light theme's; a test keeps both equal."""

from __future__ import annotations

COLORS = {
    "surface": "#ffffff",
    "raised": "#f7f9fa",
    "border": "#d3d9de",
    "text": "#1a1f24",
    "text-muted": "#56606a",
    "grid": "#e6eaed",
    "accent": "#0a5cab",
    "selected": "#b4136d",
    "mark": "#1f7389",
    "mark-muted": "#74929c",
    "line": "#1a1f24",
    "warn": "#7a4b00",
    "warn-soft": "#fdf1dc",
    "more": "#9a4d00",
    "less": "#6a3d9a",
    "outline": "#5b6670",
    "seq-0": "#dfecef",
    "seq-1": "#b5d5dd",
    "seq-2": "#84b7c5",
    "seq-3": "#5095a9",
    "seq-4": "#286f87",
    "seq-5": "#0e4659",
}
STEPS = tuple(COLORS[f"seq-{step}"] for step in range(6))
"""Counts, least first."""
MARKS = {"more": "▲", "less": "▼", "": ""}
"""So that color never carries meaning alone."""
