"""HTML attributes that the frame's listeners look for: forms, page options, polling."""

from __future__ import annotations

from typing import Any


def data(**words: str) -> dict[str, Any]:
    """`data(act="promote")` → `{"data-act": "promote"}`."""
    return {f"data-{name}": value for name, value in words.items()}


def options(**values: str) -> dict[str, Any]:
    """Mark a button that sets page options; assets/frame/options.js listens to it."""
    return data(options="&".join(f"{name}={value}" for name, value in values.items()))


def drawn() -> dict[str, Any]:
    """Mark an element that assets/frame/draw.js fills, which takes html components only."""
    return data(drawn="yes")
