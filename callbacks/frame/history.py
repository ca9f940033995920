"""The selection store's value: the selection, its past, and the steps that were undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from typing import Any

from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import length_unit

MOST_STEPS = 50
MOST_CHARACTERS = 150_000
KEEPS_SELECTION = ("page", "map", "table", "act", "dismiss")
"""Actions that leave the selection unchanged."""


@dataclass(frozen=True)
class SelectionState:
    """The selection and its history, as canonical texts; `past` ends with the previous one."""

    text: str = ""
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    snapshot: str | None = None
    n: int = 0  # number of the gesture this answers
    left_out: tuple[str, ...] = ()  # notices of filters that were left out, until dismissed

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> SelectionState:
        if not stored:
            return cls()
        return cls(
            text=str(stored.get("text") or ""),
            past=tuple(stored.get("past") or ()),
            future=tuple(stored.get("future") or ()),
            snapshot=stored.get("snapshot"),
            left_out=tuple(stored.get("left_out") or ()),
        )

    def moved_to(self, text: str) -> SelectionState:
        """Move to another selection; undo returns to the present one."""
        if text == self.text:
            return self
        return replace(self, text=text, past=_newest((*self.past, self.text)), future=())

    def undone(self) -> SelectionState:
        if not self.past:
            return self
        return replace(
            self, text=self.past[-1], past=self.past[:-1], future=(self.text, *self.future)
        )

    def redone(self) -> SelectionState:
        if not self.future:
            return self
        return replace(
            self, text=self.future[0], past=(*self.past, self.text), future=self.future[1:]
        )

    def with_left_out(self, left_out: Iterable[str]) -> SelectionState:
        """Add notices of filters that were left out, each once."""
        return replace(self, left_out=tuple(dict.fromkeys((*self.left_out, *left_out))))

    def as_store(self) -> dict[str, Any]:
        return asdict(self)


def _newest(past: tuple[str, ...]) -> tuple[str, ...]:
    """The newest steps that fit: the browser sends them with each gesture."""
    sizes = accumulate(len(text) for text in reversed(past[-MOST_STEPS:]))
    return past[len(past) - sum(size <= MOST_CHARACTERS for size in sizes) :]


def apply_gesture(gesture: Mapping[str, Any], state: SelectionState) -> SelectionState:
    """Apply one gesture to the selection and its history.

    Raises
    ------
    InputError
        The gesture is unknown, or its filter is not valid.
    """
    action = gesture.get("action")
    if action in ("undo", "redo"):
        return state.undone() if action == "undo" else state.redone()
    if action == "open":
        return replace(state, text=str(gesture.get("text") or ""))
    if action == "dismiss":
        dismissed = {str(key) for key in gesture.get("keys") or ()}
        return replace(state, left_out=tuple(x for x in state.left_out if x not in dismissed))
    if action == "reset":
        return state.moved_to("")
    if action in KEEPS_SELECTION:
        return state
    return state.moved_to(_changed(gesture, Selection.parse(state.text)).text)


def _changed(gesture: Mapping[str, Any], selection: Selection) -> Selection:
    action, dimension = gesture.get("action"), str(gesture.get("dimension") or "")
    if action == "remove":
        return selection.without({dimension})
    if action == "set":
        text = str(gesture.get("text") or "")
        if dimension == "near" and text[-1:].isdigit():  # typed without a unit
            text += f" {length_unit()}"
        clause = Selection.parse(f"{dimension}={text}").get(dimension)
        return selection.replace(dimension, clause)
    keys = [str(key) for key in gesture.get("keys") or ()]
    if action == "choose":
        return selection.without({dimension}).toggle(dimension, keys, mode="add")
    if action in ("toggle", "only", "add"):
        return selection.toggle(dimension, keys, mode=action)
    raise InputError(f"Unknown gesture: {action!r}.")
