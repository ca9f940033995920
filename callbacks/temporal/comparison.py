"""The Temporal page's answer for the comparison of periods or selections."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.sentence import sentence
from analytics.formats import hour_name, number, percent, short_weekday, week
from analytics.page_address import query_of
from analytics.statistics.two_periods import Comparison
from analytics.temporal.deviation import homogeneity, hour_bins, weekday_bins
from analytics.temporal.weekly_hours import WeeklyHours
from analytics.temporal.weekly_intervals import rates, shares
from callbacks.temporal.measures import TemporalMeasures
from components.frame.tables import table
from components.frame.variables import quantity
from components.temporal.comparison import ComparisonSeries, comparison_figure
from components.temporal.layout import OTHERS, comparison_key
from components.temporal.sentences import shape_words, total_words

Counts = npt.NDArray[np.int64]
Pairs = list[tuple[ComparisonSeries, ComparisonSeries | None]]


def comparison_answer(measures: TemporalMeasures) -> dict[str, Any]:
    """Figure, sentences and numbers of the comparison."""
    options, other = measures.options, measures.other
    named = ""
    own = measures.settled(measures.weeks)
    counted = options.scale == "count"
    if isinstance(other, str):
        pairs: Pairs = [
            (_series("chosen", bins(own), counted), None) for bins in (hour_bins, _shown_weekdays)
        ]
        said = other
    else:
        there = measures.settled(other)
        named = OTHERS[options.other]
        pairs = [
            (_series("chosen", bins(own), counted), _series(named, bins(there), counted))
            for bins in (hour_bins, _shown_weekdays)
        ]
        said = _comparison_words(measures, own, there)
    return {
        "comparison": comparison_figure(pairs[0], pairs[1], options.theme, shares=not counted),
        "comparison_key": _key(measures, named),
        "comparison_words": said,
        "comparison_numbers": _comparison_table(pairs, counted),
    }


def _shown_weekdays(hours: WeeklyHours) -> Counts:
    """Weeks × weekdays in the order of the week."""
    return weekday_bins(hours)[:, [day - 1 for day in week()]]


def _key(measures: TemporalMeasures, named: str) -> list[Component]:
    text = query_of(measures.question.services, measures.selection)
    names = measures.question.pinned.vocabulary.names
    kept = (
        sentence(measures.kept, measures.question.manifest, names)
        if measures.kept is not None
        else ""
    )
    return comparison_key(named, text, kept)


def _comparison_words(measures: TemporalMeasures, own: WeeklyHours, there: WeeklyHours) -> str:
    parts = []
    if isinstance(measures.totals, Comparison):
        parts.append(total_words(measures.totals, OTHERS[measures.options.other]))
    if measures.shared:
        both = quantity(measures.shared)
        parts.append(f"Not tested: both contain the same {both}.")
        return " ".join(parts)
    parts.append(
        shape_words(
            homogeneity(hour_bins(own), hour_bins(there)),
            homogeneity(weekday_bins(own), weekday_bins(there)),
        )
    )
    return " ".join(parts)


def _series(name: str, counts: Counts, counted: bool) -> ComparisonSeries:
    found = rates(counts) if counted else shares(counts)
    return ComparisonSeries(name, *(_none(one) for one in (found.values, found.low, found.high)))


def _none(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _comparison_table(pairs: Pairs, counted: bool) -> html.Table:
    rows = []
    bins = ([hour_name(hour) for hour in range(24)], [short_weekday(day) for day in week()])
    for pair, names in zip(pairs, bins, strict=True):
        for place, name in enumerate(names):
            rows.append([name, *(_interval(one, place, counted) for one in pair if one)])
    heads = ["Hour or weekday", *(one.name for one in pairs[0] if one)]
    return table(heads, rows)


def _interval(series: ComparisonSeries, place: int, counted: bool) -> str:
    value, low, high = series.values[place], series.low[place], series.high[place]
    text = number(value, 1) if counted else percent(value)
    if low is None or high is None:
        return text
    ends = (number(low, 1), number(high, 1)) if counted else (percent(low), percent(high))
    return f"{text} ({ends[0]} to {ends[1]})"
