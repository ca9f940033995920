"""The Temporal page's answer: hours, comparison, series, calendar and peaks of a selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from dash import Output, html
from dash.development.base_component import Component

from analytics.temporal.circular import circular_statistics
from analytics.temporal.deviation import hour_bins, per_day
from analytics.temporal.peaks import FEWEST_INCIDENTS, FEWEST_WEEKS, Peak, peaks
from analytics.temporal.seasons import FEWEST_YEARS, MonthOfYear, months_of_year
from analytics.temporal.weekly_hours import dispersion
from callbacks.chosen import words
from callbacks.question import Question
from callbacks.temporal_facts import Facts
from callbacks.temporal_rhythms import rhythms_answer
from callbacks.temporal_two import two_answer
from components.attributes import aria
from components.figures.calendar import MOST_YEARS, calendar_figure, shown_years
from components.figures.clock import clock_figure
from components.figures.hours import HoursSelected
from components.figures.seasons import MONTHS, MonthMark, seasons_figure
from components.figures.series import Change, Parts, series_figure
from components.figures.week import week_figure
from components.temporal import heaped_switch, numbers_table
from components.temporal_ids import TemporalIds
from components.temporal_words import (
    aoristic_words,
    change_sentence,
    circular_words,
    peak_sentence,
    strength_words,
    weekday_hour,
)
from components.variables import WEEKDAYS, number, quantity, share, short_date

OUTPUTS = {
    "controls": Output(TemporalIds.CONTROLS, "children"),
    "week": Output(TemporalIds.WEEK, "figure"),
    "week_note": Output(TemporalIds.WEEK_NOTE, "children"),
    "week_numbers": Output(TemporalIds.WEEK_NUMBERS, "children"),
    "clock": Output(TemporalIds.CLOCK, "figure"),
    "clock_words": Output(TemporalIds.CLOCK_WORDS, "children"),
    "clock_numbers": Output(TemporalIds.CLOCK_NUMBERS, "children"),
    "peaks": Output(TemporalIds.PEAKS, "children"),
    "two": Output(TemporalIds.TWO, "figure"),
    "two_words": Output(TemporalIds.TWO_WORDS, "children"),
    "two_numbers": Output(TemporalIds.TWO_NUMBERS, "children"),
    "series": Output(TemporalIds.SERIES, "figure"),
    "series_words": Output(TemporalIds.SERIES_WORDS, "children"),
    "series_numbers": Output(TemporalIds.SERIES_NUMBERS, "children"),
    "seasons": Output(TemporalIds.SEASONS, "figure"),
    "seasons_words": Output(TemporalIds.SEASONS_WORDS, "children"),
    "seasons_numbers": Output(TemporalIds.SEASONS_NUMBERS, "children"),
    "calendar": Output(TemporalIds.CALENDAR, "figure"),
    "calendar_note": Output(TemporalIds.CALENDAR_NOTE, "children"),
    "calendar_numbers": Output(TemporalIds.CALENDAR_NUMBERS, "children"),
    "rhythms": Output(TemporalIds.RHYTHMS, "children"),
}
# What an option changes; anything else a gesture does changes every part.
PART_OF_OPTION = {
    "measure": {"week"},
    "spread": {"week", "clock"},
    "other": {"two"},
    "scale": {"two"},
    "step": {"series"},
    "poll": {"rhythms"},
}
KEEPS = ("page", "map", "table")


def temporal_answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the cards that the gesture changes."""
    facts = Facts(question)
    outputs: dict[str, Any] = {}
    for part in parts_of(question):
        outputs |= PARTS[part](facts)
    return outputs


def parts_of(question: Question) -> frozenset[str]:
    """Cards a gesture changes."""
    if question.act:
        return frozenset({"rhythms"})
    if question.gesture.get("action") not in KEEPS or question.redraw:
        return frozenset(PARTS)
    return frozenset().union(*(PART_OF_OPTION.get(name, set()) for name in question.changed))


def _controls(facts: Facts) -> dict[str, Any]:
    found: list[Component] = []
    if not facts.question.off("heaped"):
        found.append(heaped_switch("no" in words(facts.selection, "heaped")))
    if facts.provisional is not None:
        said = f"From {short_date(facts.provisional)} on weeks still fill up and are hatched."
        found.append(html.Span(said, className="quiet"))
    total = int(facts.days["incidents"].sum())
    return {"controls": found, "nothing_matches": total == 0}


def _week(facts: Facts) -> dict[str, Any]:
    options, found = facts.options, facts.deviation
    values, note = facts.hours, _week_note(facts)
    if options.measure == "day" and facts.period:
        values = per_day(facts.hours, facts.period)
    elif options.measure == "deviation":
        blank = np.full((7, 24), np.nan)
        values = np.where(found.unlikely, found.ratio, np.nan) if found else blank
    texts = [_cell_fact(facts, values, day, hour) for day in range(1, 8) for hour in range(24)]
    chosen = HoursSelected(
        words(facts.selection, "hour_weekday"),
        words(facts.selection, "hour"),
        words(facts.selection, "weekday"),
    )
    diverging = options.measure == "deviation"
    rows = [
        [f"{hour:02d} h", *(_number(values[day][hour], diverging) for day in range(7))]
        for hour in range(24)
    ]
    return {
        "week": week_figure(values, texts, chosen, options.theme, diverging=diverging),
        "week_note": note,
        "week_numbers": numbers_table(["Hour", *WEEKDAYS], rows),
    }


def _number(value: float, ratio: bool) -> str:
    if np.isnan(value):
        return "as the rest" if ratio else number(None)
    return f"{value:.2f} times" if ratio else number(value, 0 if value == int(value) else 1)


def _cell_fact(facts: Facts, values: np.ndarray, day: int, hour: int) -> str:
    name = weekday_hour(day, hour)
    if facts.options.measure == "deviation":
        found = facts.deviation
        if found is None:
            return name
        at = (day - 1, hour)
        verdict = "unlikely to be chance" if found.unlikely[at] else "within the usual variation"
        return (
            f"{name}: {found.ratio[at]:.2f} times the rest's share "
            f"({found.low[at]:.2f} to {found.high[at]:.2f}), {verdict}, q = {found.q[at]:.2g}"
        )
    total = float(facts.hours.sum())
    value = float(values[day - 1][hour])
    if facts.options.measure == "day":
        return f"{name}: {number(value, 2)} a {WEEKDAYS[day - 1]}"
    text = quantity(value) if value == int(value) else f"{number(value, 1)} incidents"
    if not total:
        return f"{name}: {text}"
    return (
        f"{name}: {text}, {share(value / total)}, {168 * value / total:.1f} times an average hour"
    )


def _week_note(facts: Facts) -> str:
    if facts.options.measure == "deviation":
        if not facts.has_rest:
            return "Choose a type or a place: it is compared with the rest of the city."
        if facts.deviation is None:
            return "Too few incidents to compare hours of the week with the rest."
        number_of = int(facts.deviation.unlikely.sum())
        return f"{number_of} of 168 hours differ from the rest of the city, unlikely to be chance."
    if facts.aoristic is not None and facts.aoristic.spans:
        return aoristic_words(facts.aoristic, facts.options.spread == "aoristic")
    unit = "of its weekday" if facts.options.measure == "day" else "of the week"
    highest = float(facts.hours.max(initial=0))
    if facts.options.measure == "day":
        return f"Mean incidents in each hour {unit}."
    return f"0 to {number(highest)} incidents an hour {unit}."


def _clock(facts: Facts) -> dict[str, Any]:
    hours = facts.hours.sum(axis=0)
    settled = facts.settled(facts.weeks)
    found = circular_statistics(hours, dispersion(hour_bins(settled)))
    fixed = found.low_h is not None
    total = float(hours.sum())
    texts = [
        f"{hour:02d} h: {number(value, 0 if value == int(value) else 1)} incidents"
        + (f", {share(value / total)}" if total else "")
        for hour, value in enumerate(hours.tolist())
    ]
    others = facts.rest.hours.reshape(7, 24).sum(axis=0).tolist() if facts.has_rest else None
    rows = [[f"{hour:02d} h", number(value, 1)] for hour, value in enumerate(hours.tolist())]
    return {
        "clock": clock_figure(
            hours.tolist(),
            texts,
            facts.options.theme,
            chosen=words(facts.selection, "hour"),
            others=others,
            mean_h=found.mean_h if fixed else None,
            sd_h=found.sd_h,
        ),
        "clock_words": circular_words(found),
        "clock_numbers": numbers_table(["Hour", "Incidents"], rows),
    }


def _peaks(facts: Facts) -> dict[str, Any]:
    whole = facts.weeks.complete(facts.provisional)
    found = peaks(whole)
    if found:
        chosen = words(facts.selection, "hour_weekday")
        items = [html.Li(_peak_button(peak, chosen)) for peak in found]
        return {"peaks": [html.Ol(items, className="sentences"), _peaks_note(facts)]}
    if whole.weeks < FEWEST_WEEKS or whole.incidents < FEWEST_INCIDENTS:
        said = (
            f"Peaks need {FEWEST_WEEKS} complete weeks and {FEWEST_INCIDENTS} incidents; there are "
            f"{whole.weeks} and {number(whole.incidents)}."
        )
    else:
        said = "No window of the week holds clearly more than its hours."
    return {"peaks": html.P(said, className="quiet")}


def _peak_button(peak: Peak, chosen: frozenset[str]) -> html.Button:
    pressed = set(peak.window.keys) == chosen
    hours: dict[str, Any] = {"data-hours": " ".join(peak.window.keys)}
    return html.Button(
        peak_sentence(peak),
        type="button",
        className="sentence-button",
        title=f"{number(peak.incidents)} incidents in all complete weeks; p = {peak.p:.2g}",
        **aria(pressed="true" if pressed else "false"),
        **hours,
    )


def _peaks_note(facts: Facts) -> html.P:
    note = "Found in every other week, measured in the weeks between."
    if not facts.has_spans:
        note += " The source has one time only: some peaks are when people found out."
    return html.P(note, className="figure-note")


def _series(facts: Facts) -> dict[str, Any]:
    found, parts, changes = facts.series, facts.parts, facts.changes
    if found is None:
        return {}
    starts = found.settled["start"].to_list()
    unit = "a week" if facts.options.step == "week" else "a day"
    said: list[Component] = []
    marks = []
    if changes is not None:
        for change in changes.changes:
            text = change_sentence(change, starts, unit)
            marks.append(
                Change(starts[change.at], starts[change.earliest], starts[change.latest], text)
            )
            said.append(html.Li(text))
    lines = Parts(
        starts,
        parts.trend.tolist() if parts else (),
        parts.season.tolist() if parts else (),
        changes.levels.tolist() if changes else (),
        marks,
    )
    return {
        "series": series_figure(
            found.frame, facts.options.step, lines, facts.options.theme, chosen=facts.chosen_period
        ),
        "series_words": _series_words(facts, said),
        "series_numbers": _series_table(facts),
    }


def _series_words(facts: Facts, said: list[Component]) -> list[Component]:
    found: list[Component] = []
    if facts.changes is None:
        text = "Changes need 24 complete steps."
    elif said:
        text = "Changes of level, unlikely to be chance:"
    else:
        text = "No change of level beyond what an unchanging series shows."
    found.append(html.P(text, className="figure-note"))
    if said:
        found.append(html.Ul(said, className="sentences"))
    parts = facts.parts
    note = (
        strength_words(parts.trend_strength, parts.season_strength, parts.years)
        if parts
        else "Trend and season need two years; a season would look like changes of level."
    )
    found.append(html.P(note, className="figure-note"))
    return found


def _series_table(facts: Facts) -> html.Table:
    if facts.series is None:
        return numbers_table(["Step"], [])
    trend = dict(
        zip(facts.parts.starts, facts.parts.trend.tolist(), strict=True) if facts.parts else ()
    )
    rows = [
        [
            short_date(row["start"]),
            number(row["incidents"]),
            number(row["average"], 1),
            number(trend.get(row["start"]), 1),
            "provisional" if row["provisional"] else "" if row["complete"] else "cut off",
        ]
        for row in facts.series.frame.to_dicts()
    ]
    return numbers_table(["From", "Incidents", "Average", "Trend", ""], rows)


def _seasons(facts: Facts) -> dict[str, Any]:
    months = months_of_year(facts.months) if facts.months else []
    marks = [
        MonthMark(one.month, one.index, one.low, one.high, _month_fact(one), one.unlikely)
        for one in months
    ]
    rows = [[MONTHS[one.month - 1], f"{one.index:.2f}", _ends(one)] for one in months]
    return {
        "seasons": seasons_figure(marks, facts.options.theme),
        "seasons_words": _seasons_words(months),
        "seasons_numbers": numbers_table(["Month", "Index", "95 % interval"], rows),
    }


def _seasons_words(months: list[MonthOfYear]) -> str:
    if not months:
        return "Months of the year need a complete calendar year."
    years = months[0].years
    if years < FEWEST_YEARS:
        return f"Over {years} complete years: too few for intervals."
    clear = [one for one in months if one.unlikely]
    if not clear:
        return f"Over {years} years no month is clearly above or below its year."
    ordered = sorted(clear, key=lambda one: one.index)
    names = [
        f"{MONTHS[one.month - 1]} {one.index:.2f} ({_ends(one)})"
        for one in dict.fromkeys((ordered[-1], ordered[0]))
    ]
    return f"Over {years} years, clearest: {', '.join(names)}; 1 is the year's mean."


def _month_fact(one: MonthOfYear) -> str:
    interval = f" ({_ends(one)})" if one.low is not None else ""
    return f"{MONTHS[one.month - 1]}: {one.index:.2f} times its year{interval}, {one.years} years"


def _ends(one: MonthOfYear) -> str:
    if one.low is None or one.high is None:
        return number(None)
    return f"{one.low:.2f} to {one.high:.2f}"


def _calendar(facts: Facts) -> dict[str, Any]:
    if facts.covered is None:
        return {}
    years = shown_years(facts.covered)
    note = f"The last {MOST_YEARS} years are drawn." if facts.covered[0].year < years[0] else ""
    busiest = facts.days.drop_nulls("day").sort("incidents", descending=True).head(10)
    rows = [
        [f"{WEEKDAYS[day.weekday()]} {short_date(day)}", number(count)]
        for day, count in busiest.select("day", "incidents").iter_rows()
    ]
    return {
        "calendar": calendar_figure(
            facts.days,
            facts.covered,
            facts.options.theme,
            chosen=facts.chosen_period,
            provisional_from=facts.provisional,
        ),
        "calendar_note": note,
        "calendar_numbers": numbers_table(["The ten busiest days", "Incidents"], rows),
    }


PARTS: dict[str, Callable[[Facts], dict[str, Any]]] = {
    "controls": _controls,
    "week": _week,
    "clock": _clock,
    "peaks": _peaks,
    "two": two_answer,
    "series": _series,
    "seasons": _seasons,
    "calendar": _calendar,
    "rhythms": rhythms_answer,
}
