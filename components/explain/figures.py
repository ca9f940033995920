"""Figures of the Explain page: lift by hour, the stability map, partial dependence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from analytics.formats import hour_name, number, numbers, percent, percent_suffix
from components.frame.theme import Theme, color, colorscale, template


def lift_by_hour(hours: pl.DataFrame, theme: Theme) -> go.Figure:
    """Lift of each hour in a zone, with its interval; 1 is the city.

    Parameters
    ----------
    hours
        value (hour as text), incidents, lift, low, high.
    """
    frame = hours.with_columns(pl.col("value").cast(pl.Int64)).sort("value")
    shade = color(theme, "mark")
    figure = go.Figure(layout={"template": template(theme), "margin": _margin(40)})
    figure.add_hline(y=1, line={"color": color(theme, "outline"), "width": 1, "dash": "dot"})
    figure.add_trace(
        go.Scatter(
            x=frame["value"].to_list(),
            y=frame["lift"].to_list(),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (frame["high"] - frame["lift"]).to_list(),
                "arrayminus": (frame["lift"] - frame["low"]).to_list(),
                "thickness": 1,
                "width": 0,
                "color": shade,
            },
            mode="markers",
            marker={"color": shade, "size": 6},
            hovertext=[
                f"{hour_name(row['value'])}: {number(row['incidents'])} incidents, "
                f"{number(row['lift'], 2)} times as common as in the city "
                f"({numbers(row['low'], row['high'], 2)})"
                for row in frame.iter_rows(named=True)
            ],
            hoverinfo="text",
        )
    )
    ticks = list(range(0, 24, 3))
    figure.update_xaxes(
        fixedrange=True,
        range=[-0.6, 23.6],
        tickvals=ticks,
        ticktext=[hour_name(hour) for hour in ticks],
    )
    figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=5, title="Lift")
    return figure


def stability_map(cells: pl.DataFrame, theme: Theme) -> go.Figure:
    """Share of bootstrap samples in which each cell's places stay in their zone.

    Parameters
    ----------
    cells
        col, row, cell_m, zone, incidents, stays.
    """
    figure = go.Figure(layout={"template": template(theme), "margin": _margin(8)})
    if cells.is_empty():
        return figure
    size = int(cells["cell_m"][0])
    col, row = cells["col"].to_numpy(), cells["row"].to_numpy()
    shape = (int(row.max() - row.min()) + 1, int(col.max() - col.min()) + 1)
    stays = np.full(shape, np.nan, dtype=np.float32)
    zone = np.full(shape, -1, dtype=np.int16)
    quarters = [0, 25, 50, 75, 100]
    at = (row - row.min(), col - col.min())
    stays[at], zone[at] = cells["stays"].to_numpy(), cells["zone"].to_numpy()
    figure.add_trace(
        go.Heatmap(
            x=(np.arange(shape[1]) * size / 1000).round(3),
            y=(np.arange(shape[0]) * size / 1000).round(3),
            z=np.round(100 * stays),
            customdata=zone,
            zmin=0,
            zmax=100,
            colorscale=colorscale(theme),
            hoverongaps=False,
            hovertemplate="Zone %{customdata}: stays in %{z}"
            f"{percent_suffix()} of the samples<extra></extra>",
            colorbar={
                "thickness": 10,
                "len": 0.6,
                "outlinewidth": 0,
                "tickvals": quarters,
                "ticktext": [percent(one / 100, 0) for one in quarters],
            },
        )
    )
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**hidden, constrain="domain")
    figure.update_yaxes(**hidden, scaleanchor="x", constrain="domain")
    _zone_borders(figure, zone, size, theme)
    return figure


def dependence_figure(
    dependence: pl.DataFrame, theme: Theme, labels: Sequence[str], *, columns: int
) -> go.Figure:
    """Expected incidents against one feature at a time, with intervals.

    Parameters
    ----------
    dependence
        feature, value, expected, low, high.
    labels
        Features in words, in order.
    """
    features = dependence["feature"].unique(maintain_order=True).to_list()
    rows = max(-(-len(features) // columns), 1)
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=list(labels), shared_yaxes="all",
        horizontal_spacing=0.04, vertical_spacing=0.28 / rows + 0.06,
    )  # fmt: skip
    shade = color(theme, "mark")
    for place_at, name in enumerate(features):
        own = dependence.filter(pl.col("feature") == name)
        place = {"row": place_at // columns + 1, "col": place_at % columns + 1}
        x = own["value"].to_list()
        figure.add_trace(
            go.Scatter(
                x=[*x, *reversed(x)],
                y=[*own["high"].to_list(), *reversed(own["low"].to_list())],
                fill="toself",
                fillcolor=color(theme, "seq-1"),
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
            ),
            **place,
        )
        figure.add_trace(
            go.Scatter(
                x=x,
                y=own["expected"].to_list(),
                mode="lines+markers",
                line={"color": shade, "width": 1.6},
                marker={"size": 4},
                hovertext=[
                    f"{number(row['value'], 2)} a year: {number(row['expected'], 3)} expected "
                    f"({numbers(row['low'], row['high'], 3)})"
                    for row in own.iter_rows(named=True)
                ],
                hoverinfo="text",
            ),
            **place,
        )
    figure.update_layout(template=template(theme), margin=_margin(44) | {"t": 24}, showlegend=False)
    figure.update_annotations(font={"size": 11, "color": color(theme, "text-muted")})
    figure.update_xaxes(fixedrange=True, nticks=4)
    figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=4)
    return figure


def _zone_borders(figure: go.Figure, zone: np.ndarray, size: int, theme: Theme) -> None:
    """Lines between cells of different zones."""
    x: list[float | None] = []
    y: list[float | None] = []
    step, half = size / 1000, size / 2000
    for row, col in np.argwhere(
        (zone[:, 1:] != zone[:, :-1]) & (np.minimum(zone[:, 1:], zone[:, :-1]) >= 0)
    ):
        x += [(col + 1) * step - half] * 2 + [None]
        y += [row * step - half, (row + 1) * step - half, None]
    for row, col in np.argwhere((zone[1:] != zone[:-1]) & (np.minimum(zone[1:], zone[:-1]) >= 0)):
        x += [col * step - half, (col + 1) * step - half, None]
        y += [(row + 1) * step - half] * 2 + [None]
    line = {"color": color(theme, "selected"), "width": 1.5}
    figure.add_trace(go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip"))


def _margin(left: int) -> dict[str, int]:
    return {"l": left, "r": 8, "t": 6, "b": 22}
