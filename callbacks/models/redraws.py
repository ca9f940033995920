"""Which gesture redraws which parts of the Models page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from callbacks.frame.target import TARGET
from components.models.training import INCIDENTS

OF_MODEL = frozenset({"targets", "overview", "versions", "train", "time", "compare"})
PARTS = OF_MODEL | {"decisions"}
REDRAWS = Redraws(
    opened=PARTS,
    selected=OF_MODEL,
    options={
        "model": OF_MODEL,
        TARGET: OF_MODEL,
        INCIDENTS: {"train"},
        "one": {"compare"},
        "other": {"compare"},
        "theme": {"time"},
    },
    ended=PARTS,
    always={"work"},
)
"""The selection names the target of the models, unless one was chosen.

Acts queue jobs, which are part of `work`; what they lead to is there when they have ended."""
