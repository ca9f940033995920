"""The Temporal page's answers for hours: heat map, clock and peaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from dash import html

from analytics.formats import hour_name, number, numbers, percent, short_weekday, week
from analytics.temporal.circular import circular_statistics
from analytics.temporal.deviation import hour_bins, per_day
from analytics.temporal.peaks import WeeklyPeak
from analytics.temporal.weekly_hours import OWNED, dispersion
from callbacks.frame.chosen import chosen_keys, hours_selected
from callbacks.temporal.measures import TemporalMeasures
from components.frame.attributes import aria
from components.frame.figures.week import week_figure
from components.frame.peaks import no_peaks, peak_sentence, peaks_span
from components.frame.significance import NOT_SIGNIFICANT, SIGNIFICANT
from components.frame.tables import table
from components.frame.variables import quantity
from components.temporal.clock import clock_figure
from components.temporal.sentences import (
    aoristic_words,
    circular_words,
    p_value,
    weekday_hour,
)


def week_answer(measures: TemporalMeasures) -> dict[str, Any]:
    options, found = measures.options, measures.deviation
    values, note = measures.hours, _week_note(measures)
    if options.measure == "day" and measures.period:
        values = per_day(measures.hours, measures.period)
    elif options.measure == "deviation":
        blank = np.full((7, 24), np.nan)
        values = np.where(found.significant, found.ratio, np.nan) if found else blank
    texts = [_cell_hover(measures, values, day, hour) for day in range(1, 8) for hour in range(24)]
    chosen = hours_selected(measures.selection, measures.question.manifest)
    diverging = options.measure == "deviation"
    rows = [
        [hour_name(hour), *(_number(values[day - 1][hour], diverging) for day in week())]
        for hour in range(24)
    ]
    return {
        "week": week_figure(values, texts, chosen, options.theme, diverging=diverging),
        "week_note": note,
        "week_numbers": table(["Hour", *map(short_weekday, week())], rows),
    }


def _number(value: float, ratio: bool) -> str:
    if np.isnan(value):
        return "same as the rest" if ratio else number(None)
    return f"{number(value, 2)} times" if ratio else number(value, 0 if value == int(value) else 1)


def _cell_hover(
    measures: TemporalMeasures, values: npt.NDArray[np.float64], day: int, hour: int
) -> str:
    name = weekday_hour(day, hour)
    if measures.options.measure == "deviation":
        found = measures.deviation
        if found is None:
            return name
        at = (day - 1, hour)
        verdict = SIGNIFICANT if found.significant[at] else NOT_SIGNIFICANT
        return (
            f"{name}: {number(found.ratio[at], 2)} times the rest's share "
            f"({numbers(found.low[at], found.high[at], 2)}), {verdict}, q = {found.q[at]:.2g}"
        )
    total = float(measures.hours.sum())
    value = float(values[day - 1][hour])
    if measures.options.measure == "day":
        return f"{name}: {number(value, 2)} a {short_weekday(day)}"
    text = quantity(value) if value == int(value) else f"{number(value, 1)} incidents"
    if not total:
        return f"{name}: {text}"
    times = number(168 * value / total, 1)
    return f"{name}: {text}, {percent(value / total)}, {times} times an average hour"


def _week_note(measures: TemporalMeasures) -> str:
    if measures.options.measure == "deviation":
        if not measures.has_rest:
            return "Filter by type or place to compare it with the rest of the city."
        if measures.deviation is None:
            return "Too few incidents to compare hours of the week with the rest."
        number_of = int(measures.deviation.significant.sum())
        return f"{number_of} of 168 hours differ significantly from the rest of the city."
    if measures.aoristic is not None and measures.aoristic.spans:
        return aoristic_words(measures.aoristic, measures.options.spread == "aoristic")
    unit = "of its weekday" if measures.options.measure == "day" else "of the week"
    highest = float(measures.hours.max(initial=0))
    if measures.options.measure == "day":
        return f"Mean incidents in each hour {unit}."
    return f"Up to {number(highest)} incidents in an hour {unit}."


def clock_answer(measures: TemporalMeasures) -> dict[str, Any]:
    hours = measures.hours.sum(axis=0)
    settled = measures.settled(measures.weeks)
    found = circular_statistics(hours, dispersion(hour_bins(settled)))
    fixed = found.low_h is not None
    total = float(hours.sum())
    texts = [
        f"{hour_name(hour)}: {number(value, 0 if value == int(value) else 1)} incidents"
        + (f", {percent(value / total)}" if total else "")
        for hour, value in enumerate(hours.tolist())
    ]
    others = measures.rest.hours.reshape(7, 24).sum(axis=0).tolist() if measures.has_rest else None
    rows = [[hour_name(hour), number(value, 1)] for hour, value in enumerate(hours.tolist())]
    return {
        "clock": clock_figure(
            hours.tolist(),
            texts,
            measures.options.theme,
            chosen=chosen_keys(measures.selection, "hour"),
            others=others,
            mean_h=found.mean_h if fixed else None,
            sd_h=found.sd_h,
        ),
        "clock_words": circular_words(found),
        "clock_numbers": table(["Hour", "Incidents"], rows),
    }


def peaks_answer(measures: TemporalMeasures) -> dict[str, Any]:
    whole = measures.weeks.complete(measures.provisional)
    if measures.peaks:
        chosen = chosen_keys(measures.selection, "hour_weekday")
        items = [html.Li(_peak_button(peak, chosen)) for peak in measures.peaks]
        return {"peaks": [html.Ol(items, className="sentences"), _peaks_note(measures)]}
    said = "There are no days in which to search for peaks."
    if measures.period is not None:
        every = measures.selection.without(OWNED) != measures.selection
        of_dates = measures.chosen_period is not None
        said = no_peaks(whole, measures.period, chosen=of_dates, every=every)
    return {"peaks": html.P(said, className="quiet")}


def _peak_button(peak: WeeklyPeak, chosen: frozenset[str]) -> html.Button:
    pressed = set(peak.window.keys) == chosen
    hours: dict[str, Any] = {"data-hours": " ".join(peak.window.keys)}
    return html.Button(
        peak_sentence(peak),
        type="button",
        className="sentence-button",
        title=f"{number(peak.incidents)} incidents in all complete weeks; {p_value(peak.p)}",
        **aria(pressed="true" if pressed else "false"),
        **hours,
    )


def _peaks_note(measures: TemporalMeasures) -> html.P:
    span = peaks_span(measures.weeks.complete(measures.provisional))
    note = f"{span} found in every other week, measured in the weeks between."
    if not measures.has_spans:
        note += " This source records one time only, so some peaks may be times of discovery."
    return html.P(note, className="figure-note")
