"""Which gesture redraws which parts of the Explain page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws

PARTS = frozenset({"choices", "explained", "cards"})
REDRAWS = Redraws(
    opened=PARTS,
    selected=(),
    options={
        "model": PARTS,
        "version": PARTS,
        "zone": {"choices", "cards"},
        "theme": {"cards"},
        "narrow": {"cards"},
    },
)
"""A version was explained when it was trained, so the selection redraws nothing."""
