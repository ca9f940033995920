"""Why a source has no data for a dimension, in words."""

from __future__ import annotations

from analytics.incidents.manifest import Lack, Manifest

NAMES = {
    "case_number": "case numbers",
    "occurred_to": "end of the time span",
    "reported": "time of report",
    "type": "crime types",
    "description": "descriptions",
    "code": "offense codes",
    "fbi_code": "FBI codes",
    "location_type": "location types",
    "block": "blocks",
    "arrest": "arrests",
    "domestic": "flag for domestic incidents",
    "beat": "beats",
    "district": "districts",
    "ward": "wards",
    "area": "areas",
    "proactive": "table of police-initiated offenses",
    "default_address": "location types that mark default addresses",
    "harm": "harm weights",
    **dict.fromkeys(("hour", "hour_weekday", "shift", "heaped"), "hours"),
    **dict.fromkeys(("place", "cell", "polygon", "near", "custom_area"), "coordinates"),
}
SENTENCES = {
    Lack.DAY_ONLY: "This source gives the day only, not the hour.",
    Lack.MONTH_ONLY: "This source gives the month only, not the day or the hour.",
    Lack.NO_GROUPS: "This source has no table of code groups.",
    Lack.NO_HARM_WEIGHTS: "This source has no harm weights: no table assigns its codes to offense "
    "classes.",
    Lack.NO_DEFAULT_TIMES: "This source does not say which times are defaults.",
}


def lacking_words(manifest: Manifest, dimension: str) -> str:
    """A sentence that says why the source lacks a dimension; empty if it has it.

    A source may give its own sentence, which is returned unchanged.
    """
    reason = manifest.views_off.get(dimension, "")
    if reason == Lack.NO_VALUES:
        return f"This source has no {NAMES.get(dimension, dimension)}."
    return {str(lack): words for lack, words in SENTENCES.items()}.get(reason, reason)
