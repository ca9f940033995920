"""Colors of both themes. `assets/frame/tokens.css` repeats them; a test keeps both equal."""

from __future__ import annotations

from functools import cache
from typing import Literal

import plotly.graph_objects as go

from analytics.formats import separators
from analytics.statistics.class_breaks import CLASSES

Theme = Literal["light", "dark"]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

TOKENS: dict[str, dict[str, str]] = {
    "light": {
        "ground": "#f2f4f5",
        "surface": "#ffffff",
        "raised": "#f7f9fa",
        "border": "#d3d9de",
        "control": "#7d8791",
        "text": "#1a1f24",
        "text-muted": "#56606a",
        "grid": "#e6eaed",
        "accent": "#0a5cab",
        "accent-text": "#ffffff",
        "selected": "#b4136d",
        "selected-soft": "#fbeaf3",
        "casing": "#ffffff",
        "mark": "#1f7389",
        "mark-muted": "#74929c",
        "unknown": "#78818a",
        "line": "#1a1f24",
        "warn": "#7a4b00",
        "warn-soft": "#fdf1dc",
        "more": "#9a4d00",
        "less": "#6a3d9a",
        "outline": "#5b6670",
        "map-water": "#d3dbe1",
        "map-street": "#d9dde1",
        "map-street-major": "#b9c1c8",
        "map-name": "#56606a",
        "seq-0": "#dfecef",
        "seq-1": "#b5d5dd",
        "seq-2": "#84b7c5",
        "seq-3": "#5095a9",
        "seq-4": "#286f87",
        "seq-5": "#0e4659",
    },
    "dark": {
        "ground": "#121518",
        "surface": "#1a1e22",
        "raised": "#20252a",
        "border": "#353c43",
        "control": "#7f8a94",
        "text": "#e7eaed",
        "text-muted": "#a6afb8",
        "grid": "#2a3036",
        "accent": "#74b5ff",
        "accent-text": "#0c1116",
        "selected": "#ff86c6",
        "selected-soft": "#3a1e2e",
        "casing": "#121518",
        "mark": "#4fa8bf",
        "mark-muted": "#64818b",
        "unknown": "#8a939c",
        "line": "#e7eaed",
        "warn": "#f3c27a",
        "warn-soft": "#3a2c12",
        "more": "#f2a65a",
        "less": "#c7a4ea",
        "outline": "#8d98a3",
        "map-water": "#1f272e",
        "map-street": "#262c32",
        "map-street-major": "#3e474f",
        "map-name": "#a6afb8",
        "seq-0": "#1c343c",
        "seq-1": "#224d59",
        "seq-2": "#2c6c7d",
        "seq-3": "#4491a5",
        "seq-4": "#77b9c9",
        "seq-5": "#bde5ee",
    },
}


def as_theme(text: object) -> Theme:
    """`dark`, or `light` for anything else."""
    return "dark" if text == "dark" else "light"


def color(theme: Theme, token: str) -> str:
    """The color of a token, `#rrggbb`."""
    return TOKENS[theme][token]


def sequential(theme: Theme) -> list[str]:
    """Colors of counts and density, least first: light for few in light mode, dark in dark mode."""
    return [TOKENS[theme][f"seq-{step}"] for step in range(CLASSES)]


def colorscale(theme: Theme) -> list[tuple[float, str]]:
    """The sequential colors as a continuous Plotly color scale."""
    return [(step / (CLASSES - 1), shade) for step, shade in enumerate(sequential(theme))]


def template(theme: Theme) -> go.layout.Template:
    """The Plotly template of all figures in a theme; figures copy it."""
    return _template(theme, separators())


@cache
def _template(theme: Theme, marks: str) -> go.layout.Template:
    shade = TOKENS[theme]
    axis = {
        "gridcolor": shade["grid"],
        "linecolor": shade["border"],
        "zeroline": False,
        "tickfont": {"color": shade["text-muted"], "size": 11},
        "title": {"font": {"color": shade["text-muted"], "size": 11}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": shade["text"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [shade["mark"]],
            "hoverlabel": {
                "bgcolor": shade["text"],
                "bordercolor": shade["text"],
                "font": {"family": FONT, "size": 12, "color": shade["surface"]},
                "namelength": 0,
                "align": "left",
            },
            "margin": {"l": 40, "r": 8, "t": 4, "b": 24},
            "separators": marks,
            "showlegend": False,
            "xaxis": axis,
            "yaxis": axis,
        }
    )
