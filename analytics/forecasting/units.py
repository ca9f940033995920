"""What is forecast and flagged: cells of a fishnet, or blocks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

import polars as pl

from analytics.statistics.arrays import Floats


class Units(Hashable, Protocol):
    """Places of a forecast, in a fixed order.

    Attributes
    ----------
    centers : local meters, shape (units, 2)
    keys : name of each unit
    """

    def __len__(self) -> int: ...

    @property
    def centers(self) -> Floats: ...

    @property
    def keys(self) -> list[str]: ...

    def frame(self, **values: Any) -> pl.DataFrame:
        """Columns that name the units, and further columns of shape (units,)."""
