"""Which gesture redraws which parts of the Patterns page."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

OF_SELECTION = frozenset({"choices", "map", "missing", "offense_profile"})
OFFERS = frozenset({"missing", "offense_profile", "components"})
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
        POLL: {"missing"},
    },
    acts={"train": OFFERS, "cancel": OFFERS},
)
"""`OFFERS` are the parts that offer to train a model which is not there.

Components are those of all training incidents, so the selection does not redraw them.
"""
