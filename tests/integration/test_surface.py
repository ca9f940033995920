"""Surfaces against the methods on what SQL counts, and the parts that make them up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.demo.build import build_demo
from analytics.errors import InputError
from analytics.hotspots.emerging import EMERGING_CLASSES, fit_emerging, space_time_cube
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.inputs import daily_cell_counts, dated_incidents, weighted_points
from analytics.hotspots.neighbors import distance_band
from analytics.hotspots.surface import SurfaceQuery, Surfaces
from analytics.hotspots.surface_classes import GiClass
from analytics.hotspots.surface_methods import METHODS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from components.hotspots.captions import surface_caption
from components.hotspots.surfaces import surface_unit
from tests.oracles.cells import cell_counts
from tests.oracles.kde import brute_kde, brute_risk

LAST = date(2026, 10, 31)
SELECTIONS = ["", "type=BURGLARY", "district=004&date=last365d", "default_address=yes"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnapshotReader]:
    settings = Settings(home=tmp_path_factory.mktemp("surface") / "home")
    build_demo(settings, 20_000, 1, LAST, lambda _what, _share: None)
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with closing(SnapshotReader(snapshot, settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def surfaces(reader: SnapshotReader) -> Surfaces:
    return Surfaces(reader, FastCrossFilter(reader, 1))


@pytest.mark.parametrize("text", SELECTIONS)
def test_counts_are_those_of_sql_and_what_is_left_out_adds_up(
    surfaces: Surfaces, reader: SnapshotReader, text: str
) -> None:
    selection = Selection.parse(text)
    found = surfaces.of(selection, SurfaceQuery("counts"))
    expected = cell_counts(reader, selection, 250).values()
    np.testing.assert_array_equal(found.values, expected)
    left_out = weighted_points(reader, EVERYTHING, selection).left_out
    assert found.without_place == left_out.without_place
    assert found.at_default_addresses == left_out.at_default_addresses
    assert found.incidents == left_out.used


def test_harm_is_summed_where_it_is_the_weight(surfaces: Surfaces, reader: SnapshotReader) -> None:
    found = surfaces.of(Selection(), SurfaceQuery("counts", weight="harm"))
    expected = cell_counts(reader, Selection(), 250).values("harm")
    np.testing.assert_array_equal(found.values, expected)


def test_clauses_of_place_are_left_out_but_areas_clip_the_cells(surfaces: Surfaces) -> None:
    whole = surfaces.of(Selection(), SurfaceQuery("getis_ord"))
    near = surfaces.of(Selection.parse("near=40.0,-39.0,500"), SurfaceQuery("getis_ord"))
    assert near is whole
    district = surfaces.of(Selection.parse("district=004"), SurfaceQuery("getis_ord"))
    assert len(district.grid) < len(whole.grid) / 4


def test_gi_star_is_that_of_the_counts_and_classes_follow_q(
    surfaces: Surfaces, reader: SnapshotReader
) -> None:
    found = surfaces.of(Selection.parse("type=THEFT"), SurfaceQuery("getis_ord", band_m=600))
    cells = cell_counts(reader, Selection.parse("type=THEFT"), 250)
    band = distance_band(cells.fishnet, 600, self_included=True)
    expected = fit_getis_ord(cells.values(), band)
    np.testing.assert_allclose(found.values, expected.z)
    assert found.q is not None
    names = np.array(found.classes)[found.classed]
    assert found.classes == tuple(GiClass)
    assert set(names[(expected.q <= 0.01) & (expected.z > 0)]) == {GiClass.HOT_99}
    assert set(names[expected.q > 0.05]) == {GiClass.NOT_SIGNIFICANT}


def at_middles(xy: np.ndarray, side_m: int) -> np.ndarray:
    """Where the lattice puts each incident."""
    return (np.floor(xy / side_m) + 0.5) * side_m


def places(reader: SnapshotReader, text: str) -> np.ndarray:
    found = dated_incidents(reader, EVERYTHING, Selection.parse(text))
    return found.select("x_m", "y_m").to_numpy()


def test_a_fading_surface_is_the_kde_of_decayed_incidents(
    surfaces: Surfaces, reader: SnapshotReader
) -> None:
    found = surfaces.of(Selection(), SurfaceQuery("kde", half_life_days=60, bandwidth_m=800))
    days = dated_incidents(reader, EVERYTHING, Selection())["day"].to_list()
    ages = np.array([(LAST - day).days for day in days], dtype=float)
    weights = 0.5 ** (ages / 60)
    middles = at_middles(places(reader, ""), 50)
    exact = brute_kde(found.grid.centers, middles, weights, bandwidth_m=800)
    np.testing.assert_allclose(found.values, exact / exact.mean(), rtol=1e-6, atol=1e-7)


def test_risk_is_the_ratio_of_two_densities_over_the_citys(
    surfaces: Surfaces, reader: SnapshotReader
) -> None:
    burglary, asked = Selection.parse("type=BURGLARY"), SurfaceQuery("risk", against="THEFT")
    found = surfaces.of(burglary, asked)
    above, below = (
        at_middles(places(reader, f"type={name}"), 50) for name in ("BURGLARY", "THEFT")
    )
    centers = found.grid.centers
    exact = brute_risk(centers, (above, None), (below, None), bandwidth_m=500)
    usual = brute_kde(centers, above, bandwidth_m=500).sum() / (
        brute_kde(centers, below, bandwidth_m=500).sum()
    )
    both = ~np.isnan(found.values) & ~exact.thin
    assert both.sum() > 0.98 * (~exact.thin).sum() > 500
    np.testing.assert_allclose(found.values[both], exact.ratio[both] / usual, rtol=1e-5, atol=1e-5)


def test_emerging_patterns_are_those_of_the_space_time_cube(
    surfaces: Surfaces, reader: SnapshotReader
) -> None:
    found = surfaces.of(Selection(), SurfaceQuery("emerging", period_days=28))
    daily = daily_cell_counts(reader, EVERYTHING, Selection(), 250)
    cube = space_time_cube(daily, 28)[:, -52:]
    expected = fit_emerging(cube, distance_band(daily.fishnet, 500, self_included=True))
    assert found.classes == EMERGING_CLASSES
    assert [found.classes[place] for place in found.classed] == expected.pattern.tolist()
    assert (found.details.periods, found.details.period_days) == (cube.shape[1], 28)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_table_with_a_line_per_cell(surfaces: Surfaces, method: str) -> None:
    found = surfaces.of(Selection(), SurfaceQuery(method))
    frame = found.frame()
    assert frame.height == len(found.grid)
    assert frame["cell"].n_unique() == frame.height
    tested = method in {"getis_ord", "moran", "emerging"}
    assert ("class" in frame.columns) == tested == ("q" in frame.columns)
    assert surface_caption(found).endswith(".")
    assert surface_unit(found.query)


def test_what_cannot_be_made_is_said(surfaces: Surfaces) -> None:
    for asked, words in (
        (SurfaceQuery("heat"), "no method"),
        (SurfaceQuery("kde", bandwidth_m=20), "too short"),
        (SurfaceQuery("getis_ord", band_m=100), "no neighbor"),
        (SurfaceQuery("counts", size_m=7), "choose from"),
    ):
        with pytest.raises(InputError, match=words):
            surfaces.of(Selection(), asked)
    with pytest.raises(InputError, match="too few for a history"):
        surfaces.of(Selection.parse("date=last28d"), SurfaceQuery("emerging", period_days=7))


def test_what_is_kept_is_bounded(
    reader: SnapshotReader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("analytics.hotspots.surface.MOST_BYTES", 400_000)
    made = Surfaces(reader, FastCrossFilter(reader, 1))
    first = made.of(Selection(), SurfaceQuery("counts"))
    assert made.of(Selection(), SurfaceQuery("counts")) is first
    for hour in range(8):
        made.of(Selection.parse(f"hour={hour}"), SurfaceQuery("counts"))
    assert made._surfaces.size <= 400_000
    assert made.of(Selection(), SurfaceQuery("counts")) is not first
