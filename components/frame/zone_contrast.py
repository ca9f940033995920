"""How a zone differs from the city, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.formats import area_text, hour_range, number, percent
from analytics.zones.place_names import titled


def contrast_words(profile: Mapping[str, Any]) -> str:
    """Density, notable type and location type, and notable hours of a zone, in one sentence.

    Parameters
    ----------
    profile
        Row of the bundle's table `zones`; empty for an added zone.
    """
    if not profile:
        return ""
    parts = _contrasts(profile)
    if profile["notable_peak"]:
        here, city = (percent(profile[name], 0) for name in ("peak_share", "peak_city_share"))
        hours = hour_range(profile["peak_first"], profile["peak_last"] + 1)
        parts.append(f"{here} at {hours} (city {city})")
    if len(parts) == 1:
        parts.append("types, location types and hours are like the city's")
    return "; ".join(parts) + "."


def city_words(profile: Mapping[str, Any]) -> str:
    """Density, and notable type and location type, of a zone that has a profile."""
    return "; ".join(_contrasts(profile))


def _contrasts(profile: Mapping[str, Any]) -> list[str]:
    density = profile["density_ratio"]
    times = number(density, 0 if density >= 9.5 else 1)
    # A zone as dense as the city is not a hot spot, however many incidents it has.
    parts = [
        f"{number(profile['incidents'])} incidents on {area_text(profile['km2'])}, {times} times "
        "the city's density"
    ]
    if profile["notable_type"]:
        lift = number(profile["notable_type_lift"], 1)
        parts.append(f"{titled(profile['notable_type'])} is {lift} times as common")
    if profile["notable_location"]:
        lift = number(profile["notable_location_lift"], 1)
        parts.append(f"{titled(profile['notable_location'])}, {lift} times")
    return parts
