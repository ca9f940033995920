"""Weeks and months, months of the year and days: the Temporal page's answers for dates."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import number, numbers, short_date, short_month, weekday_date
from analytics.temporal.seasons import FEWEST_YEARS, MonthOfYear, months_of_year
from callbacks.temporal.measures import Facts
from components.frame.coverage import left_out_words
from components.frame.tables import table
from components.temporal.calendar import MOST_YEARS, calendar_figure, shown_years
from components.temporal.seasons import MonthMark, seasons_figure
from components.temporal.sentences import change_sentence, strength_words
from components.temporal.series import Change, Parts, series_figure


def series_answer(facts: Facts) -> dict[str, Any]:
    found, parts, changes = facts.series, facts.parts, facts.changes
    if found is None:
        return {}
    starts = found.settled["start"].to_list()
    unit = facts.series_unit
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
            found.frame,
            facts.options.step,
            lines,
            facts.options.theme,
            chosen=facts.chosen_period,
            per_day=unit != "a month",
        ),
        "series_words": _series_words(facts, said),
        "series_numbers": _series_table(facts),
    }


def _series_words(facts: Facts, said: list[Component]) -> list[Component]:
    found: list[Component] = []
    if facts.changes is None:
        text = "Change points need 24 complete weeks or months."
    elif said:
        text = "Significant changes of level:"
    else:
        text = "No significant change of level."
    found.append(html.P(text, className="figure-note"))
    if said:
        found.append(html.Ul(said, className="sentences"))
    parts = facts.parts
    note = (
        strength_words(parts.trend_strength, parts.season_strength, parts.years)
        if parts
        else "Trend and season need two years of data."
    )
    found.append(html.P(note, className="figure-note"))
    if left_out := left_out_words(facts.question.manifest):
        found.append(html.P(left_out, className="figure-note"))
    return found


def _series_table(facts: Facts) -> html.Table:
    if facts.series is None:
        return table(["Step"], [])
    trend = dict(
        zip(facts.parts.starts, facts.parts.trend.tolist(), strict=True) if facts.parts else ()
    )
    rows = [
        [
            short_date(row["start"]),
            number(row["incidents"]),
            number(row["average"], 1),
            number(trend.get(row["start"]), 1),
            "provisional" if row["provisional"] else "" if row["complete"] else "partial",
        ]
        for row in facts.series.frame.to_dicts()
    ]
    return table(["From", "Incidents", "Average", "Trend", ""], rows)


def seasons_answer(facts: Facts) -> dict[str, Any]:
    months = months_of_year(facts.months) if facts.months else []
    marks = [
        MonthMark(one.month, one.index, one.low, one.high, _month_fact(one), one.unlikely)
        for one in months
    ]
    rows = [[short_month(one.month), number(one.index, 2), _ends(one)] for one in months]
    return {
        "seasons": seasons_figure(marks, facts.options.theme),
        "seasons_words": _seasons_words(months),
        "seasons_numbers": table(["Month", "Index", "95% interval"], rows),
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
        f"{short_month(one.month)} {number(one.index, 2)} ({_ends(one)})"
        for one in dict.fromkeys((ordered[-1], ordered[0]))
    ]
    return f"Over {years} years, clearest: {', '.join(names)}; 1 is the year's mean."


def _month_fact(one: MonthOfYear) -> str:
    interval = f" ({_ends(one)})" if one.low is not None else ""
    times = f"{number(one.index, 2)} times its year"
    return f"{short_month(one.month)}: {times}{interval}, {one.years} years"


def _ends(one: MonthOfYear) -> str:
    if one.low is None or one.high is None:
        return number(None)
    return numbers(one.low, one.high, 2)


def calendar_answer(facts: Facts) -> dict[str, Any]:
    if facts.covered is None:
        return {}
    years = shown_years(facts.covered)
    note = f"The last {MOST_YEARS} years are drawn." if facts.covered[0].year < years[0] else ""
    busiest = facts.days.drop_nulls("day").sort("incidents", descending=True).head(10)
    rows = [
        [weekday_date(day), number(count)]
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
        "calendar_numbers": table(["The ten busiest days", "Incidents"], rows),
    }
