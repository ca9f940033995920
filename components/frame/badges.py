"""Badges: one or two words on a colored ground, such as `Synthetic` or `Champion`."""

from __future__ import annotations

from typing import Literal

from dash import html

Tone = Literal["warn", "selected", "muted"]


def badge(words: str, tone: Tone = "warn", title: str = "", class_name: str = "") -> html.Span:
    """A badge; `title` explains it. assets/frame/shell.css has its shape and colors."""
    return html.Span(
        words, className=f"badge badge-word {tone} {class_name}".strip(), title=title or None
    )
