"""What numbers of units reach in each area, as predicted: the curves that allocation reads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.patrol.city import PatrolCity
from analytics.patrol.routes import Effort

CURVE = Effort(draws=1, steps=60, bound_steps=0)
"""Search for one point of a curve, of which many are needed."""


@dataclass(frozen=True, eq=False)
class CaptureCurves:
    """Curves of a city; each point is searched once, when it is first needed."""

    city: PatrolCity = field(repr=False)
    seed: int
    _known: dict[tuple[int, int], float] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Points searched so far."""
        return len(self._known)

    def __call__(self, area: int, units: int) -> float:
        """Expected incidents, or harm, that the units reach in the area.

        Where the search finds less than with fewer units, it is what those reach: a unit may rest.
        """
        if units <= 0:
            return 0.0
        if (area, units) not in self._known:
            found = self.city.routes(area, units, search_seed(self.seed, area, units), CURVE)
            self._known[area, units] = max(found.plan.reached, self(area, units - 1))
        return self._known[area, units]


def search_seed(seed: int, area: int, units: int) -> int:
    """Seed of the search for the routes of some units in an area."""
    return int(np.random.SeedSequence([seed, area, units]).generate_state(1)[0])
