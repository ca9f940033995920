"""Which gesture redraws which parts of the Explore page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws

PARTS = frozenset({"headline", "map", "hours", "offenses", "areas", "days", "table"})
REDRAWS = Redraws(
    opened=PARTS | {"record"},
    selected=PARTS,
    options={
        "offenses": {"offenses"},
        "areas": {"areas"},
        "block_sort": {"areas"},
        "map": {"map"},
        "measure": {"map"},
        "size": {"map"},
        "bounds": {"map"},
        "written": {"map"},
        "narrow": {"table"},
        "sort": {"table"},
        "desc": {"table"},
        "offset": {"table"},
        "large": {"table"},
        "incident": {"record"},
        "numbers": {"map", "hours", "days"},
        "theme": {"map", "hours", "days", "record"},
    },
)
