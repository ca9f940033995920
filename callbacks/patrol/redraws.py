"""Which gesture redraws which parts of the Patrol page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from components.frame.notes import WRITE
from components.patrol.briefing import SAVE

OF_UNIT = frozenset({"controls", "map", "stops"})
OF_PLAN = OF_UNIT | frozenset(
    (
        "about",
        "missing",
        "figures",
        "curve",
        "excluded",
        "briefing",
        "dosage",
        "changes",
        "notes",
        "plans",
    )
)
ALL = OF_PLAN | {"make"}
REDRAWS = Redraws(
    opened=ALL,
    selected={"make"},
    options={
        "p_plan": OF_PLAN,
        "p_version": OF_PLAN,
        "p_unit": OF_UNIT,
        "p_show": {"map"},
        "theme": {"map", "curve"},
    },
    acts={SAVE: {"briefing"}, WRITE: {"notes"}},
    ended=OF_PLAN,
    always={"work"},
)
"""Acts queue jobs, which are part of `work`; a job that has ended may have stored a plan."""
