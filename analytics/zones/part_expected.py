"""Expected incidents of a part of a target in each zone, such as robbery at night.

The forecast of a zone is of all incidents of its target. Of these, the part has the share that it
had in the zone in all days, drawn toward its citywide share: a zone with few incidents says little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.zones.expected import interval
from analytics.zones.outlook import Outlook, ZoneForecast

PRIOR_INCIDENTS = 20.0
"""Incidents at the citywide share that a zone's own share is drawn toward."""


@dataclass(frozen=True)
class PartCounts:
    """Incidents of all days, of one zone or of the whole city.

    Attributes
    ----------
    target : of the target of the forecast
    inside : of these, those in the selected districts, beats, wards or areas
    part : of these, those that pass all filters
    """

    target: int
    inside: int
    part: int


def part_outlook(outlook: Outlook, counts: dict[str, PartCounts], city: PartCounts) -> Outlook:
    """The forecast of a part of the target, by zone.

    Parameters
    ----------
    counts
        By key of the zone; a zone without an entry had no incident.
    """
    if outlook.missing or city.part == city.target:
        return outlook
    share = city.part / max(city.inside, 1)
    nothing = PartCounts(0, 0, 0)
    zones = {
        key: _part_of(forecast, counts.get(key, nothing), share)
        for key, forecast in outlook.zones.items()
    }
    return replace(outlook, zones=zones, is_of_part=True)


def _part_of(forecast: ZoneForecast, counts: PartCounts, share: float) -> ZoneForecast:
    """The forecast of the selected area, then of what passes the other filters.

    Each incident is of the part with chance p, of mean m and variance w: the count has mean m μ and
    variance m² v + (m (1 − m) − w) μ + w (v + μ²), where μ and v are those of the forecast.
    """
    where = counts.inside / counts.target if counts.target else float(share > 0)
    known = counts.inside + PRIOR_INCIDENTS
    own = (counts.part + PRIOR_INCIDENTS * share) / known
    mean, variance = forecast.expected, forecast.variance
    for chance, unsure in ((where, 0.0), (own, own * (1 - own) / (known + 1))):
        variance = (
            chance**2 * variance
            + (chance * (1 - chance) - unsure) * mean
            + unsure * (variance + mean**2)
        )
        mean *= chance
    low, high = interval(np.array([mean]), np.array([variance]))
    return ZoneForecast(mean, int(low[0]), int(high[0]), variance)
