"""Which gesture redraws which parts of the Explain page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from callbacks.frame.target import TARGET

PARTS = frozenset({"choices", "explained", "cards"})
REDRAWS = Redraws(
    opened=PARTS,
    selected=PARTS,
    options={
        TARGET: PARTS,
        "model": PARTS,
        "version": PARTS,
        "zone": {"choices", "cards"},
        "theme": {"cards"},
        "narrow": {"cards"},
    },
)
"""A version was explained when it was trained; the selection names its target, and the first card
counts it."""
