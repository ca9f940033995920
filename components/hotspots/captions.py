"""Captions of the maps of the Hot spots page: how what they show was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import model_of
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.formats import (
    area_unit,
    area_unit_km2,
    distance_text,
    number,
    percent,
    short_date,
)
from analytics.hotspots.denominators import ALL, type_of
from analytics.hotspots.surface import Surface
from analytics.hotspots.surface_methods import STRICT, ResidentRate
from analytics.statistics.level import LEVEL
from analytics.zones.zone_list import ZoneList
from components.frame.variables import quantity
from components.frame.zone_methods import SHORT_TITLES

PERMUTED = "p over all conditional permutations"
"""How Gi* and local Moran are tested: over all permutations, not a sample of 999."""


def surface_caption(surface: Surface, of: str = "") -> str:
    """How many incidents a surface counts, which it leaves out, and how it was made.

    Parameters
    ----------
    of
        Title of the target, where the incidents are not the selected ones.
    """
    left_out = []
    if surface.at_default_addresses:
        left_out.append(f"{number(surface.at_default_addresses)} at default addresses left out")
    if surface.without_place:
        left_out.append(f"{number(surface.without_place)} without a place")
    counted = quantity(surface.incidents) + (f" ({'; '.join(left_out)})" if left_out else "")
    whose = f"{of}: " if of else ""
    return f"{whose}{counted}. {_MADE[surface.query.method](surface)}"


def zones_caption(listed: ZoneList, of: str) -> str:
    """By what, when and on which incidents (`of`) the zones were trained."""
    day = short_date(date.fromisoformat(listed.trained[:10]))
    by = SHORT_TITLES.get(model_of(listed.model), listed.model)
    return (
        f"{listed.total} zones by {by}, version "
        f"{listed.version}, trained {day} on {of}. Zones describe where incidents concentrated; "
        "use the forecast to decide where to go next."
    )


def stored_zones_caption(bundle: Bundle, zones: int, of: str) -> str:
    """The same of a version that is not in use."""
    day = short_date(date.fromisoformat(bundle.trained[:10]))
    by = SHORT_TITLES.get(model_of(bundle.name), bundle.name)
    return (
        f"{zones} zones by {by}, version {bundle.version}, trained {day} on {of}. This version is "
        "not in use: counts are of its training data, and its zones cannot be selected."
    )


def _counts(surface: Surface) -> str:
    what = "Days of harm" if surface.query.weight == "harm" else "Incidents"
    return f"{what} in each of {_cells(surface)}."


def _kde(surface: Surface) -> str:
    days = surface.query.half_life_days
    decay = f", with a time decay of half-life {days} days" if days else ""
    average = (surface.details.average_per_km2 or 0.0) * area_unit_km2()
    return (
        f"Quartic kernel with a bandwidth of {_bandwidth(surface)}{decay}; the average is "
        f"{number(average, 1)} per {area_unit()}."
    )


def _risk(surface: Surface) -> str:
    if not surface.details.comparable:
        return "There is nothing to compare."
    if surface.details.residents is not None:
        return _per_resident(surface, surface.details.residents)
    against = surface.query.against
    of = "all incidents" if against == ALL else f"{type_of(against).lower()} incidents"
    return (
        f"Density over that of {of} in the same period, both with a bandwidth of "
        f"{_bandwidth(surface)}, in times the city's ratio; cells "
        "with too few to compare are left empty."
    )


def _per_resident(surface: Surface, rate: ResidentRate) -> str:
    counted = "days of harm" if surface.query.weight == "harm" else "incidents"
    if surface.query.half_life_days:
        counted += f" (half-life {surface.query.half_life_days} days)"
    without = f" Areas without a number stay empty: {rate.areas_without}."
    return (
        f"Density over that of {number(rate.residents)} residents, known for "
        f"{number(rate.areas)} areas by {DIMENSIONS[rate.level].label.lower()}, both with a "
        f"bandwidth of {_bandwidth(surface)}, in times the rate overall, "
        f"{rate.per_1000:,.3g} {counted} per 1,000 residents. "
        "Residents are assumed to live evenly over their area. Where few live and many come, such "
        "as downtown, this is not the risk of a person there. Cells with too few residents to "
        f"compare are left empty.{without if rate.areas_without else ''}"
    )


def _getis_ord(surface: Surface) -> str:
    step = surface.details.rounding_step
    rounded = "" if step is None else f" of values rounded to steps of {step:.2g}"
    return (
        f"Gi* of {_cells(surface)} with neighbors within "
        f"{distance_text(surface.query.band_m)}, {PERMUTED}{rounded}; false discovery rate "
        f"{percent(LEVEL, 0)} and {percent(STRICT, 0)}."
    )


def _moran(surface: Surface) -> str:
    return (
        f"Local Moran's I of {_cells(surface)} and the eight cells around each, {PERMUTED}; "
        f"false discovery rate {percent(LEVEL, 0)}."
    )


def _emerging(surface: Surface) -> str:
    details = surface.details
    return (
        f"Gi* in each of {details.periods} periods of {details.period_days} days, neighbors within "
        f"{distance_text(surface.query.band_m)}, {PERMUTED}; false discovery rate "
        f"{percent(LEVEL, 0)} in each; trend by Mann-Kendall, allowing for autocorrelation."
    )


def _cells(surface: Surface) -> str:
    return f"{number(len(surface.grid))} cells of {distance_text(surface.grid.size_m)}"


def _bandwidth(surface: Surface) -> str:
    return distance_text(surface.query.bandwidth_m)


_MADE: Mapping[str, Callable[[Surface], str]] = {
    "counts": _counts,
    "kde": _kde,
    "risk": _risk,
    "getis_ord": _getis_ord,
    "moran": _moran,
    "emerging": _emerging,
}
