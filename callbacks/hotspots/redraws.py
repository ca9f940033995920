"""Which gesture redraws which parts of the Hot spots page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from callbacks.hotspots.options import SURFACE_OPTIONS
from components.frame.notes import WRITE
from components.hotspots.training import INCIDENTS

MAPS = frozenset({"map", "compared"})
MAP_A, MAP_B = frozenset({"map", "files"}), frozenset({"compared", "files"})
LIST = frozenset({"zones", "zones_note"})
OF_SELECTION = MAPS | LIST | {"choices", "files", "changes", "train", "concentration", "methods"}
EDITED = LIST | {"zone_maps", "changes"}
OF_MODEL = EDITED | {"files"}
IN_TRAINING = frozenset({"no_zones", "zones_note", "methods"})
REDRAWS = Redraws(
    opened=OF_SELECTION,
    selected=OF_SELECTION,
    options={
        "h_a": MAP_A,
        **dict.fromkeys(("h_as", "h_at", "h_av", "h_au", "h_ah"), MAP_A),
        "h_b": MAP_B,
        **dict.fromkeys(("h_bs", "h_bt", "h_bv", "h_bu", "h_bh"), MAP_B),
        **dict.fromkeys(SURFACE_OPTIONS, MAPS | {"files"}),
        "h_model": OF_MODEL,
        "h_rank": OF_MODEL,
        "h_top": OF_MODEL,
        "h_fit": {"train"},
        INCIDENTS: {"train"},
        "theme": MAPS | {"concentration"},
    },
    acts={
        "edit": EDITED,
        "undo-edit": EDITED,
        "add-zone": EDITED,
        "train": IN_TRAINING | {"train"},
        "train-first": IN_TRAINING | {"train"},
        "compare": {"methods"},
        WRITE: {"zones"},
        "cancel": IN_TRAINING,
    },
    ended=IN_TRAINING,
    always={"work"},
)
"""`zone_maps` are the maps that show zones; `no_zones` is what stands there while there are none.

New zones come with new data, so a job that begins or ends redraws only what says whether zones are
in training or methods being compared: `no_zones`, the note of a target that has none of its own,
and `methods`.
"""
