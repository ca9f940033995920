"""Requests of gestures as a browser posts them, built from the server's list of callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

GESTURE, STATE = "gesture-explore", "selection"
UPDATE = "/_dash-update-component"
DEPENDENCIES = "/_dash-dependencies"
PAGE = {"theme": "light", "size": "1000"}


def template(dependencies: Sequence[Mapping[str, Any]], gesture: str = GESTURE) -> dict[str, Any]:
    """The request of the callback that answers a page's gestures, without values.

    Parameters
    ----------
    dependencies : list
        The answer of `/_dash-dependencies`.
    gesture : str
        Id of the page's gesture store.
    """
    for callback in dependencies:
        if callback["inputs"] and callback["inputs"][0]["id"] == gesture:
            named = callback["output"].strip(".").split("...")
            outputs = [dict(zip(("id", "property"), _split(name), strict=True)) for name in named]
            return {
                "output": callback["output"],
                "outputs": outputs,
                "inputs": [{"id": gesture, "property": "data"}],
                "changedPropIds": [f"{gesture}.data"],
                "state": [{"id": STATE, "property": "data"}],
            }
    raise LookupError("no callback of this server answers gestures")


def _split(name: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.+)\.([^.@]+)(?:@.*)?", name)
    if found is None:
        raise LookupError(f"{name} is not an output")
    return found[1], found[2]


@dataclass
class AnalystPage:
    """One analyst's page: its state, and its requests."""

    request: Mapping[str, Any]
    state: Mapping[str, Any] | None = None
    number: int = 0
    shown: dict[str, str] = field(default_factory=lambda: dict(PAGE))

    def ask(self, gesture: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the next gesture's request."""
        self.number += 1
        value = {**gesture, "n": self.number, "page": self.shown}
        return {
            **self.request,
            "inputs": [{**self.request["inputs"][0], "value": value}],
            "state": [{**self.request["state"][0], "value": self.state}],
        }

    def take(self, answer: Mapping[str, Any]) -> None:
        """Store the server's answer."""
        self.state = answer["response"][STATE]["data"]


@dataclass(frozen=True)
class Choices:
    """Keys that can be clicked in one snapshot."""

    types: tuple[str, ...]
    districts: tuple[str, ...]
    cells: tuple[str, ...]
    months: tuple[str, ...]


PRESETS = ("last7d", "last28d", "mtd", "ytd")


def gestures(choices: Choices, seed: int) -> Iterator[dict[str, Any]]:
    """An endless sequence of an analyst's clicks of all kinds, including removals."""
    rng = np.random.default_rng(seed)

    def one(values: Sequence[str]) -> str:
        return values[int(rng.integers(len(values)))]

    def hours() -> str:
        start = int(rng.integers(24))
        return f"{start:02d}-{(start + int(rng.integers(3, 9))) % 24:02d}"

    def brush() -> str:
        first, last = sorted((one(choices.months), one(choices.months)))
        return f"{first}-01..{last}-28"

    kinds = {
        "type": lambda: {"action": "toggle", "dimension": "type", "keys": [one(choices.types)]},
        "district": lambda: _only("district", one(choices.districts)),
        "heatmap": lambda: _only(
            "hour_weekday", f"{int(rng.integers(1, 8))}-{int(rng.integers(24)):02d}"
        ),
        "hours": lambda: {"action": "set", "dimension": "hour", "text": hours()},
        "brush": lambda: {"action": "set", "dimension": "date", "text": brush()},
        "cell": lambda: _only("cell", one(choices.cells)),
        "preset": lambda: {"action": "set", "dimension": "date", "text": one(PRESETS)},
        "removal": lambda: {"action": "remove", "dimension": one(("type", "date", "hour", "cell"))},
        "undo": lambda: {"action": "undo"},
        "reset": lambda: {"action": "reset"},
    }
    weights = np.array([4, 4, 2, 2, 3, 1, 2, 4, 1, 2], dtype=float)
    names = list(kinds)
    yield {"action": "open", "text": ""}
    while True:
        yield kinds[names[int(rng.choice(len(names), p=weights / weights.sum()))]]()


def _only(dimension: str, key: str) -> dict[str, Any]:
    return {"action": "only", "dimension": dimension, "keys": [key]}
