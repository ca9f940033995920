"""The card of the demand forecast: what is expected of each area in the days to come."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefing.cited_text import NumberSource, Piece, Sourced, cited_text
from analytics.briefing.document import TableCard
from analytics.demand_answers import DemandAnswers, DemandForecast, chosen_areas
from analytics.drafting.figures import BriefingFigures
from analytics.errors import PatrolIQError
from analytics.forecasting.demand.period_forecast import (
    DemandMeasure,
    ForecastPeriod,
    ForecastStep,
    PeriodForecast,
)
from analytics.formats import date_range, number, numbers

MOST_ROWS = 15
METHOD = "docs/demand.md"
LOW, HIGH = "q10", "q90"
"""Ends of the 80% interval."""


def forecast_card(figures: BriefingFigures) -> TableCard | None:
    """Expected incidents of the areas with most; None without a forecast that the reader sees."""
    answers = DemandAnswers(figures.services, figures.pinned, figures.selection)
    try:
        found = answers.forecast()
    except PatrolIQError:  # its files are damaged, as the Forecast page says
        return None
    if found is None:
        return None
    clause = figures.selection.get(found.level)
    wanted = [] if clause is None else list(getattr(clause, "keys", ()))
    areas = chosen_areas(found, wanted)
    by_area = answers.by_area(found, DemandMeasure.COUNT, found.shifts, ForecastStep.WHOLE)
    period = by_area.periods[0]
    source = _source(answers, found, period)
    rows = [at for at, area in enumerate(found.areas) if area in areas]
    rows.sort(key=lambda at: -float(by_area.expected[at, 0]))
    total = answers.total(found, DemandMeasure.COUNT, areas, found.shifts, ForecastStep.WHOLE)
    labels = figures.pinned.vocabulary.labels.get(found.level, found.level)
    lines = [("All of them", *_cells(total, 0))] if len(rows) > 1 else []
    lines += [(_label(figures, found, at), *_cells(by_area, at)) for at in rows[:MOST_ROWS]]
    note = cited_text([list(_note(answers, len(rows) - MOST_ROWS, source))])
    return TableCard(
        "forecast",
        f"Forecast, {date_range(period.first, period.last)}",
        (labels, "Expected", "80% interval"),
        tuple(lines),
        source,
        note,
    )


def _cells(made: PeriodForecast, row: int) -> tuple[str, str]:
    expected = float(made.expected[row, 0])
    low, high = (made.quantiles[name][row, 0] for name in (LOW, HIGH))
    return number(expected, 0 if expected >= 100 else 1), numbers(int(low), int(high))


def _label(figures: BriefingFigures, found: DemandForecast, at: int) -> str:
    area = found.areas[at]
    label = figures.pinned.vocabulary.label(found.level, area)
    level = figures.pinned.vocabulary.labels.get(found.level, found.level)
    return f"{level} {area}" if label == area else label


def _source(answers: DemandAnswers, found: DemandForecast, period: ForecastPeriod) -> NumberSource:
    bundle = found.bundle
    return NumberSource(
        f"Forecast {bundle.name} version {bundle.version} of {answers.target.title}, "
        f"{date_range(period.first, period.last)}, from days to {found.until}; trained on snapshot "
        f"{bundle.snapshot}; method: {METHOD}"
    )


def _note(answers: DemandAnswers, left: int, source: NumberSource) -> Iterator[Piece]:
    yield f"Of {answers.target.title.lower()}: "
    if answers.target.name != answers.named.name:
        yield f"there is no forecast of {answers.named.title.lower()}. "
    yield "reported incidents, in the interval in "
    yield Sourced("80 of 100", source)
    yield " forecasts. "
    if left > 0:
        yield Sourced(number(left), source)
        yield " areas with fewer are not listed."
