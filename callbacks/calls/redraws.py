"""Which gesture redraws which parts of the Calls page; the incidents' selection redraws none."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from components.calls.ids import SELECTION
from components.calls.workload import FIELDS

FIGURES = frozenset({"filters", "week", "bars", "waits", "workload", "staffing"})
ALL = FIGURES | {"about", "missing", "assumptions"}
REDRAWS = Redraws(
    opened=ALL,
    selected=(),
    options={
        SELECTION: FIGURES,
        "c_level": {"workload"},
        "c_by": {"bars"},
        "c_wait": {"waits"},
        **{option: {"staffing", "assumptions"} for option in FIELDS},
    },
)
