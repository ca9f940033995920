"""The selection store's value: the selection, its past, and the steps that were undone.

A page may have filters of its own, which it keeps in one of its options. While it is open, they are
part of the steps. A step is written like an address: the selection, and after `#` the page's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import accumulate, groupby
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
    """The selection and its history, as canonical texts; `past` ends with the previous one.

    Attributes
    ----------
    own
        The open page's own filters; empty on pages without.
    past, future
        Steps: texts of selections, with own filters after `#`.
    """

    text: str = ""
    own: str = ""
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
            own=str(stored.get("own") or ""),
            past=tuple(stored.get("past") or ()),
            future=tuple(stored.get("future") or ()),
            snapshot=stored.get("snapshot"),
            left_out=tuple(stored.get("left_out") or ()),
        )

    @property
    def step(self) -> str:
        """Where it is now."""
        return f"{self.text}#{self.own}" if self.own else self.text

    def moved_to(self, text: str, own: str | None = None) -> SelectionState:
        """Move to another selection, or to other filters of the page; undo returns to these."""
        moved = replace(self, text=text, own=self.own if own is None else own)
        if moved.step == self.step:
            return self
        return replace(moved, past=_newest((*self.past, self.step)), future=())

    def undone(self) -> SelectionState:
        if not self.past:
            return self
        back = self._at(self.past[-1])
        return replace(back, past=self.past[:-1], future=(self.step, *self.future))

    def redone(self) -> SelectionState:
        if not self.future:
            return self
        again = self._at(self.future[0])
        return replace(again, past=(*self.past, self.step), future=self.future[1:])

    def _at(self, step: str) -> SelectionState:
        text, _, own = step.partition("#")
        return replace(self, text=text, own=own)

    def without_own(self) -> SelectionState:
        """The history of the selection alone: the page with filters of its own was left."""
        past = _texts((*self.past, self.text))
        future = _texts((self.text, *self.future))
        return replace(self, own="", past=past[:-1], future=future[1:])

    def with_left_out(self, left_out: Iterable[str]) -> SelectionState:
        """Add notices of filters that were left out, each once."""
        return replace(self, left_out=tuple(dict.fromkeys((*self.left_out, *left_out))))

    def as_store(self) -> dict[str, Any]:
        return asdict(self)


def _texts(steps: Iterable[str]) -> tuple[str, ...]:
    """The selections of steps, without steps that do not change it."""
    return tuple(text for text, _ in groupby(step.partition("#")[0] for step in steps))


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
    if action in ("reset", "apply"):
        text = str(gesture.get("text") or "") if action == "apply" else ""
        return state.moved_to(Selection.parse(text).text)
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


def with_own_filters(
    gesture: Mapping[str, Any], state: SelectionState, option: str
) -> tuple[Mapping[str, Any], SelectionState]:
    """Apply a gesture on a page that keeps filters of its own in an option; empty for none.

    Returns the gesture with the option as undo or redo left it, and the state.

    Raises
    ------
    InputError
        The gesture is unknown, or its filter is not valid.
    """
    if not option:
        return gesture, apply_gesture(gesture, state.without_own())
    page = dict(gesture.get("page") or {})
    sent = str(page.get(option) or "")
    if gesture.get("action") == "open":
        return gesture, replace(apply_gesture(gesture, state.without_own()), own=sent)
    changed = apply_gesture(gesture, state)
    if gesture.get("action") not in ("undo", "redo"):
        return gesture, changed.moved_to(changed.text, sent)
    if changed.own != sent:
        gesture = {**gesture, "page": {**page, option: changed.own}, "changed": [option]}
    return gesture, changed
