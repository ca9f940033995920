"""Features of a layer's file: shapes in the file's coordinates, and the fields that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.one_line import one_line

Shapes = npt.NDArray[np.object_]
Choose = Callable[[Sequence[str]], Sequence[str]]
"""Chooses the fields to keep from the names of all fields of a file."""

MOST_FEATURES = 1_000_000
MOST_COORDINATES = 10_000_000
"""Streets of a state have fewer; a larger file would not fit into a browser either."""


@dataclass(frozen=True)
class LayerFeatures:
    """Features with a shape.

    Attributes
    ----------
    unit : str
        What a number counts in the file: `feature` or `line`.
    numbers : list of int
        Place of each feature in the file, from 1; of a CSV its line.
    shapes : array of shapely geometries
        In the file's coordinates, without heights.
    fields : dict of list of str
        Kept fields; empty text where a feature has no value.
    crs : str
        Coordinate system, such as `EPSG:3435`; empty if the file does not say.
    without_shape : int
        Features that have none.
    """

    unit: str
    numbers: list[int]
    shapes: Shapes
    fields: dict[str, list[str]]
    crs: str
    without_shape: int = 0


class FeatureList:
    """Collects features, within the limits."""

    def __init__(self, path: object, unit: str, choose: Choose) -> None:
        self._path, self._unit, self._choose = path, unit, choose
        self._numbers: list[int] = []
        self._shapes: list[Any] = []
        self._fields: dict[str, list[str]] | None = None
        self._coordinates = 0
        self._without_shape = 0

    def add(self, number: int, values: dict[str, Any], shape: Any, coordinates: int) -> None:
        """Add a feature; the first one's fields are those of the file."""
        if self._fields is None:
            self._fields = {name: [] for name in self._choose(list(values))}
        if shape is None:
            self._without_shape += 1
            return
        self._coordinates += coordinates
        if len(self._numbers) >= MOST_FEATURES or self._coordinates > MOST_COORDINATES:
            raise too_large(self._path)
        for name, column in self._fields.items():
            column.append(as_text(values.get(name)))
        self._numbers.append(number)
        self._shapes.append(shape)

    def features(self, crs: str) -> LayerFeatures:
        """All features added."""
        if not self._numbers:
            more = f"; {self._without_shape:,} have no shape" if self._without_shape else ""
            raise InputError(f"{self._path}: has no features{more}.")
        shapes = np.empty(len(self._shapes), dtype=object)
        shapes[:] = self._shapes
        return LayerFeatures(
            self._unit, self._numbers, shapes, self._fields or {}, crs, self._without_shape
        )


def too_large(path: object) -> InputError:
    """The error for a file beyond the limits."""
    return InputError(
        f"{path}: has more than {MOST_FEATURES:,} features or {MOST_COORDINATES:,} coordinates. "
        "Cut it to the agency's area first."
    )


def as_text(value: Any) -> str:
    """A value as text: whole numbers without a decimal point, missing ones as empty text."""
    if value is None or value != value:  # noqa: PLR0124 - NaN, as libraries give for missing
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return one_line(str(value))
