"""Which gesture redraws which parts of the Forecast page."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

FIGURES = frozenset({"areas", "fan", "calibration"})
ALL = FIGURES | {"controls", "about", "plan", "missing", "skill", "terrain"}
JOBS = frozenset({"missing", "terrain"})
"""What shows jobs; the terrain shows the result of one that has ended."""
REDRAWS = Redraws(
    opened=ALL,
    selected=ALL,
    options={
        "f_target": ALL,
        "f_level": ALL,
        "f_shift": {"about", "plan", "areas", "fan"},
        "f_step": {"areas", "fan"},
        "f_measure": {"plan", "areas", "fan"},
        "theme": FIGURES,
        POLL: JOBS,
    },
    acts={"train-demand": {"missing"}, "evaluate-terrain": {"terrain"}, "cancel": JOBS},
    ended=ALL,
)
"""A job that has ended may have brought a new version."""
