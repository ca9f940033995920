"""The card of the risk terrain: its table, and sentences on what it says and what not."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL
from analytics.forecasting.terrain.risk_terrain import FeatureKind, LayerRisk, WhereModel
from analytics.forecasting.terrain.stored_terrain import StoredTerrain
from analytics.formats import (
    date_range,
    distance_text,
    moment,
    number,
    numbers,
    percent,
    short_date,
    signed_number,
)
from analytics.statistics.interval_estimate import IntervalEstimate
from components.frame.marks import data
from components.frame.tables import table

HEADS = (
    "Places", "Where", "Of the area", "Of incidents", "Ratio alone", "Beside the others",
    "Within areas", "Chosen out of area",
)  # fmt: skip
EVALUATE_TERRAIN = "evaluate-terrain"
OTHER_DATA = " Other data has been loaded since; evaluate again to use it."
NOT_EFFECTS = (
    "These ratios are comparisons, not effects: bars are where people are. The column “within "
    "areas” compares cells of one area only; what differs between its blocks is still in it. "
    "Layers have no dates, so their places stand for all days, and places outside the city are "
    "not known."
)


def terrain_parts(terrain: StoredTerrain, of: str, *, current: bool) -> list[Component]:
    """Body of the card for a stored terrain.

    Parameters
    ----------
    of
        The target in words, such as `robbery`.
    current
        Whether the data that it was evaluated on is served.
    """
    found = terrain.found
    shown = table(HEADS, [_row(one, found.folds) for one in found.layers], caption="Risk terrain")
    said = [
        strongest_words(terrain, of),
        NOT_EFFECTS,
        out_of_area_words(terrain),
        gain_words(terrain),
        f"Evaluated {moment(datetime.fromisoformat(terrain.made))} by {terrain.person}; snapshot "
        f"{terrain.snapshot}.{'' if current else OTHER_DATA}",
    ]
    return [
        html.P(said[0], className="terrain-summary"),
        html.Div(shown, className="terrain-table", tabIndex=0),  # it scrolls
        *(html.P(one, className="card-said") for one in said[1:]),
    ]


def no_places(of: str) -> html.Div:
    """How to load the places that a risk terrain needs."""
    return html.Div(
        [
            html.P(
                f"No risk terrain of {of} yet. It needs layers of places, such as bars or "
                "stations. An administrator loads them:"
            ),
            html.Pre('patroliq layers add places bars.csv --title "Liquor stores"', tabIndex=0),
        ],
        className="empty-state",
    )


def no_terrain(of: str) -> html.P:
    """That it was not evaluated yet."""
    return html.P(
        f"No risk terrain of {of} yet. Evaluating it takes a few minutes.", className="quiet"
    )


def evaluate_form(target: str, *, again: bool) -> html.Form:
    """The button that has the worker evaluate the risk terrain of a target."""
    words = "Evaluate again" if again else "Evaluate the risk terrain"
    button = html.Button(words, type="submit", name="target", value=target, className="button")
    return html.Form(button, className="terrain-form", **data(act=EVALUATE_TERRAIN))


def strongest_words(terrain: StoredTerrain, of: str) -> str:
    """What the highest ratio says, in a sentence."""
    found = terrain.found
    days = date_range(terrain.first, terrain.last)
    first = found.layers[0] if found.layers else None
    what = "incidents" if terrain.target == ALL else f"incidents of {of}"
    if first is None or first.beside is None or first.within is None:
        return f"No layer tells cells with many {what} from those with few ({days})."
    return (
        f"{where_words(first)} of {first.title}, {percent(first.cells)} of the city, {what} "
        f"per area were {number(first.beside.value, 1)} times those elsewhere from {days}, "
        f"beside the other layers (95% interval "
        f"{numbers(first.beside.low, first.beside.high, 1)}); compared "
        f"within areas, {number(first.within.value, 1)} times."
    )


def where_words(layer: LayerRisk) -> str:
    """`Within 250 m`, or `At high density (500 m)`, which names the bandwidth."""
    distance = distance_text(layer.radius_m or 0)
    if layer.kind is FeatureKind.DENSE:
        return f"At high density ({distance})"
    return f"Within {distance}"


def out_of_area_words(terrain: StoredTerrain) -> str:
    """What the places explain in areas that were left out, beside past counts."""
    explained = {one.model: one.deviance_explained for one in terrain.found.scores}
    return (
        f"In areas left out of the fit, on days to {short_date(terrain.test_last)}, places "
        f"explained {percent(explained[WhereModel.TERRAIN_OUT_OF_AREA])} of the differences "
        f"between cells; past counts of the cell explained "
        f"{percent(explained[WhereModel.COUNTS])}, with its neighbors "
        f"{percent(explained[WhereModel.NEIGHBORS])}."
    )


def gain_words(terrain: StoredTerrain) -> str:
    """What the terrain adds to past counts, and that the forecast does not use it."""
    found = terrain.found
    added = (
        f"Added to past counts, places change the deviance explained by "
        f"{_points(found.gain.deviance_explained)} and the capture by "
        f"{_points(found.gain.capture)}."
    )
    if found.gains:
        return f"{added} That is a gain beyond chance, but the forecast does not use it yet."
    return f"{added} That is not a gain in both beyond chance, so the forecast does not use it."


def _points(gain: IntervalEstimate) -> str:
    value, low, high = (100 * one for one in (gain.value, gain.low, gain.high))
    return f"{signed_number(value, 1)} points ({numbers(low, high, 1)})"


def _row(layer: LayerRisk, folds: int) -> list[str]:
    chosen = f"{layer.folds} of {folds}"
    name = f"{layer.title} ({number(layer.places)})"
    if layer.kind is None:
        return [name, "Not chosen", *["–"] * 5, chosen]
    ratios = [_ratio(one) for one in (layer.alone, layer.beside, layer.within)]
    shares = [percent(layer.cells), percent(layer.incidents)]
    return [name, where_words(layer), *shares, *ratios, chosen]


def _ratio(one: IntervalEstimate | None) -> str:
    return "–" if one is None else f"{number(one.value, 2)} ({numbers(one.low, one.high, 2)})"
