"""Figures of temporal profiles: a map of their cells, and their weeks compared with the city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from analytics.formats import hour_name, number, percent, short_weekday, week
from components.frame.figures.axes import BARE, hour_ticks
from components.frame.figures.week import WIDEST, diverging_scale
from components.frame.theme import Theme, color, template
from components.frame.variables import OKABE_ITO

Ring = Sequence[Sequence[float]]


def profile_color(number: int) -> str:
    """Color of a profile, the same on the map and in the list."""
    return OKABE_ITO[number % len(OKABE_ITO)]


def profiles_map_figure(
    geojson: Mapping[str, Any], names: Mapping[str, str], theme: Theme
) -> go.Figure:
    """Cells filled by profile, without a base map.

    Parameters
    ----------
    geojson
        Features whose `id` is the profile's number, in degrees.
    names
        Name by number.
    """
    figure = go.Figure()
    lats: list[float] = []
    for feature in geojson["features"]:
        key = str(feature["properties"]["id"])
        xs: list[float | None] = []
        ys: list[float | None] = []
        for ring in _rings(feature["geometry"]):
            xs += [float(point[0]) for point in ring] + [None]
            ys += [float(point[1]) for point in ring] + [None]
        lats += [one for one in ys if one is not None]
        figure.add_trace(
            go.Scatter(
                x=xs,
                y=ys,
                mode="lines",
                fill="toself",
                fillcolor=profile_color(int(key)),
                line={"width": 0},
                opacity=0.75,
                hoveron="fills",
                text=names.get(key, key),
                hoverinfo="text",
            )
        )
    middle = sum(lats) / len(lats) if lats else 0.0
    off = {"visible": False, "fixedrange": True}
    figure.update_layout(
        template=template(theme),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        dragmode=False,
        hovermode="closest",
        xaxis=off,
        yaxis={**off, "scaleanchor": "x", "scaleratio": 1 / max(cos(radians(middle)), 0.05)},
    )
    return figure


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    """Outlines and holes of polygons, which Plotly fills by the even-odd rule within a trace."""
    polygons = (
        geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    )
    return [ring for polygon in polygons for ring in polygon]


def profile_weeks_figure(hours: pl.DataFrame, names: Sequence[str], theme: Theme) -> go.Figure:
    """A heat map of the week per profile, relative to the city: orange is more, purple less.

    Parameters
    ----------
    hours
        label, weekday, hour, share, city_share.
    names
        By label.
    """
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure = go.Figure()
    layout: dict[str, Any] = {
        "template": template(theme),
        "margin": {"l": 34, "r": 4, "t": 18, "b": 20},
        "dragmode": False,
        "annotations": [],
    }
    for label, name in enumerate(names):
        _place(layout, label, (rows, columns), name, theme)
        figure.add_trace(_week(hours.filter(pl.col("label") == label), label, name, theme))
    figure.update_layout(**layout)
    return figure


def _week(frame: pl.DataFrame, label: int, name: str, theme: Theme) -> go.Heatmap:
    ordered = frame.sort("weekday", "hour")
    order = [day - 1 for day in week()]
    share, city = (
        ordered[column].to_numpy().reshape(7, 24)[order] for column in ("share", "city_share")
    )
    days = [short_weekday(day) for day in week()]
    ratio = np.divide(share, city, out=np.ones_like(share), where=city > 0)
    hovers = [
        [
            f"{day} {hour_name(hour)}, {name}: {percent(share[row, hour], 2)} of its "
            f"incidents, {number(ratio[row, hour], 1)} times the city's share"
            for hour in range(24)
        ]
        for row, day in enumerate(days)
    ]
    suffix = str(label + 1) if label else ""
    return go.Heatmap(
        x=list(range(24)),
        y=days,
        z=np.clip(np.log2(np.maximum(ratio, 0.05)), -WIDEST, WIDEST).tolist(),
        zmin=-WIDEST,
        zmax=WIDEST,
        colorscale=diverging_scale(theme),
        showscale=False,
        text=hovers,
        hoverinfo="text",
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
    )


def _place(
    layout: dict[str, Any], label: int, grid: tuple[int, int], name: str, theme: Theme
) -> None:
    """Add axes and title of one week in a grid of rows and columns."""
    rows, columns = grid
    row, column = divmod(label, columns)
    suffix = str(label + 1) if label else ""
    gap_x, gap_y = 0.08, 0.34 / rows
    width, height = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * (rows - 1)) / rows
    left, top = column * (width + gap_x), 1 - row * (height + gap_y)
    layout[f"xaxis{suffix}"] = {
        **BARE,
        "domain": [left, left + width],
        "anchor": f"y{suffix}",
        **hour_ticks(6),
    }
    layout[f"yaxis{suffix}"] = {
        **BARE,
        "domain": [top - height, top],
        "anchor": f"x{suffix}",
        "autorange": "reversed",
        "tickvals": [short_weekday(week()[at]) for at in (0, 4, 6)],
    }
    layout["annotations"].append(
        {
            "text": name,
            "x": left,
            "y": top,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 12, "color": color(theme, "text")},
        }
    )
