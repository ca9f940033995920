"""Which gesture redraws which parts of the Models page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from components.models.training import INCIDENTS

OF_MODEL = frozenset({"overview", "versions", "train", "time", "compare"})
PARTS = OF_MODEL | {"decisions"}
REDRAWS = Redraws(
    opened=PARTS,
    selected={"train"},
    options={
        "model": OF_MODEL,
        INCIDENTS: {"train"},
        "one": {"compare"},
        "other": {"compare"},
        "theme": {"time"},
    },
    ended=PARTS,
    always={"work"},
)
"""Acts queue jobs, which are part of `work`; what they lead to is there when they have ended."""
