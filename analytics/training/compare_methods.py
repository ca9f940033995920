"""Compare all methods of places and zones on the same incidents and days, and store it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from math import isfinite

from analytics.acting import person
from analytics.artifacts.catalog import PROPOSED
from analytics.artifacts.method_comparison import (
    Caught,
    ComparedMethod,
    Measure,
    MethodComparison,
    ZoneFacts,
    write_comparison,
)
from analytics.artifacts.targets import ModelTarget
from analytics.errors import InputError
from analytics.forecasting.evaluation import Advance
from analytics.hotspots.quality import measure_quality
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.settings import Settings
from analytics.statistics.two_periods import Period
from analytics.training.equal_size import (
    EvaluatedCity,
    PlacePlan,
    PlaceResult,
    area_km2_of,
    read_city,
    results_of,
)
from analytics.training.explain_stability import mean_stability, place_stability
from analytics.training.place_evaluation import DENSITY_ZONES, rank_zones, ways_without_zones
from analytics.training.zone_history import SEED, FittedZones, fit_history
from analytics.training.zone_places import place_method
from analytics.training.zones import Method, kmeans, ward
from analytics.zones.places import CAR, FOOT

WEEKS = 26
FEWEST_WEEKS = 4
SHARE = 0.01
"""Of the street length, and of the area."""
BOOTSTRAPS = 5
PLACE_METHODS = {"foot places": ("zones_foot", FOOT), "car places": ("zones_car", CAR)}
"""Names in the evaluation of places → model and its limits."""
ZONE_METHODS: Mapping[str, tuple[str, Method]] = {
    **DENSITY_ZONES,
    "K-means zones": ("zones_kmeans", kmeans),
    "Ward zones": ("zones_hierarchical", ward),
}


def compare_methods(
    reader: SnapshotReader,
    settings: Settings,
    target: ModelTarget,
    days: Period | None = None,
    advance: Advance = lambda _what, _share: None,
) -> MethodComparison:
    """Evaluate every method for a target on the same days, at 1% of the streets and of the area.

    Parameters
    ----------
    days
        First and last day to evaluate; the last complete weeks by default, see `default_days`.

    Raises
    ------
    InputError
        The data is too short, or there are no incidents before or in the days.
    """
    first, last = days or default_days(reader.snapshot.manifest)
    area_km2 = round(SHARE * area_km2_of(reader, target.selection), 2)
    plan = PlacePlan(first, last, (SHARE,), (area_km2,))
    city = read_city(reader, target.selection, plan)
    ways = ways_without_zones(city)
    steps = len(ways) + len(ZONE_METHODS) + len(PLACE_METHODS)
    results: list[PlaceResult] = []
    for number, choose in enumerate(ways):
        advance("Choosing places", number / steps)
        results += chain.from_iterable(results_of(ranked, city) for ranked in choose())
    methods = {name: _compared(name, "", own) for name, own in _by_method(results).items()}
    for number, (name, model, method) in enumerate(_models(reader), len(ways)):
        advance(f"Fitting {name}", number / steps)
        wanted = PROPOSED.get(model, ()) if target.selection else ()
        fitted = fit_history(city, name, model, method, wanted)
        if fitted is None:
            continue
        if name in ZONE_METHODS and fitted.zoning.zones:
            own = list(results_of(rank_zones(city, name, fitted.zoning), city))
            methods[name] = _compared(name, model, own)
        plain = methods.get(name) or ComparedMethod(name, model, {}, {}, None)
        facts = _zone_facts(fitted, method)
        methods[name] = replace(plain, model=model, parameters=fitted.parameters, zones=facts)
    found = _comparison(city, settings, target.name, tuple(methods.values()))
    write_comparison(settings.home, found)
    advance("Done", 1.0)
    return found


def default_days(manifest: Manifest) -> Period:
    """The last 26 complete weeks, or as many as are a quarter of the data.

    Raises
    ------
    InputError
        These are under four weeks.
    """
    covered = manifest.covered
    if covered is None:
        raise InputError("The data has no days to evaluate.")
    first, last = covered
    if manifest.provisional_day is not None:
        last = min(last, manifest.provisional_day - timedelta(days=1))
    weeks = min(WEEKS, ((last - first).days + 1) // 7 // 4)
    if weeks < FEWEST_WEEKS:
        raise InputError(
            f"{first} to {last} is too short to compare methods on later incidents: four weeks and "
            "three times as many before them are needed."
        )
    return last - timedelta(days=7 * weeks - 1), last


def _models(reader: SnapshotReader) -> Iterable[tuple[str, str, Method]]:
    for name, (model, limits) in PLACE_METHODS.items():
        yield name, model, place_method(reader, limits)
    for name, (model, method) in ZONE_METHODS.items():
        yield name, model, method


def _by_method(results: Iterable[PlaceResult]) -> dict[str, list[PlaceResult]]:
    found: dict[str, list[PlaceResult]] = {}
    for one in results:
        found.setdefault(one.method, []).append(one)
    return found


def _compared(name: str, model: str, results: Iterable[PlaceResult]) -> ComparedMethod:
    caught: dict[Measure, Caught] = {one.measure: _caught(one) for one in results}
    return ComparedMethod(name, model, {}, caught, None)


def _caught(one: PlaceResult) -> Caught:
    share = one.hit_rate / one.pai if one.pai else 0.0
    ends = one.pai_low * share, one.pai_high * share
    return Caught(one.measure, one.places, one.hit_rate, *ends, one.pai, one.pai_low, one.pai_high)


def _zone_facts(fitted: FittedZones, method: Method) -> ZoneFacts:
    zoning, points = fitted.zoning, fitted.zoning.points
    quality = measure_quality(points.xy, zoning.labels, points.weights, seed=SEED)
    again = {**fitted.parameters, "bootstraps": BOOTSTRAPS}
    stable = mean_stability(place_stability(method, points, zoning.labels, again, SEED))
    known = isfinite(stable.value) and stable.low is not None and stable.high is not None
    return ZoneFacts(
        quality.zones,
        (stable.value, stable.low or 0.0, stable.high or 0.0) if known else None,
        quality.silhouette,
        quality.largest_share,
        quality.noise_share,
        round(fitted.seconds, 1),
    )


def _comparison(
    city: EvaluatedCity, settings: Settings, target: str, methods: tuple[ComparedMethod, ...]
) -> MethodComparison:
    plan, manifest = city.plan, city.reader.snapshot.manifest
    since: date = manifest.covered[0] if manifest.covered else plan.first
    return MethodComparison(
        target=target,
        snapshot=city.reader.snapshot.id,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        person=person(settings),
        since=str(since),
        first=str(plan.first),
        last=str(plan.last),
        incidents_before=city.before.height,
        incidents=city.later.height,
        street_share=plan.street_shares[0] if city.blocks is not None else None,
        area_km2=plan.areas_km2[0],
        area_share=plan.areas_km2[0] / city.area_km2,
        methods=methods,
    )
