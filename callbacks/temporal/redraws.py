"""Which gesture redraws which parts of the Temporal page."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

FIGURES = frozenset({"week", "clock", "comparison", "series", "seasons", "calendar"})
OF_SELECTION = FIGURES | {"controls", "peaks", "profiles"}
REDRAWS = Redraws(
    opened=OF_SELECTION | {"profiles_figures"},
    selected=OF_SELECTION,
    options={
        "measure": {"week"},
        "spread": {"week", "clock"},
        "other": {"comparison"},
        "kept": {"comparison"},
        "scale": {"comparison"},
        "step": {"series"},
        "theme": FIGURES | {"profiles_figures"},
        POLL: {"profiles"},
    },
    acts={"train-profiles": {"profiles"}, "cancel": {"profiles"}},
)
"""Figures of profiles are about a version, so the selection does not redraw them."""
