"""Methods of zones and surfaces on the real file, against a second library or the definition."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from esda.getisord import G_Local
from esda.moran import Moran_Local
from libpysal.weights import W
from scipy.stats import rankdata
from sklearn.cluster import HDBSCAN, KMeans

from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.hotspots.clustering import Clustering
from analytics.hotspots.fishnet import outline_shapes
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.hdbscan import agreement_with_raw, fit_hdbscan
from analytics.hotspots.inputs import (
    WeightedPoints,
    dated_incidents,
    weighted_points,
)
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.moran import fit_local_moran
from analytics.hotspots.neighbors import queen
from analytics.hotspots.propose_k import propose_k
from analytics.hotspots.stability import seed_agreement
from analytics.hotspots.surface import SurfaceQuery, Surfaces
from analytics.incidents.reader import SnapshotReader
from analytics.services import Services
from analytics.settings import Settings
from analytics.statistics.agreement import adjusted_rand
from analytics.training.fitting import Training
from analytics.training.kinds import KINDS
from analytics.zones.profiles import zone_profiles
from bench.machine import patroliq
from tests.oracles.cells import cell_counts
from tests.oracles.kde import brute_risk
from tests.oracles.residents import residents_of_cells

pytestmark = pytest.mark.real_data

FILE = "chicago_crimes_2014_2018.parquet"
ROBBERY = Selection.parse("type=ROBBERY&date=2017-01-01..2017-12-31")
SPRING = Selection.parse("type=ROBBERY&date=2018-03-01..2018-05-31")
ZONES = ("zones_kmeans", "zones_dbscan", "zones_hdbscan", "zones_hierarchical")


@pytest.fixture(scope="module")
def reader(real_data: Path, chicago_home: Path) -> SnapshotReader:
    for arguments in (
        ("boundaries", "add", "area", str(real_data / "chicago_community_areas.geojson"),
         "--key", "area_numbe"),
        ("boundaries", "add", "beat", str(real_data / "chicago_beats.geojson"),
         "--key", "beat_num"),
        ("boundaries", "residents", "area",
         str(real_data / "chicago_community_area_demographics.csv"),
         "--key", "community_area_id", "--residents", "total_population"),
    ):  # fmt: skip
        patroliq(chicago_home, *arguments)
    pinned = Services(Settings(home=chicago_home)).pin()
    assert pinned is not None
    return pinned.reader


@pytest.fixture(scope="module")
def robberies(reader: SnapshotReader) -> WeightedPoints:
    return weighted_points(reader, EVERYTHING, ROBBERY)


def single(points: WeightedPoints) -> tuple[np.ndarray, np.ndarray]:
    """Places of the single incidents, and which is the first of each place."""
    times = points.weights.astype(int)
    return np.repeat(points.xy, times, axis=0), np.cumsum(times) - times


def test_gi_star_and_local_moran_are_esdas(reader: SnapshotReader) -> None:
    cells = cell_counts(reader, ROBBERY, 500)
    values = cells.values()
    around = queen(cells.fishnet, self_included=True)
    linked = {number: list(row) for number, row in enumerate(around.tolil().rows)}
    star = G_Local(values, W(linked), transform="B", star=True, permutations=0)
    assert fit_getis_ord(values, around).z == pytest.approx(star.Zs)
    others = queen(cells.fishnet, self_included=False)
    without = {number: list(row) for number, row in enumerate(others.tolil().rows)}
    keep = np.array([bool(row) for row in without.values()])
    moran = Moran_Local(values, W(without, silence_warnings=True), permutations=0)
    assert fit_local_moran(values, others).i[keep] == pytest.approx(moran.Is[keep])


@pytest.mark.timeout(900)  # esda compiles
def test_p_of_gi_star_is_the_share_esda_draws(reader: SnapshotReader) -> None:
    cells = cell_counts(reader, ROBBERY, 500)
    # esda's rounding breaks ties by chance: let there be none.
    values = cells.values() + np.random.default_rng(0).random(len(cells.fishnet))
    around = queen(cells.fishnet, self_included=True)
    linked = {number: list(row) for number, row in enumerate(around.tolil().rows)}
    ours = fit_getis_ord(values, around)
    # G_Local does not pass on the alternative that it would have us choose.
    with pytest.warns(DeprecationWarning, match="alternative hypothesis"):
        drawn = G_Local(
            values, W(linked), transform="B", star=True, permutations=9_999, seed=1, n_jobs=1
        )
    # esda's p is of the smaller tail, ours of the score's own side, twice: the same up here.
    above = (ours.z > 0) & (ours.p < 0.9)
    theirs = drawn.p_sim[above]
    error = np.sqrt(theirs * (1 - theirs) / 9_999)
    assert above.sum() > 500
    assert (np.abs(ours.p[above] / 2 - theirs) / error).max() < 4.5


def test_k_means_is_as_good_as_scikit_learns_and_batches_nearly(robberies: WeightedPoints) -> None:
    raw, _ = single(robberies)
    theirs = KMeans(10, n_init=4, random_state=0).fit(raw - raw.mean(axis=0)).inertia_
    whole = fit_kmeans(robberies.xy, robberies.weights, k=10)
    batches = fit_kmeans(robberies.xy, robberies.weights, k=10, mini_batch=True)
    assert whole.estimator.inertia_ < 1.02 * theirs
    for found, limit in ((whole, 1.02), (batches, 1.15)):
        squares = ((robberies.xy - found.centers[found.labels]) ** 2).sum(axis=1)
        assert (squares * robberies.weights).sum() < limit * theirs


def test_the_proposed_k_comes_out_whatever_the_seed(robberies: WeightedPoints) -> None:
    found = propose_k(robberies.xy, robberies.weights, ks=(4, 8, 12, 16))
    row = found.curve.row(by_predicate=pl.col("k") == found.value, named=True)

    def fit(xy: np.ndarray, weights: np.ndarray, seed: int) -> Clustering:
        return fit_kmeans(xy, weights, k=int(found.value), seed=seed, starts=1)

    again = seed_agreement(fit, robberies.xy, robberies.weights, (0, 1, 2, 3)).mean()
    assert row["agreement"] == pytest.approx(again, abs=0.1)
    assert row["agreement"] > 0.6


def test_a_zones_beat_holds_its_block_and_a_large_zone_has_no_block(
    reader: SnapshotReader, real_data: Path
) -> None:
    chosen = Selection.parse("date=2017-01-01..2017-12-31")
    raw = duckdb.sql(
        f"""SELECT DISTINCT "Beat" FROM '{real_data / FILE}'
        WHERE "Block" = '008XX N MICHIGAN AVE' AND "Date" LIKE '__/__/2017%'"""
    ).fetchall()
    assert [beat for (beat,) in raw] == ["1833"]
    places = dated_incidents(reader, EVERYTHING, chosen).unique("point_id").sort("point_id")
    beats = reader.frame(
        "SELECT point_id, any_value(beat) AS beat, any_value(block) AS block FROM incidents "
        "WHERE point_id IS NOT NULL AND year(operational_day) = 2017 GROUP BY ALL",
        {},
    )
    places = places.join(beats, on="point_id", how="left", maintain_order="left")
    michigan = pl.col("block") == "008XX N MICHIGAN AVE"
    middle = places.filter(michigan).select("x_m", "y_m").mean().row(0)
    away = ((pl.col("x_m") - middle[0]) ** 2 + (pl.col("y_m") - middle[1]) ** 2).sqrt()
    south = ((pl.col("x_m") - middle[0]) ** 2 + (pl.col("y_m") - middle[1] + 12_000) ** 2).sqrt()
    near = michigan | ((pl.col("beat") == "1834") & (away < 700))
    zone = pl.when(near).then(0).when(south < 3_300).then(1).otherwise(-1)
    labels = places.select(zone.alias("zone"))["zone"].to_numpy()
    small, large = zone_profiles(reader, EVERYTHING, chosen, places["point_id"].to_numpy(), labels)
    assert small.name.startswith("800 block of N Michigan Ave")
    assert small.name.endswith("beat 1833")
    assert 25 < large.area_km2 < 35
    assert large.name == "Districts 002 and 003"


@pytest.mark.parametrize("select", ["eom", "leaf"])
def test_hdbscan_is_scikit_learns_and_the_grid_changes_little(
    robberies: WeightedPoints, select: str
) -> None:
    raw, first = single(robberies)
    asked = {"min_cluster_size": 50, "min_samples": 20}
    theirs = HDBSCAN(**asked, cluster_selection_method=select, copy=True)
    labels = theirs.fit(raw - raw.mean(axis=0)).labels_
    xy, weights = robberies.xy, robberies.weights
    ours = fit_hdbscan(xy, weights, **asked, select=select, grid_m=0)
    assert adjusted_rand(ours.labels, labels[first], weights) > 0.95
    agreement = agreement_with_raw(xy, weights, fit_hdbscan(xy, weights, **asked, select=select))
    assert agreement is not None
    assert agreement > 0.8


def test_risk_per_resident_is_that_of_the_areas_and_another_map_than_density(
    reader: SnapshotReader, robberies: WeightedPoints, real_data: Path
) -> None:
    """From the command line to the surface; beside brute force, each area's own crude rate."""
    people = pl.read_csv(real_data / "chicago_community_area_demographics.csv")
    residents = dict(people.select("community_area_id", "total_population").iter_rows())
    outline = reader.snapshot.manifest.outlines["area"]
    assert (outline.residents, outline.areas_with_residents) == (sum(residents.values()), 77)
    surfaces = Surfaces(reader, FastCrossFilter(reader, 1))
    found = surfaces.of(ROBBERY, SurfaceQuery("risk", against="residents"))
    rate = found.details.residents
    assert rate
    assert (round(rate.residents), rate.areas) == (sum(residents.values()), 77)

    areas = outline_shapes(reader, "area")
    grid = found.grid
    of_cells = residents_of_cells(
        grid, list(areas.values()), [residents[int(key)] for key in areas]
    )
    # Here residents stand at the middles of cells, and incidents where they are.
    risk = brute_risk(grid.centers, (robberies.xy, robberies.weights), (grid.centers, of_cells))
    city = robberies.incidents / people["total_population"].sum()
    shown = np.isfinite(found.values) & ~risk.thin
    assert shown.sum() > 0.97 * (~risk.thin).sum()
    expected = risk.ratio[shown] / city
    assert np.corrcoef(found.values[shown], expected)[0, 1] > 0.99
    assert np.median(np.abs(found.values[shown] - expected)) < 0.03

    counted = reader.frame(
        "SELECT area, count(*) AS robberies FROM incidents WHERE type = 'ROBBERY' AND "
        "year(operational_day) = 2017 AND area IS NOT NULL GROUP BY area"
    )
    crude = {key: n / residents[int(key)] / city for key, n in counted.iter_rows()}
    middles = shapely.points(grid.centers)
    smooth = {
        key: np.nanmean(found.values[shapely.contains(shape, middles)])
        for key, shape in areas.items()
    }
    # Not equal: the kernel carries each incident up to 500 m, across the areas' boundaries.
    both = np.array([(crude.get(key, 0.0), smooth[key]) for key in areas])
    assert np.corrcoef(both.T)[0, 1] > 0.9
    # The Loop (32) has few residents and many robberies: more than twice the city's rate.
    assert crude["32"] > 2 < smooth["32"]

    density = surfaces.of(ROBBERY, SurfaceQuery("kde"))
    order = np.corrcoef(rankdata(found.values[shown]), rankdata(density.values[shown]))[0, 1]
    assert 0.5 < order < 0.99


@pytest.mark.parametrize("name", ZONES)
def test_zones_of_each_kind_are_measured_by_all_that_is_promised(
    reader: SnapshotReader, name: str
) -> None:
    kind = KINDS[name]
    training = Training(reader, ROBBERY, kind.with_defaults({"bootstraps": "2"}))
    fitted = kind.fit(training)
    metrics = {one.name: one for one in (*fitted.metrics, *kind.evaluate(training, fitted))}
    promised = {
        "stability", "silhouette", "silhouette_sample", "noise_share", "largest_zone_share",
        "davies_bouldin", "calinski_harabasz", "pai", "pai_baseline", "gain",
    }  # fmt: skip
    assert promised <= metrics.keys()
    assert ("seed_agreement" in metrics) == (name == "zones_kmeans")
    labels = fitted.tables["labels"]
    largest = labels.filter(pl.col("label") >= 0).group_by("label").agg(pl.col("weight").sum())
    assert metrics["largest_zone_share"].value == pytest.approx(
        largest["weight"].max() / labels["weight"].sum()
    )
    pai = metrics["pai"]
    assert pai.low is not None
    assert pai.low <= pai.value <= (pai.high or 0)
    assert pai.value > 1
    if name in ("zones_dbscan", "zones_hdbscan"):
        assert pai.value > 2
