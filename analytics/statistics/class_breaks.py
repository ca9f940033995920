"""Class breaks in round numbers: 1-4, 5-9, 10-24 …"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from analytics.formats import number, numbers

CLASSES = 6  # steps of the sequential scale of colors
COARSE = (1, 2.5, 5)  # 1, 5, 10, 25, 50, 100, 250 …
FINE = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
ENOUGH = 5  # classes; with fewer, finer numbers are tried
NO_CLASS = -1


def _round_numbers(highest: float, steps: Sequence[float]) -> list[int]:
    numbers = {1, 2} if highest < 10 else {1}
    power = 1
    while power <= highest:
        numbers |= {int(step * power) for step in steps if step * power == int(step * power)}
        power *= 10
    return sorted(value for value in numbers if value <= highest)


def class_breaks(values: Iterable[float | None], n: int = CLASSES) -> list[int]:
    """Lower bounds of at most `n` classes, in round numbers near the values' quantiles.

    Parameters
    ----------
    values
        Counts or sums; zeros and missing values have no class and are left out.
    n
        Most classes.

    Returns
    -------
    list of int
        Ascending, the first is 1; class `i` reaches to just below break `i + 1`. Empty without
        a positive value.
    """
    ordered = sorted(value for value in values if value is not None and value > 0)
    if not ordered:
        return []
    highest = ordered[-1]
    if highest <= n:
        return list(range(1, max(int(highest), 1) + 1))
    coarse = _near_quantiles(ordered, n, COARSE)
    found = coarse if len(coarse) >= ENOUGH else _near_quantiles(ordered, n, FINE)
    return _with_tail(found, _round_numbers(highest, COARSE), n)


def _near_quantiles(ordered: Sequence[float], n: int, steps: Sequence[float]) -> list[int]:
    candidates = _round_numbers(ordered[-1], steps)
    breaks = [1]
    for step in range(1, n):
        quantile = ordered[min(len(ordered) - 1, step * len(ordered) // n)]
        nearest = min(candidates, key=lambda candidate: abs(candidate - quantile))
        if nearest > breaks[-1]:
            breaks.append(nearest)
    return breaks


def _with_tail(breaks: list[int], candidates: Sequence[int], n: int) -> list[int]:
    """Where most values are similar, split the few large ones into the classes left."""
    larger = [value for value in candidates if value > breaks[-1]]
    return breaks + larger[: n - len(breaks)] if len(breaks) < ENOUGH else breaks


def classify(values: Iterable[float | None], breaks: Sequence[int]) -> list[int]:
    """Class of each value, from 0; -1 where it is zero or missing."""
    return [
        max(bisect_right(breaks, value) - 1, 0) if value and value > 0 and breaks else NO_CLASS
        for value in values
    ]


def class_labels(breaks: Sequence[int], *, shares: bool = False) -> list[str]:
    """`1-4`, `5-9`, `10 or more`; for shares, which need not be whole, `under 5`, `5 to 10`."""
    if not breaks:
        return []
    if shares:
        first, *between = [numbers(low, high) for low, high in pairwise(breaks)] or ["any"]
        under = f"under {number(breaks[1])}" if len(breaks) > 1 else first
        return [under, *between, *([f"{number(breaks[-1])} or more"] if len(breaks) > 1 else [])]
    closed = [
        number(low) if high - low == 1 else f"{number(low)}-{number(high - 1)}"
        for low, high in pairwise(breaks)
    ]
    return [*closed, f"{number(breaks[-1])} or more"]
