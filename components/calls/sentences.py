"""What the Calls page says: whose calls, and what each figure leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.calls.days import CallDays
from analytics.calls.staffing import FEW_DAYS
from analytics.calls.volume import CallTotals
from analytics.calls.waits import PriorityWait
from analytics.calls.workload import Workload
from analytics.formats import date_range, number
from analytics.incidents.manifest import Manifest

LEFT_OUT = {
    "other agency": "of another agency",
    "duplicate": "duplicates",
    "on-view": "on-view",
    "canceled": "canceled",
    "open": "still open",
    "nobody came": "where no unit arrived and the system fills the time of the dispatch",
    "no received": "without a time of receipt",
    "no dispatched": "without a time of dispatch",
    "no on_scene": "cleared without a time of arrival",
    "no cleared": "without a time of clearing",
    "no hour": "whose times have no hour",
    "negative": "whose end is before their start",
    "too long": "of more than 24 hours",
}
TIMES = {"dispatched": "dispatch", "on_scene": "arrival", "cleared": "clearing"}


def calls_words(count: int) -> str:
    """`1 call`, `1,234 calls`."""
    return f"{number(count)} call{'' if count == 1 else 's'}"


def about_words(manifest: Manifest, days: CallDays | None) -> str:
    """Whose calls, of which days, and how they are filtered."""
    made_up = "Synthetic calls. " if manifest.source.synthetic else ""
    span = f", {date_range(days.first, days.last)}" if days else ""
    return (
        f"{made_up}{manifest.source.title}{span}: {calls_words(manifest.incidents)}. Calls have "
        "filters of their own; the filters above are of incidents."
    )


def left_out_words(left_out: Mapping[str, int]) -> str:
    """`12 still open, 3 duplicates`."""
    return ", ".join(f"{number(calls)} {LEFT_OUT.get(why, why)}" for why, calls in left_out.items())


def lacking_words(lacking: Sequence[str], what: str) -> str:
    """That a source has none of some times, so that `what` cannot be computed."""
    times = ", ".join(TIMES[name] for name in lacking)
    return f"This source has no times of {times}, so there {what}."


def unmeasured_words(what: str, left_out: Mapping[str, int]) -> str:
    """That no call has a measure, and why."""
    none = f"No {what} is measured."
    return f"{none} Left out: {left_out_words(left_out)}." if left_out else none


def volume_words(totals: CallTotals) -> str:
    """What counts, and what does not."""
    parts = [
        f"{calls_words(totals.calls)}, of which {number(totals.on_view)} on-view and "
        f"{number(totals.canceled)} canceled."
    ]
    rest = {"other agency": totals.other_agency, "duplicate": totals.duplicate}
    if any(rest.values()):
        parts.append(
            f"Left out: {left_out_words({why: calls for why, calls in rest.items() if calls})}."
        )
    if totals.without_hour:
        parts.append(f"Without an hour: {number(totals.without_hour)}.")
    return " ".join(parts)


def waits_words(every: PriorityWait, left_out: Mapping[str, int]) -> str:
    """Measured and open calls of a step, and those left out."""
    words = (
        f"{calls_words(every.measured)} measured; {number(every.open)} still open count as longer "
        "than they were."
    )
    return f"{words} Left out: {left_out_words(left_out)}." if left_out else words


def workload_words(work: Workload) -> str:
    """Days, intervals, officers' time and what is left out."""
    count = len(work.days)
    days = "1 whole day" if count == 1 else f"{number(count)} whole days"
    how = {None: "Too few days for intervals.", 1: "", 7: ""}[work.block]
    words = [
        f"Mean of {days}; {calls_words(work.time.measured)}. {how}".strip(),
        f"Officer-initiated calls: {number(work.on_view_hours, 1)} unit-hours a day more.",
    ]
    if work.time.left_out:
        words.append(f"Left out: {left_out_words(work.time.left_out)}.")
    if work.time.left_out.get("open"):
        words.append("The hours are too low by the calls still open.")
    return " ".join(words)


def staffing_words(*, few_days: bool) -> str:
    """That few days only show the calculation, and whose decision staffing is."""
    few = (
        f"Fewer than {FEW_DAYS} whole days: this only shows the calculation; do not staff by it. "
        if few_days
        else ""
    )
    return (
        f"{few}Only calls from the public in this selection, in all hours of each shift; each "
        "assumption can be changed above. Time for patrol, reports, court and supervision is in "
        "the share of time and in the hours."
    )
