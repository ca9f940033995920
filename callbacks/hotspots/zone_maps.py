"""A map of zones: a version in use counts the selection, another one has its training counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import model_of, pair_name
from analytics.crossfilter.clauses import label_key
from analytics.errors import InputError
from analytics.formats import area_unit_km2
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.surface_options import period_of
from analytics.zones.zone_list import Rank, Zone, ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.selection_shapes import drawn_shapes
from callbacks.frame.trained_on import trained_on
from callbacks.hotspots.map_state import MapContent, base_state
from callbacks.hotspots.options import ZONES, HotspotOptions, MapChoice, version_key
from components.frame.zone_methods import zones_title
from components.hotspots.captions import stored_zones_caption, zones_caption
from components.hotspots.surfaces import painted_counts, rank_label


def zones_content(
    question: Question,
    spots: HotSpots,
    options: HotspotOptions,
    choice: MapChoice,
    listed: ZoneList | None,
) -> MapContent:
    """The zones that a map shows.

    Raises
    ------
    InputError
        There is no version of these zones, or the data does not reach back as far as the period.
    """
    model = map_model(options, choice)
    target = spots.targets[choice.target] if choice.target else spots.trained_target(model)
    if choice.method == ZONES and not choice.target:
        target = spots.target
    name = pair_name(model, target.name)
    own = HotSpots(question.services, question.pinned, question.selection, target=target)
    used, version = own.models.get(name), _version(spots, own, name, choice.version)
    if version is None:
        raise InputError(f"No {zones_title(model)} of {target.title.lower()} yet; train them.")
    if version != used:
        return _stored(question, own.version(name, version), options)
    if listed is None or choice.shift or (listed.model, listed.version) != (name, version):
        moved = period_of(question.selection, question.manifest, choice.shift)
        listed = own.list_zones(name, moved, rank=options.rank, top=options.top)
    return _counted(question, own, options, listed)


def map_model(options: HotspotOptions, choice: MapChoice) -> str:
    """The model of zones of a map: its own, or that of the list."""
    return model_of(options.model or "") if choice.method == ZONES else choice.method


def _version(spots: HotSpots, own: HotSpots, name: str, asked: str) -> int | None:
    """The version in the address, else the one in use, else the newest; None without any."""
    known = [int(row["version"]) for row in spots.trained if row["name"] == name]
    chosen = [one for one in known if version_key(name, one) == asked]
    return next(iter([*chosen, *filter(None, [own.models.get(name)]), *known]), None)


def _counted(
    question: Question, spots: HotSpots, options: HotspotOptions, listed: ZoneList
) -> MapContent:
    """A version in use: counts of the selection, and what analysts changed."""
    model, rank = listed.model, options.rank
    bundle, rows = spots.bundle(model), spots.rows(model)
    by_key = {zone.clause[1]: zone for zone in listed.all_zones}
    keys = [label_key(bundle.name, bundle.version, str(row["label"])) for row in rows]
    values = [round(_ranked(by_key[key], rank), 1) if key in by_key else 0.0 for key in keys]
    label, unit = rank_label(rank)
    painted = painted_counts(values, label, question.theme)
    hidden = {zone.clause[1]: f"{zone.name} (left out)" for zone, _ in listed.hidden}
    middles = _middles(rows)
    for added in listed.edits.added:
        lats, lons = zip(*added.polygon.vertices, strict=True)
        middles[added.key] = (sum(lons) / len(lons), sum(lats) / len(lats))
    marks = [
        _mark(number, middles[zone.key], zone.clause[1], zone.name, round(_ranked(zone, rank), 1))
        for number, zone in enumerate(listed.zones, 1)
    ]
    state = {
        **base_state(question, "areas", painted.classes),
        **_outlines(bundle),
        "dimension": "zone",
        "selected": sorted(chosen_keys(question.selection, "zone")),
        "keys": keys,
        "values": values,
        "colors": painted.colors,
        "unit": unit,
        "names": {key: zone.name for key, zone in by_key.items()} | hidden,
        "shapes": _with_added(
            drawn_shapes(question.selection, question.manifest.crs_local), listed
        ),
        "marks": {"type": "FeatureCollection", "features": marks},
    }
    of = trained_on(question.pinned, listed.selection)
    return MapContent(state, painted.legend, zones_caption(listed, of))


def _stored(question: Question, bundle: Bundle, options: HotspotOptions) -> MapContent:
    """A version that is not in use: counts of its training data; its zones are not a filter."""
    rows = bundle.table("zones").to_dicts()
    values = [round(_trained(row, options.rank), 1) for row in rows]
    label, unit = rank_label(options.rank)
    painted = painted_counts(values, label, question.theme)
    keys = [label_key(bundle.name, bundle.version, str(row["label"])) for row in rows]
    ordered = sorted(zip(values, keys, rows, strict=True), key=lambda one: -one[0])
    middles = _middles(rows)
    marks = [
        _mark(number, middles[str(row["label"])], key, row["name"], value)
        for number, (value, key, row) in enumerate(ordered[: options.top], 1)
    ]
    state = {
        **base_state(question, "areas", painted.classes),
        **_outlines(bundle),
        "dimension": "",
        "keys": keys,
        "values": values,
        "colors": painted.colors,
        "unit": unit,
        "names": {key: row["name"] for key, row in zip(keys, rows, strict=True)},
        "marks": {"type": "FeatureCollection", "features": marks},
    }
    of = trained_on(question.pinned, bundle.selection)
    return MapContent(state, painted.legend, stored_zones_caption(bundle, len(rows), of))


def _outlines(bundle: Bundle) -> dict[str, str]:
    return {"url": f"/geometry/zones/{bundle.name}/{bundle.version}.geojson?made={bundle.trained}"}


def _ranked(zone: Zone, rank: Rank) -> float:
    value = float(getattr(zone, rank))
    return value * area_unit_km2() if rank == "density" else value


def _trained(row: Mapping[str, Any], rank: Rank) -> float:
    if rank == "density":
        return float(row["incidents"] / row["km2"] * area_unit_km2())
    return float(row[rank])


def _middles(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """Longitude and latitude amid the incidents of each zone, by label."""
    return {str(row["label"]): (row["lon"], row["lat"]) for row in rows}


def _mark(
    rank: int, middle: tuple[float, float], key: str, name: str, value: float
) -> dict[str, Any]:
    """A point with the rank of a zone; `key` is a zone's or the text of a drawn area."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": middle},
        "properties": {
            "id": key,
            "rank": rank,
            "name": f"{rank}: {name}",
            "value": value,
            "polygon": ";" in key,
        },
    }


def _with_added(selected: dict[str, Any] | None, listed: ZoneList) -> dict[str, Any]:
    """Shapes of the selection, and added zones in muted lines with their names."""
    features = list((selected or {}).get("features", []))
    for zone in listed.edits.added:
        ring = [[lon, lat] for lat, lon in (*zone.polygon.vertices, zone.polygon.vertices[0])]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"id": zone.key, "name": zone.name, "meters": 0, "muted": True},
            }
        )
    return {"type": "FeatureCollection", "features": features}
