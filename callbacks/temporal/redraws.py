"""Which gesture redraws which parts of the Temporal page."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

FIGURES = frozenset({"week", "clock", "comparison", "series", "control", "seasons", "calendar"})
OF_SELECTION = FIGURES | {"controls", "peaks", "profiles", "profiles_figures"}
REDRAWS = Redraws(
    opened=OF_SELECTION,
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
"""Figures of profiles are about a version; the selection decides of which target.

New profiles come with new data, so a job redraws only the list, which says whether any are in
training.
"""
