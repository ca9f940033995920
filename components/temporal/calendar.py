"""Calendar heat map: a square per day, weeks across, a band per year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.formats import days_into_week, short_month, weekday_date
from analytics.statistics.two_periods import Period
from components.frame.coverage import reservations
from components.frame.figures.axes import BARE
from components.frame.theme import Theme, color, colorscale, template
from components.frame.variables import quantity

MOST_YEARS = 6
BAND = 8  # rows of a year: seven days and a gap
COLUMNS = 54


def shown_years(period: Period) -> list[int]:
    """The last `MOST_YEARS` years of a period."""
    return list(range(period[0].year, period[1].year + 1))[-MOST_YEARS:]


def calendar_figure(
    days: pl.DataFrame,
    covered: Period,
    theme: Theme,
    *,
    chosen: Period | None = None,
    provisional_from: date | None = None,
) -> go.Figure:
    """Incidents of every day.

    Parameters
    ----------
    days
        View `day`: columns `day` and `incidents`; missing days count 0.
    covered
        First and last day of the data; the last six years are shown.
    chosen
        A selected period; a veil covers the other days.
    """
    years = shown_years(covered)
    counts = dict(days.drop_nulls("day").select("day", "incidents").iter_rows())
    rows = BAND * len(years) - 1
    table = _Table(rows)
    first = max(covered[0], date(years[0], 1, 1))
    provisional: list[tuple[int, int]] = []
    for number in range((covered[1] - first).days + 1):
        day = first + timedelta(days=number)
        count = counts.get(day, 0)
        row, column = place(day, years[0])
        still = provisional_from is not None and day >= provisional_from
        table.put(row, column, count, _hover(day, count, still), day.isoformat())
        if chosen and not chosen[0] <= day <= chosen[1]:
            table.veil[row][column] = 1
        if still:
            provisional.append((row, column))
    return go.Figure(_traces(table, counts, provisional, theme), _layout(theme, years, rows))


def place(day: date, first_year: int) -> tuple[int, int]:
    """Row (band of the year, weekday) and column (week of the year) of a day."""
    start = date(day.year, 1, 1)
    row = BAND * (day.year - first_year) + days_into_week(day)
    return row, ((day - start).days + days_into_week(start)) // 7


class _Table:
    def __init__(self, rows: int) -> None:
        self.values: list[list[int | None]] = [[None] * COLUMNS for _ in range(rows)]
        self.veil: list[list[int | None]] = [[None] * COLUMNS for _ in range(rows)]
        self.hovers = [[""] * COLUMNS for _ in range(rows)]
        self.keys = [[""] * COLUMNS for _ in range(rows)]

    def put(self, row: int, column: int, count: int, hover: str, key: str) -> None:
        self.values[row][column] = count
        self.hovers[row][column] = hover
        self.keys[row][column] = key


def _traces(
    table: _Table, counts: dict[date, int], provisional: list[tuple[int, int]], theme: Theme
) -> list[Any]:
    ordered = sorted(counts.values())
    # The scale ends at the 99.5th percentile, so that one extreme day does not make others pale.
    highest = ordered[int(0.995 * (len(ordered) - 1))] if ordered else 1
    grid = {"xgap": 1, "ygap": 1, "showscale": False}
    surface = color(theme, "surface")
    return [
        go.Heatmap(
            z=table.values,
            zmin=0,
            zmax=max(highest, 1),
            colorscale=colorscale(theme),
            customdata=table.keys,
            text=table.hovers,
            hoverinfo="text",
            hoverongaps=False,
            meta="date",
            **grid,
        ),
        go.Heatmap(
            z=table.veil,
            zmin=0,
            zmax=1,
            colorscale=[(0, surface), (1, surface)],
            opacity=0.62,
            hoverinfo="skip",
            **grid,
        ),
        go.Scatter(
            x=[column for _, column in provisional],
            y=[row for row, _ in provisional],
            mode="markers",
            marker={
                "symbol": "line-ne-open",
                "size": 7,
                "line": {"color": color(theme, "text"), "width": 1},
            },
            hoverinfo="skip",
        ),
    ]


def _hover(day: date, count: int, still: bool) -> str:
    end = reservations(None, provisional=still)
    return f"{weekday_date(day)}: {quantity(count)}{end}"


def _layout(theme: Theme, years: list[int], rows: int) -> dict[str, Any]:
    return {
        "template": template(theme),
        "margin": {"l": 40, "r": 6, "t": 4, "b": 20},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            **BARE,
            "range": [-0.7, COLUMNS - 0.3],
            "tickvals": [place(date(2018, month, 15), 2018)[1] for month in range(1, 13)],
            "ticktext": [short_month(month) for month in range(1, 13)],
        },
        "yaxis": {
            **BARE,
            "range": [rows - 0.5, -0.7],
            "tickvals": [BAND * number + 3 for number in range(len(years))],
            "ticktext": [str(year) for year in years],
        },
    }
