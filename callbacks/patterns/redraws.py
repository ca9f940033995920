"""Which gesture redraws which parts of the Patterns page."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

OFFERS = frozenset({"missing", "offers"})
OF_SELECTION = OFFERS | {"choices", "map", "offense_profile"}
DRAWN = frozenset({"choices", "map"})
REDRAWS = Redraws(
    opened=OF_SELECTION | {"components"},
    selected=OF_SELECTION,
    options={
        "method": DRAWN | {"missing"},
        "draw": DRAWN,
        "color": DRAWN,
        "axes": DRAWN,
        "tool": DRAWN,
        "theme": {"map", "components"},
        POLL: OFFERS,
    },
    acts={"train": OFFERS, "cancel": OFFERS},
)
"""`OFFERS` offer to train models that are not there; all change with any job that begins or ends.

Components are those of all training incidents, so the selection does not redraw them.
"""
