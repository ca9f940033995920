"""Options of the Calls page; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.calls.answers import Calls
from analytics.calls.staffing import Assumptions
from analytics.calls.waits import Wait
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from callbacks.frame.options import one_of
from components.calls.ids import SELECTION
from components.calls.layout import WAITS
from components.calls.workload import FIELDS


@dataclass(frozen=True)
class CallsOptions:
    """Options of the page.

    Attributes
    ----------
    selection
        The selected calls.
    by
        Dimension of the list of values.
    problems
        What could not be read, as messages.
    """

    selection: Selection
    level: str
    by: str
    wait: Wait
    assumptions: Assumptions
    problems: tuple[str, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any], calls: Calls) -> CallsOptions:
        problems = []
        try:
            selection = calls.selection(str(raw.get(SELECTION) or ""))
        except InputError as error:
            selection = EMPTY
            problems.append(f"The filters of calls were left out: {error}")
        try:
            assumptions = Assumptions(**_numbers(raw))
        except (InputError, ValueError) as error:
            assumptions = Assumptions()
            problems.append(f"The assumptions were left out: {error}")
        return cls(
            selection,
            one_of(raw.get("c_level"), calls.levels or (calls.level,)),
            one_of(raw.get("c_by"), calls.listed),
            Wait(one_of(raw.get("c_wait"), WAITS)),
            assumptions,
            tuple(problems),
        )


def _numbers(raw: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(str(raw[option]))
        for option, (name, _) in FIELDS.items()
        if raw.get(option) not in (None, "")
    }
