"""Which of many tested rows deserve a look: clear ones, and some to watch.

*Clear* holds the false discovery rate over the whole table. *Watch* is the few smallest p-values of
the others, with how many rows chance alone would bring under the same limit.

References
----------
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.false_discovery import benjamini_hochberg
from analytics.statistics.level import LEVEL

WATCH_P = 0.01
MOST_WATCHED = 5
ALONE = -1


@unique
class Tier(StrEnum):
    """How much a row stands out of its table."""

    CLEAR = "clear"
    WATCH = "watch"
    AS_EXPECTED = "as_expected"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True, eq=False)
class Tiers:
    """The tiers of a table.

    Attributes
    ----------
    tiers : of each row
    q : false discovery rate at which each row would just be clear; NaN where it was not tested
    under : the row that each one folds under, `ALONE` where it stands by itself
    tested : number of rows tested
    """

    tiers: tuple[Tier, ...]
    q: Floats = field(repr=False)
    under: Ints = field(repr=False)
    tested: int


def by_chance(tested: int) -> float:
    """How many of the tested rows chance alone brings to p ≤ `WATCH_P`."""
    return tested * WATCH_P


def tiers_of(p: npt.ArrayLike, more: npt.ArrayLike, parent: npt.ArrayLike) -> Tiers:
    """Sort rows into tiers.

    Parameters
    ----------
    p : array of shape (rows,)
        NaN where a row was not tested.
    more : bool array of shape (rows,)
        Whether there were more than expected.
    parent : int array of shape (rows,)
        The citywide row of the same type, `ALONE` for a row without one.

    Notes
    -----
    A row folds under its parent where both stand out in the same direction and the parent is in
    no lower tier. The rows to watch are counted without those folded.
    """
    values, up = np.asarray(p, dtype=np.float64), np.asarray(more, dtype=np.bool_)
    above = np.asarray(parent, dtype=np.int64)
    q = benjamini_hochberg(values)
    clear = q <= LEVEL
    out = clear | (values <= WATCH_P)
    folds = (above != ALONE) & out & out[above] & (up == up[above]) & (clear[above] | ~clear)
    under = np.where(folds, above, ALONE)
    watched: list[int] = []
    for row in np.argsort(values, kind="stable"):
        head = int(under[row]) if folds[row] else int(row)
        if out[row] and not clear[head] and head not in watched and len(watched) < MOST_WATCHED:
            watched.append(head)
    shown = clear | np.isin(np.where(folds, above, np.arange(len(values))), watched)
    shown |= folds & clear[above]
    tiers = tuple(
        Tier.CLEAR
        if clear[row]
        else Tier.WATCH
        if shown[row]
        else Tier.NOT_TESTED
        if np.isnan(values[row])
        else Tier.AS_EXPECTED
        for row in range(len(values))
    )
    return Tiers(tiers, q, np.where(shown, under, ALONE), int((~np.isnan(values)).sum()))
