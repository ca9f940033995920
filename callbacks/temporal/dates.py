"""The Temporal page's answers for dates: series, months of the year and calendar."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import number, numbers, short_date, short_month, weekday_date
from analytics.temporal.change_points import FEWEST_STEPS
from analytics.temporal.seasons import FEWEST_YEARS, MonthOfYear, months_of_year
from callbacks.frame.interventions import intervention_marks
from callbacks.temporal.measures import TemporalMeasures
from components.frame.coverage import left_out_words
from components.frame.tables import table
from components.temporal.calendar import MOST_YEARS, calendar_figure, shown_years
from components.temporal.control_chart import (
    CONTROL_HEAD,
    control_figure,
    control_rows,
    control_sentences,
)
from components.temporal.seasons import MonthMark, seasons_figure
from components.temporal.sentences import change_sentence, out_of_year_words
from components.temporal.series import ChangeMark, SeriesLines, series_figure


def series_answer(measures: TemporalMeasures) -> dict[str, Any]:
    found, decomposition, changes = measures.series, measures.decomposition, measures.changes
    if found is None:
        return {}
    starts = found.settled["start"].to_list()
    unit = measures.series_unit
    said: list[Component] = []
    marks = []
    if changes is not None:
        for change in changes.changes:
            text = change_sentence(change, starts, unit)
            marks.append(
                ChangeMark(starts[change.at], starts[change.earliest], starts[change.latest], text)
            )
            said.append(html.Li(text))
    lines = SeriesLines(
        starts,
        decomposition.trend.tolist() if decomposition else (),
        decomposition.season.tolist() if decomposition else (),
        changes.levels.tolist() if changes else (),
        marks,
        intervention_marks(measures.question.services),
    )
    return {
        "series": series_figure(
            found.frame,
            measures.options.step,
            lines,
            measures.options.theme,
            chosen=measures.chosen_period,
            per_day=unit != "a month",
        ),
        "series_words": _series_words(measures, said),
        "series_numbers": _series_table(measures),
    }


def _series_words(measures: TemporalMeasures, said: list[Component]) -> list[Component]:
    found: list[Component] = []
    if measures.changes is None:
        text = (
            f"Change points need {FEWEST_STEPS} complete weeks or months with one incident each "
            "on average."
        )
    elif said:
        text = "Significant changes of level:"
    else:
        text = "No significant change of level."
    found.append(html.P(text, className="figure-note"))
    if said:
        found.append(html.Ul(said, className="sentences"))
    decomposition = measures.decomposition
    note = (
        out_of_year_words(decomposition.out_of_year)
        if decomposition
        else "Trend and season need two years of data."
    )
    found.append(html.P(note, className="figure-note"))
    if left_out := left_out_words(measures.question.manifest):
        found.append(html.P(left_out, className="figure-note"))
    return found


def _series_table(measures: TemporalMeasures) -> html.Table:
    if measures.series is None:
        return table(["Step"], [])
    found = measures.decomposition
    trend = dict(zip(found.starts, found.trend.tolist(), strict=True) if found else ())
    rows = [
        [
            short_date(row["start"]),
            number(row["incidents"]),
            number(row["average"], 1),
            number(trend.get(row["start"]), 1),
            "provisional" if row["provisional"] else "" if row["complete"] else "partial",
        ]
        for row in measures.series.frame.to_dicts()
    ]
    return table(["From", "Incidents", "Average", "Trend", ""], rows)


def control_answer(measures: TemporalMeasures) -> dict[str, Any]:
    chart = measures.control_chart
    if chart is None:
        return {}
    head, *rest = control_sentences(chart)
    listed, last = rest[:-1], rest[-1:]
    words: list[Component] = [html.P(head, className="figure-note")]
    if listed:
        words.append(html.Ul([html.Li(text) for text in listed], className="sentences"))
    words += [html.P(text, className="figure-note") for text in last]
    marks = intervention_marks(measures.question.services)
    return {
        "control": control_figure(chart, measures.options.theme, marks),
        "control_words": words,
        "control_numbers": table(CONTROL_HEAD, control_rows(chart)),
    }


def seasons_answer(measures: TemporalMeasures) -> dict[str, Any]:
    months = months_of_year(measures.months) if measures.months else []
    marks = [
        MonthMark(one.month, one.index, one.low, one.high, _month_hover(one), one.significant)
        for one in months
    ]
    rows = [[short_month(one.month), number(one.index, 2), _ends(one)] for one in months]
    return {
        "seasons": seasons_figure(marks, measures.options.theme),
        "seasons_words": _seasons_words(months),
        "seasons_numbers": table(["Month", "Index", "95% interval"], rows),
    }


def _seasons_words(months: list[MonthOfYear]) -> str:
    if not months:
        return "Months of the year need a complete calendar year."
    years = months[0].years
    if years < FEWEST_YEARS:
        said = "1 complete year is" if years == 1 else f"{years} complete years are"
        return f"{said} too few for intervals."
    significant = [one for one in months if one.significant]
    if not significant:
        return f"In {years} years no month differs significantly from the mean of its year."
    ordered = sorted(significant, key=lambda one: one.index)
    names = [
        f"{short_month(one.month)} {number(one.index, 2)} ({_ends(one)})"
        for one in dict.fromkeys((ordered[-1], ordered[0]))
    ]
    return f"In {years} years, highest and lowest: {', '.join(names)}; 1 is the mean of the year."


def _month_hover(one: MonthOfYear) -> str:
    interval = f" ({_ends(one)})" if one.low is not None else ""
    times = f"{number(one.index, 2)} times the mean of its year"
    return f"{short_month(one.month)}: {times}{interval}, {one.years} years"


def _ends(one: MonthOfYear) -> str:
    if one.low is None or one.high is None:
        return number(None)
    return numbers(one.low, one.high, 2)


def calendar_answer(measures: TemporalMeasures) -> dict[str, Any]:
    if measures.covered is None:
        return {}
    years = shown_years(measures.covered)
    note = (
        f"Only the last {MOST_YEARS} years are shown."
        if measures.covered[0].year < years[0]
        else ""
    )
    busiest = measures.days.drop_nulls("day").sort("incidents", descending=True).head(10)
    rows = [
        [weekday_date(day), number(count)]
        for day, count in busiest.select("day", "incidents").iter_rows()
    ]
    return {
        "calendar": calendar_figure(
            measures.days,
            measures.covered,
            measures.options.theme,
            chosen=measures.chosen_period,
            provisional_from=measures.provisional,
        ),
        "calendar_note": note,
        "calendar_numbers": table(["The ten busiest days", "Incidents"], rows),
    }
