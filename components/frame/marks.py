"""Marks that the frame's listeners go by: forms that do something, options of a page, polling."""

from __future__ import annotations

from typing import Any


def data(**words: str) -> dict[str, Any]:
    """`data(act="promote")` → `{"data-act": "promote"}`."""
    return {f"data-{name}": value for name, value in words.items()}


def options(**values: str) -> dict[str, Any]:
    """Marks a button that sets options of its page; assets/frame/options.js hears it."""
    return data(options="&".join(f"{name}={value}" for name, value in values.items()))
