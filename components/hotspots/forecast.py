"""The forecast on a map: choices of unit and hours, caption, and its top places as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.artifacts.metric import Metric
from analytics.crossfilter.clauses import runs
from analytics.forecasting.hour_bands import BandKind
from analytics.forecasting.units import UnitKind
from analytics.formats import distance_text, hour_range, number, percent, short_date
from analytics.zones.outlook import FORECAST, STREET_FORECAST, ChampionForecast
from analytics.zones.unit_forecast import DayPart, UnitForecast
from components.frame.choices import choices
from components.frame.forecast import forecaster_words
from components.frame.intervals import with_interval
from components.frame.tables import Row, key_button, table
from components.hotspots.surfaces import TOPS

ALL_DAY = "day"
FIRST = TOPS[0]


class HoursFollow(Enum):
    """How the hours of the selection relate to the forecast's parts of the day."""

    NONE = auto()
    NAMED = auto()
    NO_PART = auto()


@dataclass(frozen=True)
class ShownForecast:
    """A forecast on a map.

    Attributes
    ----------
    model : its model, without the target
    part : the part of the day that is shown; None for all day
    named : the part that the selection's hours are, if they are one
    follow : whether the selection has hours, and whether they are a part
    """

    model: str
    forecast: ChampionForecast
    part: DayPart | None
    named: DayPart | None
    follow: HoursFollow


def part_words(part: DayPart | None) -> str:
    """`all day`, `8 PM–midnight`, `Night (10 PM–6 AM)`."""
    if part is None:
        return "all day"
    hours = ", ".join(hour_range(first, last + 1) for first, last in runs(part.hours))
    return hours if part.kind is BandKind.BAND else f"{', '.join(part.names)} ({hours})"


def unit_words(units: UnitForecast) -> str:
    """`Street blocks`, `Cells of 820 ft`."""
    if units.kind is UnitKind.BLOCK:
        return "Street blocks"
    return f"Cells of {distance_text(units.size_m)}"


def rank_unit(units: UnitForecast) -> str:
    """What the shares of the top units are of."""
    return "street length" if units.kind is UnitKind.BLOCK else "the area"


def forecast_choices(
    which: str, shown: ShownForecast, offered: Mapping[str, ChampionForecast]
) -> list[Component]:
    """Selects of unit and hours of map `which`, and what the forecasts lack."""
    units = {model: unit_words(one.units) for model, one in offered.items()}
    own = shown.forecast.units
    by_hours: dict[str, str] = {"": "All day"}
    if shown.named is not None:
        by_hours = {"": f"{_entry(shown.named)}, as selected", ALL_DAY: "All day"}
    by_hours |= {part.key: _entry(part) for part in own.parts}
    chosen = shown.part.key if shown.part else ALL_DAY if shown.named else ""
    if shown.named is not None and shown.part == shown.named:
        chosen = ""
    selects = [(f"h_{which}u", "Unit", units, shown.model)]
    if own.splits:
        selects.append((f"h_{which}h", "Hours", by_hours, chosen))
    found: list[Component] = [html.Div(choices(selects), className="forecast-selects")]
    lacking = _lacking(shown, offered)
    return [*found, html.P(lacking, className="quiet")] if lacking else found


def _entry(part: DayPart) -> str:
    words = part_words(part)
    return words[:1].upper() + words[1:]


def _lacking(shown: ShownForecast, offered: Mapping[str, ChampionForecast]) -> str:
    said = []
    if not shown.forecast.units.splits:
        said.append(
            "This version has no parts of the day; where incidents have known hours, train it "
            "again to get them."
        )
    elif shown.follow is HoursFollow.NO_PART and shown.part is None:
        said.append("The selected hours are not a part of the day here, so all day is shown.")
    if shown.forecast.units.c is None:
        said.append("It has no intervals by cell: train it again.")
    if STREET_FORECAST not in offered:
        said.append("There is no forecast of street blocks yet; train one on the Models page.")
    elif FORECAST not in offered:
        said.append("There is no forecast of cells yet; train one on the Models page.")
    return " ".join(said)


def forecast_caption(shown: ShownForecast, of: str, units: pl.DataFrame) -> str:
    """Days, hours and forecaster, whose incidents (`of`), what the top 1% expects, and its PAI."""
    forecast = shown.forecast
    hours = part_words(shown.part)
    if shown.part is not None and shown.part == shown.named:
        hours += " (the selected hours)"
    top = float(units.filter(pl.col("top_share") <= FIRST)["expected"].sum())
    every = float(forecast.units.expected(shown.part).sum())
    baseline = (
        " No candidate passed the tests against this baseline." if forecast.is_baseline else ""
    )
    return (
        f"{forecast.days} days from {short_date(forecast.first)}, {hours}, by "
        f"{forecaster_words(forecast.forecaster)}, version {forecast.bundle.version}, of {of}. "
        f"The top {percent(FIRST, 0)} of {rank_unit(forecast.units)} expects {number(top, 1)} of "
        f"{number(every, 1)}.{_measured(shown)}{baseline}"
    )


def _measured(shown: ShownForecast) -> str:
    """PAI for all day; for part of it, that of all places and bands ranked together."""
    metrics = shown.forecast.bundle.metrics
    of = rank_unit(shown.forecast.units)
    if shown.part is None:
        pai = metrics.get("pai_1")
        return f" On {percent(FIRST, 0)} of {of} its PAI was {_estimate(pai)}." if pai else ""
    pai, gain = metrics.get("band_pai_1"), metrics.get("band_gain_1")
    if pai is None or gain is None:
        return ""
    return (
        f" Ranked by place and four hours, at the patrol hours of {percent(FIRST, 0)} of {of} all "
        f"day, its PAI was {_estimate(pai)}; gain {_estimate(gain)}."
    )


def _estimate(metric: Metric) -> str:
    return with_interval(metric.value, metric.low, metric.high, 1)


def top_places(shown: ShownForecast, first: pl.DataFrame) -> list[Component]:
    """The first places as a table that can be opened.

    Parameters
    ----------
    first : pl.DataFrame
        cell or block, expected, low, high.
    """
    name = shown.forecast.units.key
    rows: list[Row] = [
        [
            key_button(row[name], name, row[name]),
            number(row["expected"], 2),
            "–" if row["low"] is None else f"{row['low']} to {row['high']}",
        ]
        for row in first.iter_rows(named=True)
    ]
    coverage = shown.forecast.bundle.metrics.get("interval_coverage")
    held = (
        f"For all day, the 95% interval held {percent(coverage.value, 0)} of the counts in the "
        f"top {percent(FIRST, 0)} in the later test forecasts."
        if coverage
        else ""
    )
    return [
        html.Details(
            [
                html.Summary(f"Top {len(rows)} places"),
                table([name.capitalize(), "Expected", "95% interval"], rows, caption="Top places"),
                html.P(held, className="quiet") if held else None,
            ],
            className="forecast-places",
        )
    ]
