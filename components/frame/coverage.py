"""Notes on incidents with stray dates and on incomplete steps."""

from __future__ import annotations

from analytics.formats import short_date
from analytics.incidents.manifest import Manifest
from components.frame.variables import quantity


def left_out_words(manifest: Manifest) -> str:
    """`1 incident before Jan 1, 2014 is left out of rates and comparisons.`; empty without any."""
    if not manifest.outside_covered or not manifest.covered:
        return ""
    first, last = manifest.covered
    early = manifest.first_day is not None and manifest.first_day < first
    late = manifest.last_day is not None and manifest.last_day > last
    sides = [
        *([f"before {short_date(first)}"] if early else []),
        *([f"after {short_date(last)}"] if late else []),
    ]
    verb = "is" if manifest.outside_covered == 1 else "are"
    return (
        f"{quantity(manifest.outside_covered)} {' or '.join(sides)} {verb} left out of rates and "
        "comparisons."
    )


def reservations(days: int | None, *, provisional: bool) -> str:
    """`, 3 days only, provisional`, to follow a count; `days` if its step is incomplete."""
    cut = f", {days} {'day' if days == 1 else 'days'} only" if days is not None else ""
    return cut + (", provisional" if provisional else "")
