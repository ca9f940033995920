"""Every method of zones and surfaces on the real file, against SQL by hand or a second library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.clustering import renumbered
from analytics.hotspots.concentration import fit_concentration
from analytics.hotspots.dbscan import fit_dbscan
from analytics.hotspots.emerging import EMERGING_CLASSES, NO_PATTERN, fit_emerging, space_time_cube
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.hdbscan import agreement_with_raw, fit_hdbscan
from analytics.hotspots.inputs import (
    daily_cell_counts,
    dated_incidents,
    incidents_where,
    weighted_points,
)
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.knox import fit_near_repeat, near_repeat_surface
from analytics.hotspots.moran import fit_local_moran
from analytics.hotspots.neighbors import distance_band, queen
from analytics.hotspots.proposals import propose_eps, propose_min_samples
from analytics.hotspots.quality import measure_quality
from analytics.hotspots.ward import fit_ward
from analytics.incidents.reader import SnapshotReader
from analytics.overview.near_repeats import block_codes
from analytics.services import Services
from analytics.settings import Settings
from analytics.zones.profiles import zone_profiles
from bench.machine import patroliq
from sql import load
from tests.oracles.cells import cell_counts
from tests.oracles.stability import bootstrap_jaccard

pytestmark = pytest.mark.real_data

FILE = "chicago_crimes_2014_2018.parquet"
ROBBERY = Selection.parse("type=ROBBERY&date=2017-01-01..2017-12-31")
LATER = Selection.parse("type=ROBBERY&date=2018-01-01..2018-06-30")
# The published figures are of residential burglary, the four location types with most of it.
HOMES = "RESIDENCE,APARTMENT,RESIDENCE-GARAGE,RESIDENCE PORCH%2FHALLWAY"
BURGLARY = Selection.parse(f"type=BURGLARY&location_type={HOMES}&date=2016-01-01..2016-12-31")

Raw = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def reader(real_data: Path, chicago_home: Path) -> SnapshotReader:
    districts = str(real_data / "chicago_districts.geojson")
    patroliq(chicago_home, "boundaries", "add", "district", districts, "--key", "dist_num")
    pinned = Services(Settings(home=chicago_home)).pin()
    assert pinned is not None
    return pinned.reader


@pytest.fixture(scope="module")
def raw(real_data: Path) -> Raw:
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW raw AS FROM '{real_data / FILE}'")
    return lambda statement: connection.execute(statement).fetchall()


def test_inputs_leave_out_what_they_say_and_nothing_else(reader: SnapshotReader, raw: Raw) -> None:
    ((chosen, placeless),) = raw(
        """SELECT count(*), count_if("Latitude" IS NULL OR "Latitude" LIKE '36.619446%') FROM raw
        WHERE "Primary Type" = 'ROBBERY' AND "Date" LIKE '__/__/2017%'"""
    )
    points = weighted_points(reader, EVERYTHING, ROBBERY)
    cells = cell_counts(reader, ROBBERY, 250)
    daily = daily_cell_counts(reader, EVERYTHING, ROBBERY, 250)
    everywhere = ROBBERY.replace("default_address", Words(("no", "yes")))
    with_stations = weighted_points(reader, EVERYTHING, everywhere)
    out = points.left_out
    assert (out.chosen, out.without_place) == (chosen, placeless)
    assert with_stations.incidents == chosen - placeless
    assert points.incidents == chosen - placeless - out.at_default_addresses == out.used
    assert points.frame["point_id"].is_unique().all()
    assert 0 <= points.incidents - cells.values().sum() <= 0.001 * chosen  # outside the cells
    assert daily.matrix().sum(axis=0) == pytest.approx(cells.values())
    assert daily.days == 365
    assert (cells.values() == 0).mean() > 0.3
    # The city is 606 km² large; cells that touch its outline are a little more.
    assert 606 < cells.fishnet.area_km2 < 660


def test_harm_is_a_weight_of_the_same_places(reader: SnapshotReader) -> None:
    harm = weighted_points(reader, EVERYTHING, ROBBERY, weight="harm")
    incidents = weighted_points(reader, EVERYTHING, ROBBERY)
    assert harm.frame["point_id"].equals(incidents.frame["point_id"])
    cells = cell_counts(reader, ROBBERY, 250)
    assert harm.weights.sum() == pytest.approx(cells.values("harm").sum(), rel=0.001)
    assert harm.weights.sum() > 365 * incidents.incidents


def test_a_chosen_district_is_compared_with_itself_alone(reader: SnapshotReader) -> None:
    district = Selection.parse("type=ROBBERY&district=011")
    cells = cell_counts(reader, district, 250)
    assert 15 < cells.fishnet.area_km2 < 25  # 15.9 km² and its edge
    assert (cells.values() > 0).mean() > 0.8


def test_dbscan_equals_scikit_learn_on_the_single_incidents(reader: SnapshotReader) -> None:
    points = weighted_points(reader, EVERYTHING, ROBBERY)
    times = points.weights.astype(int)
    theirs = DBSCAN(eps=200, min_samples=18).fit(np.repeat(points.xy, times, axis=0))
    ours = fit_dbscan(points.xy, points.weights, eps_m=200, min_samples=18)
    expected = renumbered(theirs.labels_[np.cumsum(times) - times], points.weights)
    assert np.array_equal(ours.labels, expected)
    assert ours.zones > 20


def test_zones_catch_more_of_the_next_half_year_than_their_area(reader: SnapshotReader) -> None:
    points = weighted_points(reader, EVERYTHING, ROBBERY)
    eps_m = propose_eps(points.xy, points.weights, min_samples=18).value
    threshold = propose_min_samples(points.xy, points.weights, eps_m=eps_m).value
    zones = fit_dbscan(points.xy, points.weights, eps_m=eps_m, min_samples=threshold)
    quality = measure_quality(points.xy, zones.labels, points.weights)
    assert quality.largest_share <= 0.05
    profiles = zone_profiles(
        reader, EVERYTHING, ROBBERY, points.frame["point_id"].to_numpy(), zones.labels, top=8
    )
    assert [profile.zone for profile in profiles] == list(range(8))
    assert all("beat" in profile.name or "istrict" in profile.name for profile in profiles)
    assert not any("block" in profile.name for profile in profiles if profile.area_km2 > 1.5)
    assert all(profile.contrast.density > 1 for profile in profiles)
    sizes = np.bincount(zones.labels[zones.labels >= 0], points.weights[zones.labels >= 0])
    assert [profile.incidents for profile in profiles] == sizes[:8].tolist()
    later = cell_counts(reader, LATER, 250)
    flagged = np.unique(later.fishnet.indices_of(*points.xy[zones.labels >= 0].T))
    flagged = flagged[flagged >= 0]
    hit_rate = later.values()[flagged].sum() / later.values().sum()
    assert hit_rate / (len(flagged) / len(later.fishnet)) > 3  # PAI (Chainey et al. 2008)


def test_compact_zones_cover_the_city(reader: SnapshotReader) -> None:
    points = weighted_points(reader, EVERYTHING, ROBBERY)
    whole = fit_kmeans(points.xy, points.weights, k=8, seed=1)
    batches = fit_kmeans(points.xy, points.weights, k=8, seed=1, mini_batch=True)
    assert whole.zones == batches.zones == 8
    assert batches.estimator.inertia_ >= 0
    cells = cell_counts(reader, ROBBERY, 500)
    values = cells.values()
    nested = fit_ward(cells.fishnet.centers[values > 0], values[values > 0])
    assert nested.cut(8).zones == 8
    stable = bootstrap_jaccard(
        lambda xy, weights, seed: fit_kmeans(xy, weights, k=8, seed=seed, starts=1),
        points.xy, points.weights, bootstraps=3, fitted=whole,
    )  # fmt: skip
    assert 0.3 < stable.mean <= 1


def test_hdbscan_on_a_grid_is_near_that_of_the_single_incidents(reader: SnapshotReader) -> None:
    points = weighted_points(reader, EVERYTHING, ROBBERY)
    zones = fit_hdbscan(points.xy, points.weights, min_cluster_size=50, min_samples=20)
    agreement = agreement_with_raw(points.xy, points.weights, zones)
    assert zones.zones > 10
    assert agreement is not None
    assert agreement > 0.7


def test_significant_cells_are_few_and_lie_where_robberies_are(reader: SnapshotReader) -> None:
    cells = cell_counts(reader, ROBBERY, 250)
    values = cells.values()
    hot = fit_getis_ord(values, distance_band(cells.fishnet, 500, self_included=True)).hot()
    assert 0.01 < hot.mean() < 0.2
    assert values[hot].mean() > 4 * values.mean()
    moran = fit_local_moran(values, queen(cells.fishnet, self_included=False))
    high = (moran.q <= 0.05) & (moran.quadrant == 0)
    assert high.sum() > 20
    assert (hot & high).sum() > 0.5 * high.sum()


def test_every_cell_has_one_known_pattern(reader: SnapshotReader) -> None:
    daily = daily_cell_counts(
        reader, EVERYTHING, Selection.parse("type=ROBBERY&date=2016-01-01..2017-12-31"), 500
    )
    cube = space_time_cube(daily, 28)
    found = fit_emerging(cube, queen(daily.fishnet, self_included=True))
    assert cube.shape == (len(daily.fishnet), 26)
    assert set(found.pattern.tolist()) <= {*EMERGING_CLASSES}
    assert (found.pattern != NO_PATTERN).any()


def test_near_repeat_is_as_published_for_these_burglaries(reader: SnapshotReader) -> None:
    incidents = dated_incidents(reader, EVERYTHING, BURGLARY)
    xy = incidents.select("x_m", "y_m").to_numpy()
    day = incidents["day"].to_physical().to_numpy()
    found = fit_near_repeat(xy, day, distances_m=(0, 100, 200), days=(7, 14))
    # Within 7 days: same place 6.3 times chance, up to 100 m 1.74, 100 to 200 m 1.30 (p = .005).
    assert found.usual.ratio[:, 0] == pytest.approx([6.3, 1.74, 1.30], rel=0.03)
    assert (found.usual.p[:, 0] == 0.005).all()
    # Much of it is drift: with dates permuted within four weeks, little is left beyond 100 m.
    assert found.local.ratio[:, 0] == pytest.approx([2.35, 1.29, 1.11], rel=0.03)
    recent = day > day.max() - 14
    centers = cell_counts(reader, BURGLARY, 250).fishnet.centers
    surface = near_repeat_surface(centers, xy[recent], day.max() + 1 - day[recent], found)
    assert (surface >= 0).all()
    assert 0.01 < (surface > 0).mean() < 0.5


def test_a_block_holds_several_points_and_more_repeats_of_lower_ratio(
    reader: SnapshotReader,
) -> None:
    where = incidents_where(reader, EVERYTHING, BURGLARY)
    days = {"first": date(2016, 1, 1), "last": date(2016, 12, 31)}
    statement = load("overview/dated_blocks", conditions=where.sql)
    same = reader.frame(statement, {**days, **where.params}).with_row_index("number")
    xy, day = same.select("x_m", "y_m").to_numpy(), same["day"].to_physical().to_numpy()
    bands = {"distances_m": (0,), "days": (7,), "permutations": 19}
    points = fit_near_repeat(xy, day, **bands)
    blocks = fit_near_repeat(xy, day, block=block_codes(same["block"]), **bands)
    pairs = duckdb.sql(
        "SELECT count(*) FROM same AS a JOIN same AS b ON a.block = b.block "
        "AND a.number < b.number AND abs(date_diff('day', a.day, b.day)) <= 7"
    ).fetchall()
    assert blocks.observed[0, 0] == pairs[0][0]
    assert pairs[0][0] > 2 * points.observed[0, 0]
    assert blocks.usual.ratio[0, 0] < points.usual.ratio[0, 0]


def test_concentration_counts_places_without_robberies(reader: SnapshotReader) -> None:
    values = cell_counts(reader, ROBBERY, 250).values()
    found = fit_concentration(values)
    ranked = np.sort(values)[::-1]
    held = ranked[: round(found.half_share * len(values))].sum() / values.sum()
    assert 0.5 <= held < 0.51
    assert found.gini > 0.6
