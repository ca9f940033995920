"""Models' labels of the places of a snapshot, by its unique points.

Table `labels` of a snapshot has the champions' labels; `model_versions` of its manifest gives their
versions. The same label in another version means another zone.
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
    """Labels of every place of one snapshot, by model; read at first use."""

    def __init__(self, reader: SnapshotReader) -> None:
        # Weak: what is cached for a reader must not keep it open.
        self._reader = weakref.ref(reader)
        self.versions = label_versions(reader.snapshot.manifest)
        self._lock = threading.Lock()
        self._labels_of: dict[str, pl.Series] = {}

    def of(self, model: str) -> pl.Series:
        """Label of each place, `none` if it has none; shape (points,).

        Raises
        ------
        InputError
            The snapshot has no labels of this model.
        """
        version = self.version(model)
        with self._lock:
            if model not in self._labels_of:
                reader = self._reader()
                if reader is None:
                    raise RuntimeError("the reader of these labels is gone")
                parameters = {"model": model, "version": version}
                found = reader.frame(load("crossfilter/labels_of_points"), parameters)
                self._labels_of[model] = found["label"].fill_null(NONE)
            return self._labels_of[model]

    def version(self, model: str) -> int:
        """The version whose labels the snapshot has; raises like `of`."""
        if model not in self.versions:
            known = ", ".join(map(_view_name, self.versions)) or "none"
            raise InputError(f"View not found: {_view_name(model)!r}; this data has {known}.")
        return self.versions[model]

    def inside(self, clause: Labels, points: int) -> Bools:
        """Whether each place has one of the labels; shape (points,).

        Raises
        ------
        InputError
            A label belongs to a version that the snapshot does not have.
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
    """Version of each model whose labels a snapshot has."""
    return {
        model: int(version)
        for model, version in manifest.model_versions.items()
        if model.startswith(tuple(LABELED.values()))
    }


def of_snapshot(clause: Labels, versions: Mapping[str, int]) -> tuple[Labels | None, list[str]]:
    """Leave out labels of other versions; returns the clause, if any is left, and messages."""
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
            f"{named} cannot be chosen; the snapshot has no {noun.lower()} of {short_name(model)}."
        )
    other = "an earlier" if version < present else "a later"
    belongs = "belong" if more else "belongs"
    return f"{named} {belongs} to {other} version; the snapshot has version {present}."


def dimension_of(model: str) -> str:
    """The dimension whose values are a model's labels."""
    return next(name for name, prefix in LABELED.items() if model.startswith(prefix))


def _view_name(model: str) -> str:
    return f"{dimension_of(model)}:{short_name(model)}"
