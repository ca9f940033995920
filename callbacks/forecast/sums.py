"""The Forecast page's answers with expected counts: areas by period, and the sum beside counts."""

from __future__ import annotations

from typing import Any

from dash import html

from analytics.demand_answers import DemandForecast
from analytics.forecasting.demand.period_forecast import DemandMeasure, ForecastStep
from analytics.formats import number
from callbacks.forecast.measures import MOST_AREAS, ForecastMeasures
from callbacks.frame.trained_on import trained_on
from components.forecast.figures import (
    INTERVALS,
    AreaRow,
    areas_figure,
    areas_height,
    expected_words,
    fan_figure,
    period_words,
)
from components.forecast.layout import LEVELS
from components.frame.tables import Cell, key_button, table

MOST_NAMES = 3
UNITS = {DemandMeasure.COUNT: "incidents", DemandMeasure.HARM: "days of harm"}
HARM_WORDS = (
    "Harm is the days of sentence of the code; codes without a weight count as 0. A few heavy "
    "incidents make the upper ends."
)
POLICE_FOUND = "Police-initiated offenses, such as narcotics, are left out."


def areas_answer(measures: ForecastMeasures) -> dict[str, Any]:
    """Heat map, note and table of the areas."""
    forecast, found = measures.forecast, measures.by_area
    if forecast is None or found is None:
        return {}
    ranked = measures.ranked()
    rows = [_area_row(measures, forecast, place) for place in ranked]
    shown = [row for at, row in enumerate(rows) if at < MOST_AREAS or row.chosen]
    note = (
        f"{_capital(what_of(measures))}{shift_words(measures)}. The highest: "
        f"{expected_words(found.expected.max())} expected."
    )
    if measures.measure is DemandMeasure.HARM:
        note += f" {HARM_WORDS}"
    if not forecast.bundle.selection:
        note += f" {POLICE_FOUND}"
    if len(shown) < len(rows):
        what = LEVELS[forecast.level].lower()
        note += f" The {MOST_AREAS} {what} with most of {len(rows)}; the table has all."
    return {
        "areas": areas_figure(found, shown, forecast.level, measures.question.theme),
        "areas_style": {"height": areas_height(len(shown))},
        "areas_note": note,
        "areas_numbers": _areas_table(measures, rows),
    }


def fan_answer(measures: ForecastMeasures) -> dict[str, Any]:
    """Counts and the fan of the chosen areas."""
    forecast, found, counted = measures.forecast, measures.total, measures.counted
    if forecast is None or found is None or counted is None:
        return {}
    since = measures.question.manifest.provisional_day
    provisional = [since is not None and one.last >= since for one in counted.before]
    return {
        "fan": fan_figure(found, counted, provisional, measures.question.theme),
        "fan_note": _fan_note(measures, forecast),
        "fan_numbers": _fan_table(measures),
    }


def incidents_of(measures: ForecastMeasures) -> str:
    """The incidents that are forecast, in words."""
    found = measures.forecast
    of = trained_on(measures.question.pinned, found.bundle.selection) if found else ""
    return of if "incidents" in of else f"incidents of {of}"


def what_of(measures: ForecastMeasures) -> str:
    """What is forecast of the incidents, in words: they, or their harm."""
    of = incidents_of(measures)
    return f"harm of {of}, in days" if measures.measure is DemandMeasure.HARM else of


def shift_words(measures: ForecastMeasures) -> str:
    """The shifts that are summed; nothing if they are all."""
    found = measures.forecast
    if found is None or len(measures.shifts) == len(found.shifts):
        return ""
    return f", {' and '.join(measures.shifts)} shift".lower()


def area_name(measures: ForecastMeasures, level: str, key: str) -> str:
    """Name of an area, its key if it has none."""
    return measures.question.pinned.area_names.get(level, {}).get(key, key)


def _area_row(measures: ForecastMeasures, forecast: DemandForecast, place: int) -> AreaRow:
    key = forecast.areas[place]
    name = area_name(measures, forecast.level, key)
    return AreaRow(key, name, place, key in measures.selected_areas)


def _areas_table(measures: ForecastMeasures, rows: list[AreaRow]) -> html.Table | list[Any]:
    """Expected counts and 80% intervals of each area by period."""
    found, forecast = measures.by_area, measures.forecast
    if found is None or forecast is None:
        return []
    low, high = INTERVALS["80%"]
    lines: list[list[Cell]] = [
        [
            key_button(row.name, forecast.level, row.key, chosen=row.chosen),
            *(
                f"{expected_words(found.expected[row.place, at])} "
                f"({number(found.quantiles[low][row.place, at])}–"
                f"{number(found.quantiles[high][row.place, at])})"
                for at in range(len(found.periods))
            ),
        ]
        for row in rows
    ]
    heads = ["Area", *map(period_words, found.periods)]
    unit = UNITS[measures.measure]
    return table(heads, lines, caption=f"Expected {unit} (80% interval) by area")


def _fan_note(measures: ForecastMeasures, forecast: DemandForecast) -> str:
    names = [
        area_name(measures, forecast.level, key)
        for key in forecast.areas
        if key in measures.selected_areas
    ]
    level = LEVELS[forecast.level]
    if not names:
        where = f"all {level.lower()}"
    elif len(names) > MOST_NAMES:
        where = f"{len(names)} {level.lower()}"
    elif measures.question.pinned.area_names.get(forecast.level):
        where = ", ".join(names)
    else:
        where = f"{level[:-1].lower() if len(names) == 1 else level.lower()} {', '.join(names)}"
    whole = measures.answers.total(
        forecast, measures.measure, measures.areas, measures.shifts, ForecastStep.WHOLE
    )
    low, high = (whole.quantiles[end][0, 0] for end in INTERVALS["80%"])
    return (
        f"{_capital(what_of(measures))}{shift_words(measures)}, {where}: "
        f"{number(whole.expected[0, 0])} expected in {len(forecast.days)} days "
        f"(80% interval {number(low)} to {number(high)})."
    )


def _fan_table(measures: ForecastMeasures) -> html.Table | list[Any]:
    found, counted = measures.total, measures.counted
    if found is None or counted is None:
        return []
    lines = [
        [period_words(one), number(count), "", "", "", "", ""]
        for one, count in zip(counted.before, counted.before_counts, strict=True)
    ]
    for at, period in enumerate(found.periods):
        ends = [
            f"{number(found.quantiles[low][0, at])}–{number(found.quantiles[high][0, at])}"
            for low, high in INTERVALS.values()
        ]
        since, year = counted.since[at], counted.year_before[at]
        lines.append(
            [
                period_words(period),
                "" if since is None else number(since),
                expected_words(found.expected[0, at]),
                *ends,
                "" if year is None else number(year),
            ]
        )
    return table(["Period", "Counted", "Expected", *INTERVALS, "A year earlier"], lines)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
