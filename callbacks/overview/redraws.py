"""Which gesture redraws which parts of the Overview."""

from __future__ import annotations

from callbacks.frame.redraws import LATER, Redraws

FIRST = frozenset(
    {"headline", "brief", "weeks", "groups", "areas", "types", "hours", "data", "models", "mark"}
)
REDRAWS = Redraws(
    opened=FIRST,
    selected=FIRST,
    options={
        "areas": {"areas", "brief", "mark"},
        "block_sort": {"areas"},
        LATER: {"deferred"},
        "theme": {"weeks", "hours", "map"},
    },
)
"""`mark` makes the browser ask for the option `later`, and thus for the parts that take longer."""
