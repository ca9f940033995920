"""The result of every method of zones: a label for each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.statistics.arrays import Floats, Ints

NOISE = -1


@dataclass(frozen=True, eq=False)
class Clustering:
    """Zones as labels of places.

    Attributes
    ----------
    method : str
    labels : int64 array of shape (places,)
        Zone of each place, numbered from 0; `NOISE` (-1) for a place in no zone.
    parameters : mapping
        Parameters of the fit.
    centers : array of shape (zones, 2), optional
        Local meters, of methods with centers.
    estimator : object, optional
        The fitted scikit-learn estimator, if any.
    """

    method: str
    labels: Ints = field(repr=False)
    parameters: Mapping[str, Any]
    centers: Floats | None = field(default=None, repr=False)
    estimator: Any = field(default=None, repr=False)

    @property
    def zones(self) -> int:
        """Number of zones, without noise."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0


def checked(xy: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """Places and weights as float64 arrays of shapes (n, 2) and (n,).

    Raises
    ------
    InputError
        Shapes do not fit, a value is not finite, or a weight is negative.
    """
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    given = np.ones(len(places)) if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (len(places),):
        raise InputError(f"{len(given):,} weights do not fit {len(places):,} places.")
    if not (np.isfinite(places).all() and np.isfinite(given).all()) or (given < 0).any():
        raise InputError("Places must be finite meters, weights finite and not negative.")
    return places, given


def renumbered(labels: npt.NDArray[Any], weights: Floats) -> Ints:
    """The same zones numbered by falling weight, ties by first place. Noise stays -1."""
    result = np.full(len(labels), NOISE, dtype=np.int64)
    inside = np.asarray(labels) >= 0
    if not inside.any():
        return result
    _, first, codes = np.unique(labels[inside], return_index=True, return_inverse=True)
    total = np.bincount(codes, weights=weights[inside])
    order = np.lexsort((first, -total))
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    result[inside] = numbers[codes]
    return result
