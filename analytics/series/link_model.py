"""How likely two incidents are linked, from what they have in common.

The Bayes factor of a pair is how many times as often its features come up among linked pairs as
among pairs that are not. Its logarithm is a sum of one coefficient for each feature (Porter's
logistic model); `link_fit` finds them.

References
----------
Porter (2016), A statistical approach to crime linkage, The American Statistician 70.
Bennell & Canter (2002), Linking commercial burglaries by modus operandi, Science & Justice 42.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.series.pair_features import OF_PLACE_AND_TIME, Levels
from analytics.statistics.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class LinkModel:
    """Log Bayes factors by feature and level, and how many pairs are linked to begin with.

    Attributes
    ----------
    coefficients : by feature, in the order of `ComparedIncidents.features`, one for each level
    constant : makes the mean Bayes factor of the background 1
    prior : log odds of a pair of the background being linked
    common : the fields, each with its common values (`pair_features`)
    supervised : whether solved cases were given
    """

    coefficients: Mapping[str, tuple[float, ...]]
    constant: float
    prior: float
    common: Mapping[str, frozenset[str]]
    supervised: bool = False

    def evidence(self, levels: Levels) -> Floats:
        """The part of each feature in the log Bayes factor, shape (pairs, features)."""
        columns = [
            np.asarray(own)[levels[:, at]] for at, own in enumerate(self.coefficients.values())
        ]
        return np.column_stack(columns)

    def log_odds(self, levels: Levels) -> Floats:
        """Log odds of each pair being linked."""
        return self.prior + self.constant + self.evidence(levels).sum(axis=1)

    def as_json(self) -> dict[str, Any]:
        return {
            "coefficients": {name: list(own) for name, own in self.coefficients.items()},
            "constant": self.constant,
            "prior": self.prior,
            "common": {name: sorted(own) for name, own in self.common.items()},
            "supervised": self.supervised,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> LinkModel:
        """The inverse of `as_json`, whatever the order of names there."""
        features = (*OF_PLACE_AND_TIME, *raw["common"])
        return cls(
            {name: tuple(raw["coefficients"][name]) for name in features},
            raw["constant"],
            raw["prior"],
            {name: frozenset(own) for name, own in raw["common"].items()},
            raw["supervised"],
        )


def positions(size: int) -> Ints:
    """All pairs of so many incidents, shape (pairs, 2), in the order of SciPy's condensed form."""
    return np.column_stack(np.triu_indices(size, 1)).astype(np.int64)
