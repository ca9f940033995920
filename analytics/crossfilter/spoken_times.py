"""Weekdays, hours, nights and shifts of a selection in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from analytics.crossfilter.clauses import (
    Choice,
    Clause,
    Hours,
    HourWeekdays,
    Weekdays,
    is_night,
    runs,
)
from analytics.crossfilter.listing import listed
from analytics.crossfilter.selection import Selection
from analytics.formats import hour_range, in_week_order, weekday_name, weekday_run

_MOST_GROUPS = 3
_MOST_RUNS = 2


def times(selection: Selection) -> str:
    """`Friday nights 10 PM–3 AM` or `night shift of Fridays`; empty if no time is chosen."""
    said = {name: say(clause) for name, say in TIMES.items() if (clause := selection.get(name))}
    weekday, hour = selection.get("weekday"), selection.get("hour")
    if weekday and "shift" in said:
        said["shift"] += f" of {said.pop('weekday')}"
    elif isinstance(weekday, Weekdays) and isinstance(hour, Hours):
        del said["weekday"]
        said["hour"] = _weekdays_and_hours(weekday, hour)
    return ", ".join(said.values())


def weekdays_brief(selection: Selection) -> str:
    """`Fridays`, or `Friday nights` if every chosen range of hours is a night."""
    weekday, hour = selection.get("weekday"), selection.get("hour")
    spans = runs(hour.known) if isinstance(hour, Hours) and not hour.unknown else []
    nights = bool(spans) and all(is_night(*span) for span in spans) and not selection.get("shift")
    return _weekday_words(weekday, nights=nights) if weekday else ""


def _weekdays_and_hours(weekday: Weekdays, hour: Hours) -> str:
    """Weekdays with their hours; a night belongs to the day on which it begins."""
    spans = [span for span in runs(hour.known) if is_night(*span)]
    by_day = _hours(_within_a_day(at for at in hour.known if not _in_any(at, spans)))
    days = [*([by_day] if by_day else []), *(["unknown hour"] if hour.unknown else [])]
    nights = _hours(spans)
    said = [f"{_weekday_words(weekday)} {listed(days)}"] if days else []
    return listed(
        [*said, *([f"{_weekday_words(weekday, nights=True)} {nights}"] if nights else [])]
    )


def _hours(spans: Iterable[tuple[int, int]]) -> str:
    """Ranges of hours, each from the start of its first hour to the end of its last."""
    return listed([hour_range(first, last + 1) for first, last in spans])


def _weekday_words(clause: Clause, *, nights: bool = False) -> str:
    if not isinstance(clause, Weekdays):
        return clause.text
    days = clause.known
    names = [f"{weekday_name(day)}{'' if nights else 's'}" for day in in_week_order(days)]
    if len(days) == 7:
        said = "every night" if nights else "every day"
    elif days == (6, 7) and not nights:
        said = "weekends"
    else:
        if run := weekday_run(days):
            names = [f"{weekday_name(run[0])} to {weekday_name(run[1])}"]
        said = listed(names, shown=7) + (" nights" if nights and days else "")
    return listed([*([said] if said else []), *(["unknown weekday"] if clause.unknown else [])])


def _hour_words(clause: Clause) -> str:
    if not isinstance(clause, Hours):
        return clause.text
    said = [_hours(runs(clause.known))] if clause.known else []
    return listed([*said, *(["unknown hour"] if clause.unknown else [])])


def _hour_weekday_words(clause: Clause) -> str:
    if not isinstance(clause, HourWeekdays):
        return clause.text
    by_hours: dict[tuple[int, ...], list[int]] = {}
    weekdays = in_week_order({weekday for weekday, _ in clause.keys if weekday is not None})
    if any(None in key for key in clause.keys):
        return f"{len(clause.keys)} hours of the week, including unknown"
    for weekday in weekdays:
        hours = tuple(hour for day, hour in clause.keys if day == weekday)
        by_hours.setdefault(hours, []).append(weekday)
    spans = {hours: _within_a_day(hours) for hours in by_hours}
    if len(by_hours) > _MOST_GROUPS or any(len(each) > _MOST_RUNS for each in spans.values()):
        return f"{len(clause.keys)} hours of the week"
    return "; ".join(
        f"{_weekday_words(Weekdays(tuple(days)))} {_hours(spans[hours])}"
        for hours, days in by_hours.items()
    )


def _in_any(hour: int, nights: Sequence[tuple[int, int]]) -> bool:
    return any(hour >= first or hour <= last for first, last in nights)


def _within_a_day(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of hours within one day, so that late evening and early morning do not form a night."""
    found: list[tuple[int, int]] = []
    for first, last in runs(hours):
        found += [(first, last)] if first <= last else [(0, last), (first, 23)]
    return sorted(found)


def _shift_words(clause: Clause) -> str:
    if not isinstance(clause, Choice):
        return clause.text
    return f"{listed(list(clause.keys), 'or').lower()} shift"


TIMES: dict[str, Callable[[Clause], str]] = {
    "weekday": _weekday_words,
    "hour": _hour_words,
    "hour_weekday": _hour_weekday_words,
    "shift": _shift_words,
}
"""Words of each dimension of time on its own."""
