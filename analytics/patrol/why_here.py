"""Why a place is in a plan, in one line: pages, printed sheets and phones show the same."""

from __future__ import annotations

from analytics.formats import clock_time, distance_text, hour_name, number
from analytics.patrol.plan_content import PlannedVisit

WITHHELD = "Incidents around it are withheld: some are outside what you may see."


def why_here(visit: PlannedVisit, radius_m: float) -> str:
    """The incidents around a place, and whether an analyst demands it.

    Examples
    --------
    `9 incidents of this shift within 490 ft in the last year, most around 10 PM.`
    """
    if visit.recent is None:
        return f"Pinned by an analyst. {WITHHELD}" if visit.pinned else WITHHELD
    within = f"within {distance_text(radius_m)} in the last year"
    if visit.recent and visit.busiest_hour is not None:
        one = "1 incident" if visit.recent == 1 else f"{number(visit.recent)} incidents"
        most = ", most" if visit.recent > 1 else ","
        words = f"{one} of this shift {within}{most} around {hour_name(visit.busiest_hour)}."
    else:
        words = f"No incident of this shift {within}."
    return f"Pinned by an analyst. {words}" if visit.pinned else words


def arrival_time(arrive: str) -> str:
    """22:15 → `10:15 PM`, or as the locale writes it."""
    hour, minute = arrive.split(":")
    return clock_time(int(hour) + int(minute) / 60)
