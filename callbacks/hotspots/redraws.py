"""Which gesture redraws which parts of the Hot spots page."""

from __future__ import annotations

from callbacks.frame.redraws import Redraws
from callbacks.hotspots.options import SURFACE_OPTIONS
from components.hotspots.training import INCIDENTS

MAPS = frozenset({"map", "compared"})
LIST = frozenset({"zones", "zones_note"})
OF_SELECTION = MAPS | LIST | {"choices", "files", "changes", "train", "concentration"}
EDITED = LIST | {"zone_maps", "changes"}
OF_MODEL = EDITED | {"files"}
IN_TRAINING = frozenset({"no_zones", "zones_note"})
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
        "h_top": LIST | {"changes"},
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
        "cancel": IN_TRAINING,
    },
    ended=IN_TRAINING,
    always={"work"},
)
"""`zone_maps` are the maps that show zones; `no_zones` is what stands there while there are none.

New zones come with new data, so a job that begins or ends redraws only what says whether zones are
in training: `no_zones`, and the note of a target that has none of its own.
"""
