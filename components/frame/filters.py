"""Filters without bars: near a place, custom areas, ranges of numbers, exact texts."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from analytics.crossfilter.clauses import Near
from analytics.formats import FOOT_M, is_metric
from components.frame.attributes import choice
from components.frame.selection_bar import filter_section

# The gesture listener reads the dimension from the id of these inputs.
PREFIX = "filter-"
CUSTOM_AREAS = "/custom-areas"


def place_filter(near: Near | None) -> Component:
    """Latitude, longitude and distance in one field."""
    text = near.text if near else ""
    hint = "lat, lon, distance, such as 41.88, -87.63, 500 m"
    if not is_metric():
        hint = "lat, lon, distance, such as 41.88, -87.63, 1500 ft"
        text = f"{text.rpartition(',')[0]},{near.meters / FOOT_M:.0f} ft" if near else ""
    return _written("near", "Near a place", text, hint)


def custom_area_filter(
    areas: Mapping[str, str], chosen: frozenset[str], drawn: str = ""
) -> Component:
    """Custom areas to choose, and links that keep the drawn area and lead to all of them.

    Parameters
    ----------
    areas
        Names by id.
    drawn
        Text of the selection's drawn area; empty without one.
    """
    buttons = [
        html.Button(
            name,
            type="button",
            className="segment",
            **choice("custom_area", key, chosen=key in chosen, mode="toggle"),
        )
        for key, name in areas.items()
    ]
    keep = f"{CUSTOM_AREAS}?polygon={quote(drawn)}"
    write = f"/notes?draw=area&corners={quote(drawn)}"
    links = [
        html.A("Keep the drawn area", href=keep) if drawn else None,
        html.A("Write beside it", href=write, className="note-write") if drawn else None,
        html.A("Add or change areas", href=CUSTOM_AREAS),
    ]
    section = filter_section("Custom areas", buttons)
    section.children.append(html.P([link for link in links if link], className="filter-links"))
    return section


def number_filter(name: str, label: str, text: str) -> Component:
    """A range of numbers; either end may be open."""
    return _written(name, label, text, "from..to, such as 2..10")


def text_filter(name: str, label: str, text: str) -> Component:
    """Exact texts, separated by commas."""
    return _written(name, label, text, "exact text")


def _written(name: str, label: str, text: str, hint: str) -> Component:
    id = f"{PREFIX}{name}"
    field = dcc.Input(id=id, value=text, placeholder=hint, type="text", className="written")
    return filter_section(
        label, [html.Label(label, htmlFor=id, className="visually-hidden"), field]
    )
