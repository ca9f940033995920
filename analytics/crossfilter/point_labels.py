"""Labels that models give to the places of a snapshot: looked up by its unique points.

Table `labels` of a snapshot has those of its champions; `model_versions` of its manifest says which
versions these are. The same number in another version is another zone.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import NONE, Labels, label_key, short_name
from analytics.crossfilter.dimensions import DIMENSIONS, LABELED
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from sql import load

Bools = np.ndarray[Any, np.dtype[np.bool_]]


class PointLabels:
    """The labels of every place of one snapshot, by model; read when first asked for."""

    def __init__(self, reader: SnapshotReader) -> None:
        # What is kept for a reader must not keep it open itself.
        self._reader = weakref.ref(reader)
        self.versions = label_versions(reader.snapshot.manifest)
        self._lock = threading.Lock()
        self._kept: dict[str, pl.Series] = {}

    def of(self, model: str) -> pl.Series:
        """Label of each place, `none` where it has none; shape (points,).

        Raises
        ------
        InputError
            The snapshot has no labels by this model.
        """
        version = self.version(model)
        with self._lock:
            if model not in self._kept:
                reader = self._reader()
                if reader is None:
                    raise RuntimeError("the reader of these labels is gone")
                asked = {"model": model, "version": version}
                found = reader.frame(load("crossfilter/labels_of_points"), asked)
                self._kept[model] = found["label"].fill_null(NONE)
            return self._kept[model]

    def version(self, model: str) -> int:
        """The version whose labels the snapshot has; raises as `of`."""
        if model not in self.versions:
            known = ", ".join(map(_view_name, self.versions)) or "none"
            raise InputError(f"There is no view {_view_name(model)!r}; this data has {known}.")
        return self.versions[model]

    def inside(self, clause: Labels, points: int) -> Bools:
        """Whether each place has one of the labels; shape (points,).

        Raises
        ------
        InputError
            A label is of a version that the snapshot does not have.
        """
        _, messages = of_snapshot(clause, self.versions)
        if messages:
            raise InputError(" ".join(messages))
        found = np.zeros(points, np.bool_)
        for model in {model for model, _, _ in clause.known}:
            wanted = [label for other, _, label in clause.known if other == model]
            found |= self.of(model).is_in(wanted).to_numpy()
        return found


def label_versions(manifest: Manifest) -> dict[str, int]:
    """Version by name of the models whose labels a snapshot has."""
    return {
        model: int(version)
        for model, version in manifest.model_versions.items()
        if model.startswith(tuple(LABELED.values()))
    }


def of_snapshot(clause: Labels, versions: Mapping[str, int]) -> tuple[Labels | None, list[str]]:
    """A clause without labels of other versions (None if nothing is left), and what is left out."""
    kept: list[tuple[str, int, str] | None] = [None] if clause.unknown else []
    left_out: dict[tuple[str, int], list[str]] = {}
    for model, version, label in clause.known:
        if versions.get(model) == version:
            kept.append((model, version, label))
        else:
            left_out.setdefault((model, version), []).append(label_key(model, version, label))
    messages = [
        _left_out(model, version, words, versions.get(model))
        for (model, version), words in left_out.items()
    ]
    return (Labels(tuple(kept)) if kept else None), messages


def _left_out(model: str, version: int, words: list[str], present: int | None) -> str:
    noun = DIMENSIONS[dimension_of(model)].label
    more = f" and {len(words) - 1} more" if len(words) > 1 else ""
    named = f"{noun} {words[0]}{more}"
    if present is None:
        return (
            f"{named} cannot be chosen; the snapshot has no {noun.lower()} by {short_name(model)}."
        )
    other = "an earlier" if version < present else "a later"
    belongs = "belong" if more else "belongs"
    return f"{named} {belongs} to {other} version; the snapshot has version {present}."


def dimension_of(model: str) -> str:
    """The dimension that a model's labels are values of."""
    return next(name for name, prefix in LABELED.items() if model.startswith(prefix))


def _view_name(model: str) -> str:
    return f"{dimension_of(model)}:{short_name(model)}"
