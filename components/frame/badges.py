"""Badges: one or two words on a colored ground, such as `Synthetic` or `Champion`."""

from __future__ import annotations

from typing import Literal

import dash_bootstrap_components as dbc

Tone = Literal["warn", "selected", "muted"]
GROUNDS: dict[Tone, str] = {
    "warn": "var(--warn-soft)",
    "selected": "var(--selected-soft)",
    "muted": "transparent",
}


def badge(words: str, tone: Tone = "warn", title: str = "", class_name: str = "") -> dbc.Badge:
    """A badge; `title` explains it. assets/frame/shell.css has its shape and the color of words."""
    return dbc.Badge(
        words,
        color=GROUNDS[tone],
        class_name=f"badge-word {tone} {class_name}".strip(),
        title=title or None,
    )
