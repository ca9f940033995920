"""Downloads of the demand forecast by area and period, as the Forecast page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from flask import Response

from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.outline_names import titled_outlines
from analytics.crossfilter.provenance import Provenance
from analytics.crossfilter.selection import Selection
from analytics.demand_answers import (
    DemandAnswers,
    DemandForecast,
    chosen_areas,
    chosen_shifts,
    measure_of,
    step_of,
)
from analytics.errors import InputError
from analytics.forecasting.demand.period_forecast import DemandMeasure, ForecastStep, PeriodForecast
from analytics.services import Pinned, Services
from api.exports import csv_text, download, read_query, selected_incidents, with_area_names
from api.hotspot_files import collection, feature

OPTIONS = ("target", "level", "shift", "step", "measure", "sum")
SUMS = ("areas", "total")
UNITS = {DemandMeasure.COUNT: "counts", DemandMeasure.HARM: "days of harm"}


@dataclass(frozen=True, eq=False)
class _Asked:
    """A forecast and the part of it that a query names."""

    pinned: Pinned
    selection: Selection
    answers: DemandAnswers
    forecast: DemandForecast
    shifts: tuple[str, ...]
    areas: tuple[str, ...]
    step: ForecastStep
    measure: DemandMeasure
    plain: bool
    total: bool


def demand_csv(services: Services) -> Response:
    """Expected counts and intervals by area and period; with `sum=total` of the chosen areas."""
    asked = _read(services)
    rows = _rows(asked)
    provenance = _provenance(asked, rows)
    head = "" if asked.plain else provenance.lines()
    body = [head, csv_text(with_area_names(asked.pinned, rows), header=True)]
    return download(body, "text/csv", provenance, _file_name(asked), "csv")


def demand_geojson(services: Services) -> Response:
    """The same with outlines: an area is a feature, with a list of its periods."""
    asked = _read(services)
    if asked.total:
        raise InputError("sum=total has no outlines; use the CSV.")
    level = asked.forecast.level
    path = asked.pinned.snapshot.outline(level)
    if path is None:
        raise InputError(f"This data has no outlines of {level}; use the CSV.")
    shapes = {one["properties"]["id"]: one["geometry"] for one in titled_outlines(path)["features"]}
    rows = _rows(asked)
    provenance = _provenance(asked, rows)
    names = asked.pinned.area_names.get(level, {})
    features = []
    for key, group in rows.group_by(level, maintain_order=True):
        periods = _with_dates(group.drop(level))
        about = {"id": key[0], "name": names.get(str(key[0]), key[0]), "periods": periods}
        features.append(feature(about, shapes.get(key[0])))
    body = collection(features, asdict(provenance) | {"forecast": _about(asked)})
    return download([body], "application/geo+json", provenance, _file_name(asked), "geojson")


def _read(services: Services) -> _Asked:
    pinned, selection, options = read_query(services, OPTIONS)
    target = pinned.targets.find(options["target"]) if options.get("target") else None
    answers = DemandAnswers(services, pinned, selection, target)
    forecast = answers.forecast(_level(answers, options))
    if forecast is None:
        raise InputError(f"There is no demand forecast of {answers.named.name} yet; train one.")
    shift, sums = options.get("shift", ""), options.get("sum", SUMS[0])
    if shift and shift not in forecast.shifts:
        known = ", ".join(forecast.shifts)
        raise InputError(f"shift={shift[:40]} is not valid; choose one of {known}.")
    if sums not in SUMS:
        raise InputError(f"sum={sums[:40]} is not valid; choose one of {', '.join(SUMS)}.")
    shifts = (shift,) if shift else chosen_shifts(forecast, _keys(selection, "shift"))
    areas = chosen_areas(forecast, _keys(selection, forecast.level))
    for name, summed in (("shift", () if shift else shifts), (forecast.level, areas)):
        if summed and (asked := _keys(selection, name)) and not {*asked} & {*summed}:
            raise InputError(f"The forecast has no {name} {', '.join(asked)[:80]}.")
    return _Asked(
        pinned,
        selection,
        answers,
        forecast,
        shifts,
        areas,
        step_of(options.get("step", "")),
        measure_of(forecast, options.get("measure", "")),
        plain=bool(options.get("plain")),
        total=sums == "total",
    )


def _level(answers: DemandAnswers, options: Mapping[str, str]) -> str:
    level, known = options.get("level", ""), answers.versions
    if level and known and level not in known:
        raise InputError(f"level={level[:40]} is not valid; choose one of {', '.join(known)}.")
    return level


def _keys(selection: Selection, dimension: str) -> list[str]:
    clause = selection.get(dimension)
    return [str(key) for key in clause.keys] if isinstance(clause, Choice) else []


def _rows(asked: _Asked) -> pl.DataFrame:
    """A row per area and period, all areas; or per period, of the chosen areas' sum."""
    if asked.total:
        found = asked.answers.total(
            asked.forecast, asked.measure, asked.areas, asked.shifts, asked.step
        )
        return _frame(found).drop("row")
    found = asked.answers.by_area(asked.forecast, asked.measure, asked.shifts, asked.step)
    names = pl.Series(asked.forecast.areas)
    frame = _frame(found)
    areas = names.gather(frame["row"]).alias(asked.forecast.level)
    return frame.drop("row").insert_column(0, areas)


def _frame(found: PeriodForecast) -> pl.DataFrame:
    rows, periods = found.expected.shape
    return pl.DataFrame(
        {
            "row": [row for row in range(rows) for _ in range(periods)],
            "first": [one.first for _ in range(rows) for one in found.periods],
            "last": [one.last for _ in range(rows) for one in found.periods],
            "expected": found.expected.ravel(),
            **{name: one.ravel() for name, one in found.quantiles.items()},
        }
    ).with_columns(pl.col("expected").round(4))


def _with_dates(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return rows.with_columns(pl.col("first", "last").cast(pl.String)).to_dicts()


def _about(asked: _Asked) -> dict[str, Any]:
    found = asked.forecast
    return {
        "model": found.bundle.name,
        "version": found.bundle.version,
        "of": found.bundle.selection or "all incidents",
        "level": found.level,
        "areas": "all" if len(asked.areas) == len(found.areas) else list(asked.areas),
        "shifts": list(asked.shifts),
        "measure": UNITS[asked.measure],
        "first": str(found.days[0]),
        "last": str(found.days[-1]),
        "made_from_days_to": str(found.until),
    }


def _provenance(asked: _Asked, rows: pl.DataFrame) -> Provenance:
    about = _about(asked)
    why = (
        "since these are expected {measure} from {first} to {last} by {model}, version {version}, "
        "of {of}, shifts {shown}; other filters are left out"
    ).format(**about, shown=", ".join(asked.shifts))
    if asked.total:
        why += f", areas {about['areas'] if about['areas'] == 'all' else ', '.join(asked.areas)}"
    incidents = selected_incidents(asked.pinned, asked.selection)
    return Provenance.of(
        asked.pinned.snapshot, asked.selection, incidents, rows=rows.height, written=0, why=why
    )


def _file_name(asked: _Asked) -> str:
    harm = "" if asked.measure is DemandMeasure.COUNT else f"-{asked.measure}"
    name = asked.forecast.bundle.name.replace("_", "-").replace(".", "-")
    return f"{name}-{asked.forecast.level}-{asked.forecast.days[0]}-{asked.step}{harm}"
