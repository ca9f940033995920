"""HTML attributes for the page's listeners and for screen readers, as Dash takes them."""

from __future__ import annotations

from typing import Any


def choice(dimension: str, key: str, *, chosen: bool, mode: str = "") -> dict[str, Any]:
    """Mark a button that chooses `key`; `mode` replaces the usual click or Shift-click."""
    found = {
        "data-dimension": dimension,
        "data-key": key,
        "aria-pressed": "true" if chosen else "false",
    }
    return {**found, "data-mode": mode} if mode else found


def value_of(value: float) -> dict[str, Any]:
    """The exact number that a mark shows, for tests and scripts."""
    return {"data-value": f"{value:g}" if value != int(value) else str(int(value))}


def shown_as(text: str) -> dict[str, Any]:
    """Text that the stylesheet writes beside a mark."""
    return {"data-shown": text}


def removal(dimension: str) -> dict[str, Any]:
    """Mark a button that removes a filter."""
    return {"data-dimension": dimension, "data-action": "remove"}


def action(name: str, **data: str) -> dict[str, Any]:
    """Mark a button that triggers action `name`; `data` become `data-…` attributes."""
    return {"data-action": name, **{f"data-{key}": value for key, value in data.items()}}


def aria(**words: str) -> dict[str, Any]:
    """`aria(label="Chosen")` → `{"aria-label": "Chosen"}`."""
    return {f"aria-{key}": value for key, value in words.items()}
