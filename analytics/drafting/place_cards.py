"""Cards of places: the busiest blocks or patrol places, zones, and the map of areas."""

from __future__ import annotations

import json
from dataclasses import dataclass

import shapely

from analytics.areas.sketch import AreaSketch, sketch
from analytics.artifacts.catalog import PLACES, model_of, model_title
from analytics.briefing.cited_text import NumberSource, Piece, Sourced, cited_text
from analytics.briefing.document import (
    AreaMap,
    MapCard,
    MapPlace,
    ShadedArea,
    TableCard,
    TextCard,
)
from analytics.crossfilter.block_list import block_list
from analytics.crossfilter.clauses import Choice
from analytics.drafting.figures import OVERVIEW, BriefingFigures
from analytics.errors import PatrolIQError
from analytics.formats import hour_range, is_metric, number, numbers, percent
from analytics.incidents.model import UNKNOWN
from analytics.statistics.class_breaks import class_breaks, class_labels, classify
from analytics.zones.zone_list import Zone, ZoneList

TOP_PLACES, TOP_ZONES = 5, 10
HOT_SPOTS = "docs/hot-spots.md"
LONGEST_LABEL = 16


@dataclass(frozen=True)
class BusyPlace:
    """A place with its incidents, and where it is if that is known."""

    name: str
    incidents: int
    at: tuple[float, float] | None
    remark: str = ""


@dataclass(frozen=True)
class BusyPlaces:
    """The busiest places and what they are: blocks, or places of a model with its version."""

    places: tuple[BusyPlace, ...]
    what: str
    source: NumberSource


def busy_places(figures: BriefingFigures) -> BusyPlaces | None:
    """Patrol places where there are some, else blocks; None where the source has no blocks."""
    spots = figures.hot_spots
    model = next((name for name in spots.models if model_of(name) in PLACES), None)
    if model is not None:
        try:
            return _of_model(figures, spots.list_zones(model, figures.of_main, top=TOP_PLACES))
        except PatrolIQError:  # the reader does not see its zones, or their file is damaged
            pass
    return _blocks(figures)


def _of_model(figures: BriefingFigures, listed: ZoneList) -> BusyPlaces:
    centers = _centers(figures, listed)
    found = tuple(
        BusyPlace(zone.name, zone.incidents, centers.get(zone.key), _peak(zone))
        for zone in listed.zones
        if zone.incidents
    )
    return BusyPlaces(found, model_title(listed.model), _zone_source(figures, listed))


def _zone_source(figures: BriefingFigures, listed: ZoneList) -> NumberSource:
    what = f"Counts in zones of {listed.model} version {listed.version}"
    return figures.source(what, figures.days.main.period, HOT_SPOTS)


def _centers(figures: BriefingFigures, listed: ZoneList) -> dict[str, tuple[float, float]]:
    """A point inside each zone that has an outline, as (lon, lat)."""
    outlines = figures.hot_spots.bundle(listed.model).geojson or {"features": []}
    found = {}
    for one in outlines["features"]:
        inside = shapely.point_on_surface(shapely.from_geojson(json.dumps(one["geometry"])))
        found[str(one["properties"]["id"])] = (round(inside.x, 5), round(inside.y, 5))
    return found


def _peak(zone: Zone) -> str:
    first, last = zone.profile.get("peak_first"), zone.profile.get("peak_last")
    return "" if first is None or last is None else hour_range(first, last + 1)


def _blocks(figures: BriefingFigures) -> BusyPlaces | None:
    if figures.lacks("block"):
        return None
    pinned = figures.pinned
    rows = block_list(pinned.reader, pinned.crossfilter, figures.of_main).rows
    places = {block: (lon, lat) for block, lat, lon in pinned.block_places.iter_rows()}
    found = [
        BusyPlace(row["block"], row["incidents"], places.get(row["block"]))
        for row in rows.to_dicts()
        if row["block"] not in {None, UNKNOWN} and row["incidents"]
    ]
    source = figures.source("Counts by block", figures.days.main.period, OVERVIEW)
    return BusyPlaces(tuple(found[:TOP_PLACES]), "Blocks", source)


def places_table(figures: BriefingFigures) -> TableCard | None:
    """The five busiest places of the main period; None where the source has none."""
    found = busy_places(figures)
    if found is None or not found.places:
        return None
    total = figures.incidents(figures.days.main.period)
    with_peak = any(one.remark for one in found.places)
    columns = ["Place", f"{figures.days.main.days} days", "Share"]
    rows = [
        [f"{at}. {one.name}", number(one.incidents), percent(one.incidents / total)]
        + ([one.remark] if with_peak else [])
        for at, one in enumerate(found.places, 1)
    ]
    if with_peak:
        columns.append("Busiest hours (training data)")
    said: list[Piece] = [f"{found.what}. Shares are of "]
    said += [Sourced(number(total), found.source), " incidents. Numbers stand on the map."]
    return TableCard(
        "places", "Busiest places", tuple(columns), tuple(tuple(row) for row in rows),
        found.source, cited_text([said]), texts=(3,) if with_peak else (),
    )  # fmt: skip


def zones_table(figures: BriefingFigures) -> TableCard | TextCard:
    """Zones of the model in use, with what the forecast expects; or that there are none."""
    spots = figures.hot_spots
    model, title = spots.model(), "Zones"
    try:
        listed = spots.list_zones(model, figures.of_main, top=TOP_ZONES) if model else None
    except PatrolIQError as error:
        why = figures.services.for_readers(error)
        return TextCard("zones", title, cited_text([[Sourced(why, _no_zones(figures))]]))
    if listed is None:
        return TextCard("zones", title, cited_text([["There are no zones yet."]]))
    days, expects = listed.outlook.days, any(zone.forecast for zone in listed.zones)
    columns = ["Zone", "Incidents", "Busiest hours (training data)"]
    rows = []
    for zone in listed.zones:
        row = [zone.name, number(zone.incidents), _peak(zone)]
        if expects:
            made = zone.forecast
            row.append(
                f"{number(made.expected, 1)} ({numbers(made.low, made.high)})" if made else ""
            )
        rows.append(tuple(row))
    if expects:
        columns.append(f"Expected, next {days} days")
    source = _zone_source(figures, listed)
    said: list[Piece] = [
        Sourced(number(listed.total), source), " zones hold ",
        Sourced(number(listed.inside), source), " of ",
        Sourced(number(listed.incidents), source), " incidents.",
    ]  # fmt: skip
    return TableCard(
        "zones", f"{title}: {model_title(listed.model)}", tuple(columns), tuple(rows), source,
        cited_text([said]), texts=(2,),
    )  # fmt: skip


def _no_zones(figures: BriefingFigures) -> NumberSource:
    return figures.source("Zones", figures.days.main.period, HOT_SPOTS)


def areas_map(figures: BriefingFigures) -> MapCard | None:
    """Areas shaded by incidents, with the busiest places; None without outlines."""
    if not figures.level:
        return None
    outlines = sketch(figures.pinned.snapshot, figures.level)
    if not outlines:
        return None
    main, busy = figures.days.main, busy_places(figures)
    counted = figures.daily.areas.incidents(main.period)
    chosen = figures.selection.get(figures.level)
    keys = set(chosen.keys) if isinstance(chosen, Choice) else set()
    shown = _shown(figures, outlines, counted)
    counts = [counted.get(key, 0) for key in sorted(shown)]
    breaks = class_breaks(counts)
    areas = tuple(
        ShadedArea(
            _label(figures, key),
            outlines[key].rings,
            outlines[key].inside,
            step,
            key in keys,
        )
        for key, step in zip(sorted(shown), classify(counts, breaks), strict=True)
    )
    places = tuple(
        MapPlace(str(at), *one.at)
        for at, one in enumerate(busy.places if busy else (), 1)
        if one.at is not None
    )
    words = figures.pinned.vocabulary.labels[figures.level].lower()
    ranked = sorted(((counted.get(key, 0), key) for key in shown), reverse=True)[:3]
    most = "; ".join(f"{figures.label(figures.level, key)}: {number(n)}" for n, key in ranked)
    return MapCard(
        "map", f"Incidents by {words}, {number(main.days)} days",
        AreaMap(areas, places, tuple(class_labels(breaks)), metric=is_metric()),
        f"Map of {len(areas)} areas ({words}) shaded by incidents, north up. Most in {most}.",
        figures.source(f"Counts by {words}", main.period, OVERVIEW),
    )  # fmt: skip


def _label(figures: BriefingFigures, key: str) -> str:
    name = figures.pinned.area_names.get(figures.level, {}).get(key, key)
    return name if len(name) <= LONGEST_LABEL else key[:LONGEST_LABEL]


def _shown(
    figures: BriefingFigures, outlines: dict[str, AreaSketch], counted: dict[str, int]
) -> list[str]:
    """Areas of the map: all, or those with incidents of a selection of places."""
    place = any(figures.selection.get(name) is not None for name in ("district", "area", "ward"))
    finer = place and figures.selection.get(figures.level) is None
    found = [key for key in outlines if counted.get(key, 0)] if finer else list(outlines)
    return found or list(outlines)
