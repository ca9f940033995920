"""The SQL and the scanning cross-filter against one that looks at every incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.crossfilter import compiled
from analytics.crossfilter.cached_crossfilter import CachedCrossFilter, ResultCache
from analytics.crossfilter.clauses import (
    Cells,
    CustomAreas,
    Hours,
    HourWeekdays,
    Labels,
    Near,
    Period,
    Polygon,
    Span,
    Weekdays,
    Words,
)
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.incidents.reader import SnapshotReader
from analytics.settings import Settings
from tests.integration.every_incident import OWNED, brute_force, models
from tests.integration.snapshots import DAYS, FIRST, MODELS, SmallCity, build
from tests.integration.some_custom_areas import AREAS


def words(*values: str) -> st.SearchStrategy[Words]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=3)
    return some.map(lambda keys: Words(tuple(keys)))


days = st.integers(-5, DAYS + 5).map(lambda offset: FIRST + timedelta(days=offset))
hours = st.none() | st.integers(0, 23)
weekdays = st.none() | st.integers(1, 7)
lats, lons = st.floats(41.84, 41.91), st.floats(-87.69, -87.62)
halves = st.integers(-4, 44).map(lambda value: value / 2)


@st.composite
def star_polygons(draw: st.DrawFn) -> Polygon:
    """Polygons that never cross themselves: corners at rising angles around a center."""
    lat, lon = draw(lats), draw(lons)
    count = draw(st.integers(3, 12))
    radii = draw(st.lists(st.floats(0.005, 0.03), min_size=count, max_size=count))
    turn = shapely.affinity.rotate
    corners = [
        turn(shapely.Point(lon + radius, lat), 360 * step / count, origin=(lon, lat))
        for step, radius in enumerate(radii)
    ]
    return Polygon(tuple((corner.y, corner.x) for corner in corners))


def cells(size: int) -> st.SearchStrategy[Any]:
    column, row = (443_000 // size, 4_633_000 // size)
    reach = 6_000 // size + 1
    return st.tuples(
        st.just(size), st.integers(column, column + reach), st.integers(row, row + reach)
    )


def labels(dimension: str) -> st.SearchStrategy[Labels]:
    known = [
        (model, MODELS[model][0], label)
        for model in models(dimension)
        for label in (*MODELS[model][1], "none", "no such")
    ]
    some = st.lists(st.none() | st.sampled_from(known), min_size=1, max_size=6)
    return some.map(lambda keys: Labels(tuple(keys)))


CLAUSES: dict[str, st.SearchStrategy[Any]] = {
    "type": words("ROBBERY", "THEFT", "BATTERY", "1..5", "unknown", "NOSUCH"),
    "group": words("violent", "property", "unknown", "part_i:all", "nibrs:Group A", "no:such"),
    "description": words("SIMPLE", "RETAIL, OTHER", "A & B = C", "unknown"),
    "block": words("100 W MAIN ST", "A & B, C", "unknown", "NOSUCH"),
    "location_type": words("STREET", "BAR, TAVERN", "unknown"),
    "hour": st.lists(hours, min_size=1, max_size=12).map(lambda keys: Hours(tuple(keys))),
    "weekday": st.lists(weekdays, min_size=1, max_size=4).map(lambda keys: Weekdays(tuple(keys))),
    "hour_weekday": st.lists(st.tuples(weekdays, hours), min_size=1, max_size=40).map(
        lambda keys: HourWeekdays(tuple(keys))
    ),
    "shift": words("Night", "Day", "unknown"),
    "date": st.one_of(
        st.tuples(days, days).map(lambda ends: Period(min(ends), max(ends))),
        days.map(lambda day: Period(first=day)),
        days.map(lambda day: Period(last=day)),
        st.sampled_from(["last1d", "last28d", "ytd", "mtd"]).map(lambda t: Period(relative=t)),
    ),
    "district": words("001", "011", "unknown"),
    "beat": words("0010", "0111", "0990", "unknown"),
    "ward": words("1", "2", "unknown"),
    "area": words("3", "4", "unknown"),
    "cell": st.lists(st.none() | cells(250) | cells(1000), min_size=1, max_size=30).map(
        lambda keys: Cells(tuple(keys))
    ),
    "polygon": star_polygons(),
    "near": st.builds(Near, lats, lons, st.integers(1, 4_000)),
    "custom_area": st.lists(st.sampled_from(sorted(AREAS)), min_size=1, max_size=3).map(
        lambda ids: CustomAreas(tuple(ids), tuple(AREAS[key] for key in sorted(set(ids))))
    ),
    "zone": labels("zone"),
    "temporal_profile": labels("temporal_profile"),
    "arrest": words("yes", "no", "unknown"),
    "domestic": words("yes", "no", "unknown"),
    "heaped": words("yes", "no"),
    "default_address": words("yes", "no"),
    "premise": words("shop", "5..10", "home, own", "unknown"),
    "age": st.one_of(
        st.tuples(halves, halves).map(lambda ends: Span(min(ends), max(ends))),
        halves.map(lambda low: Span(low=low)),
        words("5", "7.5", "unknown"),
    ),
    "note": words("a+b", "100%", "Ünïcode", "unknown"),
}


@st.composite
def selections(draw: st.DrawFn, most: int) -> Selection:
    names = draw(st.lists(st.sampled_from(sorted(CLAUSES)), max_size=most, unique=True))
    return Selection(tuple((name, draw(CLAUSES[name])) for name in names))


@st.composite
def nights(draw: st.DrawFn) -> Selection:
    """Weekdays and a range of hours that passes midnight, and perhaps other hours and clauses."""
    first, last = draw(st.integers(12, 23)), draw(st.integers(0, 11))
    others = draw(st.lists(st.none() | st.integers(0, 23), max_size=3))
    hours = Hours((*range(first, 24), *range(last + 1), *others))
    chosen = draw(selections(most=2)).replace("hour", hours)
    if draw(st.booleans()):
        chosen = chosen.replace("shift", draw(CLAUSES["shift"]))
        chosen = chosen.without({"hour"}) if draw(st.booleans()) else chosen
    return chosen.replace("weekday", draw(CLAUSES["weekday"]))


@dataclass(frozen=True, eq=False)
class Counted:
    """A city, and the engines that count it."""

    city: SmallCity
    engines: dict[str, CrossFilter]

    def equals_looking(self, scope: Scope, selection: Selection, names: list[str]) -> None:
        """Assert that every engine counts as looking at every incident does."""
        expected = {name: brute_force(self.city, scope, selection, name) for name in names}
        for engine, crossfilter in self.engines.items():
            counted = crossfilter.counts(scope, selection, [view(name) for name in names])
            assert list(counted) == names
            for name in names:
                assert counted[name].rows() == expected[name], (engine, name)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> list[Counted]:
    made: list[Counted] = []
    caches = {name: ResultCache(megabytes=1) for name in ("sql", "scan")}
    for seed, incidents, day_start in ((1, 400, 0), (2, 150, 6), (3, 1, 0), (4, 0, 0)):
        city = build(tmp_path_factory.mktemp("cities") / str(seed), seed, incidents, day_start)
        reader = SnapshotReader(city.snapshot, Settings(duckdb_threads=1))
        scan = ScanCrossFilter(reader, CodeFiles(city.snapshot), compiled.load(), threads=2)
        engines = {"sql": SqlCrossFilter(reader), "scan": scan}
        cached = {
            name: CachedCrossFilter(engine, caches[name], city.snapshot.id)
            for name, engine in engines.items()
        }
        made.append(Counted(city, cached))
    return made


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
    scope=selections(most=2).map(Scope),
    selection=selections(most=4),
    names=st.lists(st.sampled_from(sorted(OWNED)), min_size=1, max_size=8, unique=True),
)
def test_counts_equal_those_of_looking_at_every_incident(
    cities: list[Counted],
    number: int,
    scope: Scope,
    selection: Selection,
    names: list[str],
) -> None:
    cities[number].equals_looking(scope, selection, names)


@settings(max_examples=100, deadline=None)
@given(selection=selections(most=6))
def test_random_selections_survive_their_text(selection: Selection) -> None:
    assert Selection.parse(selection.text) == selection
    assert Selection.parse(selection.text).text == selection.text


@pytest.mark.parametrize("name", sorted(OWNED))
def test_each_view_owns_its_level_and_the_finer_ones(name: str) -> None:
    assert view(name).owns == OWNED[name]


def test_all_views_of_everything_equal_looking_at_every_incident(
    cities: list[Counted],
) -> None:
    for counted in cities:
        counted.equals_looking(EVERYTHING, Selection(), list(OWNED))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.sampled_from([0, 1]),
    night=nights(),
    in_scope=st.booleans(),
)
def test_nights_of_weekdays_equal_looking_at_every_incident(
    cities: list[Counted],
    number: int,
    night: Selection,
    in_scope: bool,
) -> None:
    scope, selection = (Scope(night), Selection()) if in_scope else (EVERYTHING, night)
    names = ["total", "hour", "weekday", "hour_weekday", "shift", "day", "type"]
    if in_scope:
        selection = Selection((("weekday", Weekdays((5,))),))
    for asked in (selection, selection.without({"weekday"}), selection.without({"hour"})):
        cities[number].equals_looking(scope, asked, names)


@pytest.mark.parametrize("engine", ["sql", "scan"])
def test_the_night_shift_of_a_weekday_is_its_night(cities: list[Counted], engine: str) -> None:
    city, crossfilter = cities[0].city, cities[0].engines[engine]
    shift, hours = (Selection.parse(f"{x}&weekday=5") for x in ("shift=Night", "hour=22-05"))
    friday_night = {5: range(22, 24), 6: range(6)}
    lying = [row for row in city.rows if row["hour"] in friday_night.get(row["weekday"], ())]
    for scope, chosen in ((EVERYTHING, shift), (EVERYTHING, hours), (Scope(shift), Selection())):
        total = crossfilter.counts(scope, chosen, [view("total")])["total"]
        assert total["incidents"].to_list() == [len(lying)]
    by_weekday = [
        crossfilter.counts(EVERYTHING, chosen, [view("weekday")])["weekday"].rows()
        for chosen in (shift, hours)
    ]
    assert by_weekday[0] == by_weekday[1]
    assert {weekday: count for weekday, count, *_ in by_weekday[0]}[5] == len(lying)


@pytest.mark.parametrize("dimension", sorted(CLAUSES))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_each_clause_equals_looking_at_every_incident(
    cities: list[Counted], dimension: str, data: st.DataObject
) -> None:
    chosen = Selection(((dimension, data.draw(CLAUSES[dimension])),))
    names = ["total", "type", "hour_weekday", "day", "map:district"]
    for scope, selection in ((EVERYTHING, chosen), (Scope(chosen), Selection())):
        cities[0].equals_looking(scope, selection, names)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    zone=CLAUSES["zone"],
    place=st.sampled_from(["polygon", "near"]).flatmap(
        lambda name: st.tuples(st.just(name), CLAUSES[name])
    ),
    more=selections(most=2),
)
def test_zones_together_with_other_places_equal_looking_at_every_incident(
    cities: list[Counted],
    zone: Labels,
    place: tuple[str, Any],
    more: Selection,
) -> None:
    selection = more.replace("zone", zone).replace(*place)
    names = ["zone:kmeans", "zone:dbscan", "cells:1000", "map:area", "total"]
    cities[0].equals_looking(EVERYTHING, selection, names)
