"""Zones of a method, fitted on the days before an evaluation."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.scope import EVERYTHING
from analytics.errors import InputError
from analytics.hotspots.inputs import weighted_points
from analytics.training.equal_size import EvaluatedCity
from analytics.training.zone_proposals import propose
from analytics.training.zones import FEWEST, Method, Zoning

SEED = 1


@dataclass(frozen=True, eq=False)
class FittedZones:
    """Zones of one method; `seconds` is how long fitting took, proposals included."""

    name: str
    zoning: Zoning = field(repr=False)
    parameters: Mapping[str, Any]
    seconds: float


def fit_history(
    city: EvaluatedCity, name: str, model: str, method: Method, proposed: Collection[str] = ()
) -> FittedZones | None:
    """Zones of the days before; None where there are too few incidents for them.

    Parameters
    ----------
    name
        What the zones are called in the evaluation.
    proposed
        Parameters to propose from these days; the others have their defaults.
    """
    points = weighted_points(city.reader, EVERYTHING, city.selection, weight=city.plan.weight)
    if points.incidents < FEWEST:
        return None
    started = time.monotonic()
    defaults = {**CATALOG[model].defaults, "weight": city.plan.weight}
    try:
        found = propose(points, defaults, proposed)
    except InputError:
        return None  # too few different places
    read = {key: type(defaults[key])(one.value) for key, one in found.items()}
    used = {**defaults, **read}
    zoning = method(points, used, SEED)
    return FittedZones(name, zoning, used, time.monotonic() - started)
