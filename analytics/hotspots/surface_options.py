"""Read the options of a surface from an address; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.crossfilter.clauses import Period
from analytics.crossfilter.map_cells import SIZES
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import number, short_date
from analytics.hotspots.inputs import Weight
from analytics.hotspots.surface import SurfaceQuery
from analytics.hotspots.surface_methods import METHODS
from analytics.incidents.manifest import Manifest
from analytics.statistics.two_periods import last_year, previous_period

SURFACE_OPTIONS = (
    "method",
    "size",
    "bandwidth",
    "half_life",
    "against",
    "band",
    "period",
    "weight",
    "moved",
)
SHIFTS = ("before", "year")
"""How the period can be moved: to the one before, or to the same a year earlier."""
LONGEST_M = 5_000
LONGEST_DAYS = 3_650


LIMITS = {
    "bandwidth": (1, LONGEST_M),
    "band": (1, LONGEST_M),
    "half_life": (0, LONGEST_DAYS),
    "period": (0, LONGEST_DAYS),
}
"""Least and largest value of the options that are numbers."""


def require_possible(options: Mapping[str, str]) -> None:
    """Refuse invalid options of an export, where a fallback would go unnoticed.

    Raises
    ------
    InputError
        An option is not valid: names it and what it can be.
    """
    choices = {
        "method": tuple(METHODS),
        "size": tuple(map(str, SIZES)),
        "weight": ("incidents", "harm"),
        "moved": SHIFTS,
    }
    for name, text in options.items():
        if name in choices and text not in choices[name]:
            allowed = f"one of {', '.join(choices[name])}"
        elif name in LIMITS and _whole(text, -1, *LIMITS[name]) < 0:
            least, most = LIMITS[name]
            allowed = f"a whole number from {number(least)} to {number(most)}"
        else:
            continue
        raise InputError(f"{name}={text[:40]} is not valid; choose {allowed}.")


def surface_query(options: Mapping[str, str]) -> SurfaceQuery:
    """The query for a surface; an invalid option falls back to the default."""
    plain = SurfaceQuery()
    method, against = options.get("method", ""), options.get("against", "")
    weight: Weight = "harm" if options.get("weight") == "harm" else "incidents"
    size = _whole(options.get("size"), plain.size_m, 0, max(SIZES))
    return SurfaceQuery(
        method=method if method in METHODS else plain.method,
        size_m=size if size in SIZES else plain.size_m,
        bandwidth_m=_whole(options.get("bandwidth"), plain.bandwidth_m, *LIMITS["bandwidth"]),
        half_life_days=_whole(options.get("half_life"), 0, *LIMITS["half_life"]),
        against=against or plain.against,
        band_m=_whole(options.get("band"), plain.band_m, *LIMITS["band"]),
        period_days=_whole(options.get("period"), 0, *LIMITS["period"]),
        weight=weight,
    )


def period_of(selection: Selection, manifest: Manifest, shift: str) -> Selection:
    """The selection with its period moved: to the one before, or to the same a year earlier.

    Raises
    ------
    InputError
        The data does not reach back that far.
    """
    period = selection.period(manifest)
    if shift not in SHIFTS or period is None:
        return selection
    moved = previous_period(period) if shift == "before" else last_year(period)
    first = manifest.covered[0] if manifest.covered else None
    if first is not None and moved[0] < first:
        raise InputError(
            f"The data starts on {short_date(first)}; choose a period that begins later to "
            "compare it with an earlier one."
        )
    return selection.replace("date", Period(*moved))


def _whole(text: str | None, default: int, least: int, most: int) -> int:
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if least <= number <= most else default
