"""Demand of small areas: the forecast of the area they are part of, times their shrunk share.

A beat's own level and weekday shape are mostly noise; its share of the district is not. Shares of a
district's beats add up to 1, so that their forecasts add up to that of the district.

References
----------
Gross & Sohl (1990), Disaggregation methods to expedite product line forecasting, Journal of
Forecasting 9: top-down forecasts by recent shares.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.forecasting.demand.panel import DemandPanel
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.season_model import MOST_WEEKS, WEEK

SHARE_WEEKS = 26
"""Half-life of shares."""
SHARE_INCIDENTS = 30
"""Incidents with the area's share over all shifts that are added to those of each shift."""


def of_larger_areas(panel: DemandPanel, origins: Sequence[int], whole: Floats) -> Floats:
    """Forecasts of a panel's areas from those of the larger areas they are part of.

    Parameters
    ----------
    whole : array of shape (origins, larger areas, shifts, horizon)
    """
    shares = [area_shares(panel, panel.parent_of, origin) for origin in origins]
    return np.asarray(whole[:, panel.parent_of] * np.stack(shares)[..., None])


def area_shares(panel: DemandPanel, parent_of: Ints, origin: int) -> Floats:
    """Share of each area in the incidents of the area it is part of, by shift.

    Parameters
    ----------
    parent_of : array of shape (areas,)
    origin : shares are of the days before this column

    Returns
    -------
    array of shape (areas, shifts)
    """
    days = min(origin, MOST_WEEKS * WEEK)
    weeks_ago = np.arange(days - 1, -1, -1) // WEEK + 1
    counted = panel.counts[:, :, origin - days : origin] @ (0.5 ** (weeks_ago / SHARE_WEEKS))
    of_parent = np.zeros((parent_of.max() + 1, counted.shape[1]))
    np.add.at(of_parent, parent_of, counted)
    whole = of_parent[parent_of]
    total = whole.sum(axis=1)
    overall = np.divide(counted.sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    pseudo = SHARE_INCIDENTS * overall[:, None]
    return np.asarray((counted + pseudo) / (whole + SHARE_INCIDENTS))
