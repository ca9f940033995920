"""Which gesture redraws which parts of the Hot spots page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from callbacks.hotspots.options import SURFACE_OPTIONS
from components.hotspots.training import INCIDENTS

MAPS = frozenset({"map", "compared"})
OF_SELECTION = MAPS | {"choices", "zones", "files", "changes", "train", "concentration"}
EDITED = frozenset({"zones", "zone_maps", "changes"})
OF_MODEL = EDITED | {"files"}
REDRAWS = Redraws(
    opened=OF_SELECTION,
    selected=OF_SELECTION,
    options={
        "h_a": {"map", "files"},
        "h_as": {"map", "files"},
        "h_b": {"compared", "files"},
        "h_bs": {"compared", "files"},
        **dict.fromkeys(SURFACE_OPTIONS, MAPS | {"files"}),
        "h_model": OF_MODEL,
        "h_rank": OF_MODEL,
        "h_top": {"zones", "changes"},
        "h_fit": {"train"},
        INCIDENTS: {"train"},
        "theme": MAPS | {"concentration"},
    },
    acts={
        "edit": EDITED,
        "undo-edit": EDITED,
        "add-zone": EDITED,
        "train": {"train", "no_zones"},
        "train-first": {"train", "no_zones"},
        "cancel": {"no_zones"},
    },
    ended={"no_zones"},
    always={"work"},
)
"""`zone_maps` are the maps that show zones; `no_zones` is what stands there while there are none.

New zones come with new data, so a job that ended redraws only what says why there are none.
"""
