"""Figures of the Forecast page: areas by period, counts with their fan, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go

from analytics.demand_answers import CountedPeriods
from analytics.forecasting.demand.period_forecast import ForecastPeriod, PeriodForecast
from analytics.formats import date_range, month_day, number, percent, weekday_date
from components.frame.figures.axes import BARE, share_ticks
from components.frame.theme import Theme, color, colorscale, template

INTERVALS = {"50%": ("q25", "q75"), "80%": ("q10", "q90"), "95%": ("q025", "q975")}
"""Central intervals, by the names of their quantiles."""
ROW_PX = 23
DAY_MS = 86_400_000
TICK_DAYS = 14
WHOLE_FROM = 1_000
MOST_TEXTS = 8
"""Columns up to which cells have their number written in them."""


@dataclass(frozen=True)
class AreaRow:
    """An area of the heat map: key, name, its row in the forecast, whether it is selected."""

    key: str
    name: str
    place: int
    chosen: bool


def period_words(period: ForecastPeriod) -> str:
    """`Fri, Oct 19, 2018` or `Oct 16 – 22, 2018`."""
    if period.first == period.last:
        return weekday_date(period.first)
    return date_range(period.first, period.last)


def expected_words(value: float) -> str:
    """`12.3`, and `1,234` for larger ones."""
    return number(value, 1 if value < WHOLE_FROM else 0)


def interval_words(found: PeriodForecast, row: int, column: int) -> str:
    """`9.2 expected; 50%: 7 to 11, 80%: 5 to 13, 95%: 3 to 16`."""
    said = []
    for name, (low, high) in INTERVALS.items():
        ends = found.quantiles[low][row, column], found.quantiles[high][row, column]
        said.append(f"{name}: {number(ends[0])} to {number(ends[1])}")
    return f"{expected_words(found.expected[row, column])} expected; {', '.join(said)}"


def areas_height(rows: int) -> str:
    """Height of the heat map with so many areas."""
    return f"{rows * ROW_PX + 30}px"


def areas_figure(
    found: PeriodForecast, rows: Sequence[AreaRow], level: str, theme: Theme
) -> go.Figure:
    """Expected counts of areas by period; a click filters by the area."""
    columns = list(range(len(found.periods)))
    values = [[float(found.expected[row.place, at]) for at in columns] for row in rows]
    places = list(range(len(rows)))
    figure = go.Figure(layout=_areas_layout(found, rows, theme))
    numbers = [[expected_words(value) for value in line] for line in values]
    figure.add_trace(
        go.Heatmap(
            z=values, x=columns, y=places, xgap=1, ygap=1, colorscale=colorscale(theme), zmin=0,
            hoverinfo="skip", showscale=False,
            text=numbers if len(columns) <= MOST_TEXTS else None,
            texttemplate="%{text}" if len(columns) <= MOST_TEXTS else None,
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[at for _ in rows for at in columns],
            y=[place for place in places for _ in columns],
            mode="lines",
            line={"width": 0},  # one path for the pointer instead of a mark per cell
            customdata=[row.key for row in rows for _ in columns],
            hovertext=[
                f"{row.name}, {period_words(found.periods[at])}: "
                f"{interval_words(found, row.place, at)}"
                for row in rows
                for at in columns
            ],
            hoverinfo="text",
            meta=level,
        )
    )
    for place, row in enumerate(rows):
        if row.chosen:
            figure.add_shape(
                type="rect", x0=-0.5, x1=len(columns) - 0.5, y0=place - 0.5, y1=place + 0.5,
                line={"color": color(theme, "selected"), "width": 2},
            )  # fmt: skip
    return figure


def _areas_layout(found: PeriodForecast, rows: Sequence[AreaRow], theme: Theme) -> dict[str, Any]:
    every = max(1, len(found.periods) // 4)
    shown = list(range(0, len(found.periods), every))
    return {
        "template": template(theme),
        "margin": {"l": 8, "r": 4, "t": 2, "b": 24},
        "dragmode": False,
        "hovermode": "closest",
        "hoverdistance": 40,
        "xaxis": {
            **BARE,
            "range": [-0.5, len(found.periods) - 0.5],
            "tickvals": shown,
            "ticktext": [_short(found.periods[at]) for at in shown],
        },
        "yaxis": {
            **BARE,
            "automargin": True,
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [row.name for row in rows],
        },
    }


def _short(period: ForecastPeriod) -> str:
    return month_day(period.first)


def fan_figure(
    found: PeriodForecast, counted: CountedPeriods, provisional: Sequence[bool], theme: Theme
) -> go.Figure:
    """Counts before the forecast, and the fan of its intervals.

    Parameters
    ----------
    found
        Of one row.
    provisional
        Whether each period before is.
    """
    figure = go.Figure(layout=_fan_layout(found, counted, theme))
    figure.add_trace(_counted(counted.before, counted.before_counts, provisional, theme))
    shades = {"95%": "seq-0", "80%": "seq-1", "50%": "seq-2"}
    for name, shade in shades.items():
        low, high = (found.quantiles[end][0].tolist() for end in INTERVALS[name])
        figure.add_trace(
            go.Bar(
                x=[_middle(one) for one in found.periods],
                base=low,
                y=[max(top - base, 0.02 * top) for base, top in zip(low, high, strict=True)],
                width=[_width(one) for one in found.periods],
                marker={"color": color(theme, shade), "line": {"width": 0}},
                hoverinfo="skip",
            )
        )
    figure.add_trace(_expected(found, theme))
    since = [place for place, count in enumerate(counted.since) if count is not None]
    if since:
        periods = [found.periods[place] for place in since]
        counts = [counted.since[place] or 0 for place in since]
        late = _counted(periods, counts, [True] * len(since), theme)
        late.update(width=[0.5 * _width(one) for one in periods])
        figure.add_trace(late)
    figure.add_trace(_year_before(found, counted, theme))
    return figure


def _counted(
    periods: Sequence[ForecastPeriod],
    counts: Sequence[int],
    provisional: Sequence[bool],
    theme: Theme,
) -> go.Bar:
    late = {True: ", provisional", False: ""}
    return go.Bar(
        x=[_middle(one) for one in periods],
        y=list(counts),
        width=[0.86 * _width(one) for one in periods],
        marker={
            "color": color(theme, "mark-muted"),
            "line": {"width": 0},
            "pattern": {
                "shape": ["/" if one else "" for one in provisional],
                "size": 4,
                "solidity": 0.45,
                "fillmode": "replace",
            },
        },
        hovertext=[
            f"{period_words(one)}: {number(count)} counted{late[bool(flag)]}"
            for one, count, flag in zip(periods, counts, provisional, strict=True)
        ],
        hoverinfo="text",
    )


def _expected(found: PeriodForecast, theme: Theme) -> go.Scatter:
    """The expected counts as a line, as marks where there are few periods."""
    few = len(found.periods) <= MOST_TEXTS
    return go.Scatter(
        x=[_middle(one) for one in found.periods],
        y=found.expected[0].tolist(),
        mode="lines+markers" if few else "lines",
        line={"color": color(theme, "line"), "width": 2},
        marker={"size": 7, "color": color(theme, "line")},
        hovertext=[
            f"{period_words(one)}: {interval_words(found, 0, at)}"
            for at, one in enumerate(found.periods)
        ],
        hoverinfo="text",
    )


def _year_before(found: PeriodForecast, counted: CountedPeriods, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[_middle(one) for one in found.periods],
        y=list(counted.year_before),
        mode="markers",
        marker={"symbol": "diamond-open", "size": 7, "color": color(theme, "more")},
        hovertext=[
            f"{period_words(one)}: {number(count)} counted a year earlier"
            for one, count in zip(found.periods, counted.year_before, strict=True)
        ],
        hoverinfo="text",
    )


def _fan_layout(found: PeriodForecast, counted: CountedPeriods, theme: Theme) -> dict[str, Any]:
    first, last = counted.before[0].first, found.periods[-1].last
    start, step = found.periods[0].first, timedelta(days=TICK_DAYS)
    before = (start - first) // step
    ticks = [start + at * step for at in range(-before, (last - start) // step + 1)]
    return {
        "template": template(theme),
        "margin": {"l": 44, "r": 8, "t": 6, "b": 22},
        "dragmode": False,
        "hovermode": "closest",
        "barmode": "overlay",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "range": [first.isoformat(), (last + timedelta(days=1)).isoformat()],
            "tickvals": [day.isoformat() for day in ticks],
            "ticktext": [month_day(day) for day in ticks],
        },
        "yaxis": {
            "fixedrange": True,
            "nticks": 5,
            "tickformat": ",~r",
            "rangemode": "tozero",
            "automargin": True,  # harm has seven digits
        },
        "shapes": [
            {
                "type": "line",
                "x0": found.periods[0].first.isoformat(),
                "x1": found.periods[0].first.isoformat(),
                "y0": 0,
                "y1": 1,
                "yref": "y domain",
                "line": {"color": color(theme, "text-muted"), "width": 1, "dash": "dot"},
            }
        ],
    }


def _width(period: ForecastPeriod) -> int:
    return ((period.last - period.first).days + 1) * DAY_MS


def _middle(period: ForecastPeriod) -> str:
    """The middle of a period, which ends with its last day."""
    hours = 12 * ((period.last - period.first).days + 1)
    middle = f"{period.first + timedelta(days=hours // 24)}"
    return f"{middle}T{hours % 24:02d}:00"


def calibration_figure(
    stated: Sequence[float], observed: Sequence[float], theme: Theme
) -> go.Figure:
    """Stated against observed coverage of central intervals; dotted where they are equal."""
    axis = {"fixedrange": True, "range": [0, 1.02], **share_ticks(1.0, 4)}
    figure = go.Figure(
        layout={
            "template": template(theme),
            "margin": {"l": 52, "r": 24, "t": 6, "b": 38},
            "dragmode": False,
            "hovermode": "closest",
            "xaxis": {**axis, "title": {"text": "Stated"}},
            "yaxis": {**axis, "title": {"text": "Observed"}},
        }
    )
    figure.add_trace(
        go.Scatter(
            x=[0, 1], y=[0, 1], mode="lines", hoverinfo="skip",
            line={"color": color(theme, "text-muted"), "width": 1, "dash": "dot"},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=list(stated),
            y=list(observed),
            mode="lines+markers",
            line={"color": color(theme, "mark"), "width": 2},
            marker={"size": 7},
            hovertext=[
                f"Intervals that state {percent(one, 0)} held {percent(other)} of the counts"
                for one, other in zip(stated, observed, strict=True)
            ],
            hoverinfo="text",
        )
    )
    return figure
