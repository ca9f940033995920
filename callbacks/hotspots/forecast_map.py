"""The forecast on a map of the Hot spots page: its unit, its part of the day, its top places."""

from __future__ import annotations

import polars as pl

from analytics.access.stored_results import whole_city_note
from analytics.crossfilter.map_cells import SIZES
from analytics.crossfilter.nights import DayClock
from analytics.errors import InputError
from analytics.forecasting.hour_bands import HOURS_PER_DAY, chosen_hours
from analytics.forecasting.units import UnitKind
from analytics.hotspot_answers import HotSpots
from analytics.zones.unit_forecast import DayPart, UnitForecast
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.trained_on import trained_on
from callbacks.hotspots.map_state import MapContent, base_state, map_cell_keys
from callbacks.hotspots.options import MapChoice
from components.hotspots.forecast import (
    ALL_DAY,
    HoursFollow,
    ShownForecast,
    forecast_caption,
    forecast_choices,
    rank_unit,
    top_places,
)
from components.hotspots.surfaces import painted_ranks

TOP = 20
DECIMALS = 3


def forecast_content(question: Question, spots: HotSpots, choice: MapChoice) -> MapContent:
    """The map of a forecast.

    Raises
    ------
    InputError
        There is none yet.
    """
    shown = shown_forecast(question, spots, choice)
    units = shown.forecast.units
    is_street = units.kind is UnitKind.BLOCK
    table = spots.forecast_table(shown.forecast, shown.part)
    rows, url = _on_map(question, shown, table)
    painted = painted_ranks(rows["top_share"].to_list(), question.theme, rank_unit(units))
    state = {
        **base_state(question, "areas" if is_street else "cells", painted.classes),
        "url": url,
        "thin": is_street,
        "dimension": units.key,
        "selected": sorted(chosen_keys(question.selection, units.key)),
        "values": rows["expected"].fill_null(0.0).round(DECIMALS).to_list(),
        "low": rows["low"].to_list(),
        "high": rows["high"].to_list(),
        "decimals": DECIMALS - 1,
        "colors": painted.colors,
        "labels": painted.labels,
        "unit": "expected incidents:",
    }
    of = trained_on(question.pinned, shown.forecast.bundle.selection)
    first = table.sort("top_share").head(TOP)
    return MapContent(
        state,
        painted.legend,
        " ".join(filter(None, (forecast_caption(shown, of, table), whole_city_note()))),
        [
            *forecast_choices(choice.which, shown, spots.forecasts),
            *top_places(shown, first),
        ],
    )


def forecast_options(question: Question, spots: HotSpots, choice: MapChoice) -> dict[str, str]:
    """The options of an export of what the map shows."""
    shown = shown_forecast(question, spots, choice)
    return {"forecast": shown.model, "hours": shown.part.key if shown.part else ""}


def shown_forecast(question: Question, spots: HotSpots, choice: MapChoice) -> ShownForecast:
    """The forecast and the part of the day that a map shows.

    Raises
    ------
    InputError
        There is none yet.
    """
    found = spots.forecasts
    if not found:
        raise InputError("No forecast to show yet; train one.")
    model = choice.unit if choice.unit in found else next(iter(found))
    units = found[model].units
    selected = chosen_hours(question.selection, DayClock.of(question.manifest))
    named = None if selected is None else units.part(selected)
    follow = HoursFollow.NONE
    if selected is not None and len(selected) < HOURS_PER_DAY:
        follow = HoursFollow.NAMED if named else HoursFollow.NO_PART
    return ShownForecast(model, found[model], _part(units, choice.hours, named), named, follow)


def _part(units: UnitForecast, hours: str, named: DayPart | None) -> DayPart | None:
    """The part that the map's own choice names; without one, that of the selection."""
    if hours == ALL_DAY:
        return None
    try:
        return units.part_of(hours) or named
    except InputError:
        return named


def _on_map(
    question: Question, shown: ShownForecast, table: pl.DataFrame
) -> tuple[pl.DataFrame, str]:
    """Rows in the order of the geometry, and its address.

    Cells of a size that other maps have use the same geometry.
    """
    pinned, units, bundle = question.pinned, shown.forecast.units, shown.forecast.bundle
    if units.kind is UnitKind.CELL and units.size_m in SIZES:
        cells = pl.DataFrame({"cell": map_cell_keys(pinned, units.size_m)})
        rows = cells.join(table, on="cell", how="left", maintain_order="left")
        return rows, f"/geometry/{pinned.id}/cells-{units.size_m}.geojson"
    made = f"{bundle.version}-{shown.forecast.first}"
    return table, f"/geometry/{pinned.id}/forecast-{bundle.name}.geojson?made={made}"
