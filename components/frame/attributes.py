"""Attributes the page's listeners and screen readers go by; Dash wants them as keyword mappings."""

from __future__ import annotations

from typing import Any


def choice(dimension: str, key: str, *, chosen: bool, mode: str = "") -> dict[str, Any]:
    """Marks a button that chooses `key`; `mode` replaces the usual click or shift-click."""
    found = {
        "data-dimension": dimension,
        "data-key": key,
        "aria-pressed": "true" if chosen else "false",
    }
    return {**found, "data-mode": mode} if mode else found


def value_of(value: float) -> dict[str, Any]:
    """The number a mark shows, exact, for tests and scripts."""
    return {"data-value": f"{value:g}" if value != int(value) else str(int(value))}


def shown_as(text: str) -> dict[str, Any]:
    """What the style sheet writes beside a mark."""
    return {"data-shown": text}


def removal(dimension: str) -> dict[str, Any]:
    """Marks a button that takes a clause away."""
    return {"data-dimension": dimension, "data-action": "remove"}


def action(name: str, **data: str) -> dict[str, Any]:
    """Marks a button that does `name`; further words become `data-…` attributes."""
    return {"data-action": name, **{f"data-{key}": value for key, value in data.items()}}


def aria(**words: str) -> dict[str, Any]:
    """`aria(label="Chosen")` → `{"aria-label": "Chosen"}`."""
    return {f"aria-{key}": value for key, value in words.items()}
