"""Which gesture redraws which parts of a page: each page declares it once, in its `redraws.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

POLL = "poll"
"""The option that changes when a page with open jobs asks for news."""
LATER = "later"
"""The option that changes when an opened page asks for its parts that take longer."""
Parts = Collection[str]
Answers = Mapping[str, Callable[..., dict[str, Any]]]
"""By part: the outputs that it consists of."""


@dataclass(frozen=True)
class Redraws:
    """Parts of a page by what redraws them; what is not named redraws nothing.

    Attributes
    ----------
    opened
        When the page is opened, on Back and Forward, and whenever the data is new.
    selected
        When the selection changes.
    options
        By option of the page, when it changes.
    acts
        By the name of a submitted form.
    ended
        When a poll finds that a job has ended, besides those of the option `poll`.
    always
        With every gesture.
    """

    opened: Parts
    selected: Parts
    options: Mapping[str, Parts] = field(default_factory=dict)
    acts: Mapping[str, Parts] = field(default_factory=dict)
    ended: Parts = ()
    always: Parts = ()


def draw(parts: Parts, answers: Answers, *given: Any) -> dict[str, Any]:
    """Outputs by name of some parts; each part's answer takes `given`."""
    outputs: dict[str, Any] = {}
    for part in sorted(parts):
        outputs |= answers[part](*given)
    return outputs
