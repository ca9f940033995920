"""Which gesture redraws which parts of the page Responsible use."""

from __future__ import annotations

from callbacks.frame.redraws import POLL, Redraws

FIGURES = frozenset({"frontier", "trend"})
ALL = FIGURES | {"status", "areas", "groups", "feedback", "gaps", "models"}
REDRAWS = Redraws(
    opened=ALL,
    selected=(),
    options={"theme": FIGURES, POLL: {"status"}},
    acts={"evaluate-fairness": {"status"}, "cancel": {"status"}},
    ended=ALL,
)
"""The page is of stored results, whatever is selected; a job that has ended may have new ones."""
