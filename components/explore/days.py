"""The timeline to brush: incidents per day or week with a moving average.

The bars are one filled step line: hundreds of separate bars take Plotly ten times as long to
redraw. An invisible line through the middles of the bars answers the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl
from dash import Patch

from analytics.formats import days_into_week, short_date, weekday_date
from analytics.statistics.two_periods import Period
from components.frame.coverage import reservations
from components.frame.figures.axes import brush
from components.frame.figures.interventions import InterventionMark, mark_interventions
from components.frame.theme import Theme, color, template
from components.frame.variables import quantity

AREA, CHOSEN, PROVISIONAL, BARS, AVERAGE = range(5)
WEEKLY_FROM_DAYS = 2 * 366  # more days than this are drawn as weeks
FOUR_WEEKS_FROM_DAYS = 8 * 366  # and more than this as four weeks
HEADROOM = 1.05  # leaves the topmost tick its label


@dataclass(frozen=True)
class DayBins:
    """Bins of `width` days, counted from `origin`, the first day of any of them."""

    first: date
    last: date
    width: int
    window: int  # bins in the moving average
    origin: date

    @cached_property
    def starts(self) -> list[date]:
        """First day of each bin; the first may start before the data, the last may end after it."""
        oldest = self.first - timedelta(days=(self.first - self.origin).days % self.width)
        number = (self.last - oldest).days // self.width + 1
        return [oldest + timedelta(days=self.width * step) for step in range(number)]

    def days_of(self, start: date) -> Period:
        """First and last day of a bin that the data has."""
        return max(start, self.first), min(_end(start, self), self.last)

    def is_cut(self, start: date) -> bool:
        """Whether the data lacks some of a bin's days."""
        return self.days_of(start) != (start, _end(start, self))

    @property
    def title(self) -> str:
        """Unit of the axis and meaning of the line."""
        if self.width == 28:
            return "Incidents per 4 weeks; line: 1-year average"
        if self.width == 7:
            return f"Incidents per week; line: {self.window}-week average"
        return f"Incidents per day; line: {self.window}-day average"


def bins(first: date, last: date, period_start: date) -> DayBins:
    """Bins of a day up to two years, of a week up to eight, else of four weeks: bars stay wide.

    Weeks are those of the calendar, four weeks the agency's, counted from `period_start`. The
    moving average spans 7 days up to half a year, 28 days up to eight years, else a year.
    """
    days = (last - first).days + 1
    if days > FOUR_WEEKS_FROM_DAYS:
        return DayBins(first, last, 28, 13, period_start)
    if days > WEEKLY_FROM_DAYS:
        return DayBins(first, last, 7, 4, first - timedelta(days=days_into_week(first)))
    return DayBins(first, last, 1, 7 if days <= 183 else 28, first)


def days_figure(
    theme: Theme,
    cut: DayBins,
    provisional_from: date | None = None,
    marks: Sequence[InterventionMark] = (),
) -> go.Figure:
    """The empty timeline from the first to the last day of the data; `days_patch` fills it.

    Bars from `provisional_from` on are incomplete and hatched.
    """
    middles = [_middle(start, cut.width).isoformat() for start in cut.starts]
    nothing = [None] * len(middles)
    hatch = {"shape": "/", "size": 5, "solidity": 0.3, "fgcolor": color(theme, "surface")}
    figure = go.Figure(layout=_layout(theme, cut))
    figure.add_traces(
        [
            _steps(color(theme, "mark"), x=_edges(cut, 0, len(middles)), y=[]),
            _steps(color(theme, "selected"), x=[], y=[]),
            _steps("rgba(0,0,0,0)", x=_edges(cut, *_provisional(cut, provisional_from)), y=[]),
            go.Scatter(
                x=middles,
                y=nothing,
                mode="lines",
                line={"width": 0},
                customdata=[_key(start, cut) for start in cut.starts],
                hovertext=[""] * len(middles),
                hoverinfo="text",
                meta="date",
            ),
            go.Scatter(
                x=middles,
                y=nothing,
                mode="lines",
                line={"color": color(theme, "line"), "width": 1.4},
                hoverinfo="skip",
            ),
        ]
    )
    figure.data[PROVISIONAL].fillpattern = hatch
    mark_interventions(figure, marks, (cut.first, cut.last), theme)
    return figure


def _steps(fill: str, *, x: list[str], y: list[int]) -> go.Scatter:
    """Adjacent bars as a step line: each reaches from its x to the next, so there is one more x."""
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 0, "shape": "hv"},
        fill="tozeroy",
        fillcolor=fill,
        hoverinfo="skip",
    )


def _edges(cut: DayBins, begin: int, end: int) -> list[str]:
    """Left edges of bars `begin` to `end`, and the right edge of the last; empty without bars."""
    if begin >= end:
        return []
    starts = cut.starts[begin:end]
    return [day.isoformat() for day in (*starts, starts[-1] + timedelta(days=cut.width))]


def _heights(counts: list[int], begin: int, end: int) -> list[int]:
    """Heights at the x values of `_edges`."""
    return [*counts[begin:end], *counts[end - 1 : end]] if begin < end else []


def _provisional(cut: DayBins, since: date | None) -> tuple[int, int]:
    """Begin and end of the incomplete bars."""
    starts = cut.starts
    if since is None:
        return len(starts), len(starts)
    full = sum(_end(start, cut) < since for start in starts)
    return full, len(starts)


def _within(cut: DayBins, period: Period) -> tuple[int, int]:
    """Begin and end of the bars that overlap a period."""
    inside = [
        place
        for place, start in enumerate(cut.starts)
        if start <= period[1] and _end(start, cut) >= period[0]
    ]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _key(start: date, cut: DayBins) -> str:
    """The bar's days as a date filter, without days before the data."""
    begin, end = cut.days_of(start)
    return begin.isoformat() if begin == end else f"{begin.isoformat()}..{end.isoformat()}"


def _middle(start: date, width: int) -> date:
    return start + timedelta(days=width // 2)


def _layout(theme: Theme, cut: DayBins) -> dict[str, Any]:
    edge = timedelta(days=1)
    starts = cut.starts
    return {
        "template": template(theme),
        "margin": {"l": 44, "r": 8, "t": 4, "b": 22},
        **brush(theme, "h"),
        "hovermode": "x",
        "uirevision": "days",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "range": [(starts[0] - edge).isoformat(), (_end(starts[-1], cut) + edge).isoformat()],
            "showgrid": False,
            "ticklabelstandoff": 3,
            "showspikes": False,
        },
        "yaxis": {
            "fixedrange": True,
            "range": [0, 1],
            "nticks": 5,
            "tickformat": ",d",
            "rangemode": "tozero",
        },
    }


def days_patch(
    days: pl.DataFrame,
    cut: DayBins,
    *,
    period: Period | None,
    provisional_from: date | None,
    theme: Theme,
) -> Patch:
    """Numbers and marks of `days_figure`.

    Parameters
    ----------
    days
        View `day`: columns `day` (Date) and `incidents`; days without incidents may be missing.
    cut, provisional_from, theme
        The same as for `days_figure`.
    period
        Chosen first and last day, both included; bars outside it are muted.
    """
    counts = bin_counts(days, cut)
    chosen = _within(cut, period) if period else (0, 0)
    patch = Patch()
    data = patch["data"]
    data[AREA]["y"] = _heights(counts, 0, len(counts))
    data[AREA]["fillcolor"] = color(theme, "mark-muted" if period else "mark")
    data[CHOSEN]["x"] = _edges(cut, *chosen)
    data[CHOSEN]["y"] = _heights(counts, *chosen)
    data[PROVISIONAL]["y"] = _heights(counts, *_provisional(cut, provisional_from))
    data[BARS]["y"] = counts
    data[BARS]["hovertext"] = [
        _hover_text(start, count, cut, provisional_from)
        for start, count in zip(cut.starts, counts, strict=True)
    ]
    data[AVERAGE]["y"] = _average(counts, cut)
    patch["layout"]["yaxis"]["range"] = [0, HEADROOM * ceiling(max(counts, default=0))]
    return patch


def bin_counts(days: pl.DataFrame, cut: DayBins) -> list[int]:
    """Incidents in each bin; days outside the data are not counted."""
    counts = [0] * len(cut.starts)
    origin = cut.starts[0]
    place = (pl.col("day") - origin).dt.total_days() // cut.width
    inside = days.filter(pl.col("day").is_between(cut.first, cut.last))
    summed = inside.group_by(place.alias("place")).agg(pl.col("incidents").sum())
    for at, incidents in summed.iter_rows():
        counts[at] = incidents
    return counts


def _average(counts: list[int], cut: DayBins) -> list[float | None]:
    """The moving average, without a first or last bin that is cut: it would pull the line down."""
    starts = cut.starts
    early, late = int(cut.is_cut(starts[0])), int(len(starts) > 1 and cut.is_cut(starts[-1]))
    whole = moving_average(counts[early : len(counts) - late], cut.window)
    return [None] * early + whole + [None] * late


def moving_average(counts: list[int], window: int) -> list[float | None]:
    """Mean of each bin and those before it; None until the window is full."""
    averages: list[float | None] = []
    running = 0
    for place, count in enumerate(counts):
        running += count - (counts[place - window] if place >= window else 0)
        averages.append(round(running / window, 2) if place >= window - 1 else None)
    return averages


def ceiling(highest: float) -> float:
    """Upper end of an axis, in coarse round numbers so that it rarely moves."""
    if highest <= 0:
        return 1
    power = 10.0 ** floor(log10(highest))
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if step * power >= highest)


def _end(start: date, cut: DayBins) -> date:
    return start + timedelta(days=cut.width - 1)


def _hover_text(start: date, count: int, cut: DayBins, provisional_from: date | None) -> str:
    begin, end = cut.days_of(start)
    several = f"{short_date(begin)} to {short_date(end)}"
    name = weekday_date(start) if cut.width == 1 else several
    fact = f"{name}: {quantity(count)}"
    days = (end - begin).days + 1 if cut.is_cut(start) else None
    still = provisional_from is not None and end >= provisional_from
    return fact + reservations(days, provisional=still)
