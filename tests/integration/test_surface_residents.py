"""Risk against residents, from the command line to the map, against the dual KDE by brute force."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from dash.development.base_component import Component

from analytics.audit import Audit
from analytics.cli import patroliq
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.map_cells import cell_keys
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.demo.build import build_demo
from analytics.demo.city import build_city
from analytics.demo.outlines import write_outlines
from analytics.demo.profile import DemoProfile
from analytics.errors import InputError
from analytics.hotspots.fishnet import outline_shapes
from analytics.hotspots.inputs import dated_incidents
from analytics.hotspots.surface import Surface, SurfaceQuery, Surfaces
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.hotspots.captions import surface_caption
from tests.oracles.kde import brute_risk
from tests.oracles.residents import residents_of_cells

LAST = date(2026, 10, 31)
PER_RESIDENT = SurfaceQuery("risk", against="residents")
LATTICE_M = 50  # of the KDE with 250 m cells and a bandwidth of 500 m


def people_of(keys: list[str]) -> dict[str, int]:
    """Thousands of residents, another number for each area."""
    return {key: 1_000 + 370 * number for number, key in enumerate(sorted(keys))}


def keys_in(path: Path) -> list[str]:
    return [each["properties"]["id"] for each in json.loads(path.read_text())["features"]]


def run(home: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(patroliq, [*arguments, "--json"], env={"PATROLIQ_HOME": str(home)})
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def give(home: Path, level: str, people: dict[str, int]) -> Any:
    """Residents by the command, from a file made for it."""
    file = home.parent / f"{level}_people.csv"
    lines = ["key,people", *(f"{key},{number}" for key, number in people.items())]
    file.write_text("\n".join(lines) + "\n")
    return run(home, "boundaries", "residents", level, str(file), "--key=key", "--residents=people")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo city whose areas have residents; its districts have a first few only."""
    folder = tmp_path_factory.mktemp("residents")
    settings = Settings(home=folder / "home", user="analyst")
    build_demo(settings, 20_000, 1, LAST, lambda _what, _share: None)
    files = write_outlines(build_city(DemoProfile.load()), folder / "files")
    for level in ("district", "area"):
        run(settings.home, "boundaries", "add", level, str(files[level]), "--key=id", "--name=name")
        people = people_of(keys_in(files[level]))
        give(settings.home, level, people if level == "area" else dict([*people.items()][:3]))
    return settings


@pytest.fixture(scope="module")
def reader(settings: Settings) -> Iterator[SnapshotReader]:
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with closing(SnapshotReader(snapshot, settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def surfaces(reader: SnapshotReader) -> Surfaces:
    return Surfaces(reader, FastCrossFilter(reader, 1))


def lattice(xy: np.ndarray) -> np.ndarray:
    """Where the lattice puts each incident."""
    return (np.floor(xy / LATTICE_M) + 0.5) * LATTICE_M


def sub_cells(centers: np.ndarray) -> np.ndarray:
    """The middles of the 25 lattice cells in each fishnet cell, shape (cells × 25, 2)."""
    steps = (np.arange(5) - 2) * LATTICE_M
    offsets = np.array([(east, north) for east in steps for north in steps])
    return (centers[:, None, :] + offsets[None, :, :]).reshape(-1, 2)


def brute_force(
    found: Surface, incidents: np.ndarray, areas: list[shapely.Geometry], people: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Times the rate overall by sums over all pairs, and where residents are too few."""
    centers, above = found.grid.centers, (lattice(incidents), None)
    weights = np.repeat(residents_of_cells(found.grid, areas, people) / 25, 25)
    below = (sub_cells(centers), weights)
    exact = brute_risk(centers, above, below, bandwidth_m=500)
    usual = exact.above.sum() / exact.below.sum()
    return exact.ratio / usual, exact.thin


def places(reader: SnapshotReader, text: str) -> np.ndarray:
    found = dated_incidents(reader, EVERYTHING, Selection.parse(text))
    return found.select("x_m", "y_m").to_numpy()


def test_the_commands_numbers_are_in_the_manifest_and_in_the_audit_log(settings: Settings) -> None:
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    keys = list(outline_shapes(SnapshotReader(snapshot, settings), "area"))
    area, district = (snapshot.manifest.outlines[level] for level in ("area", "district"))
    assert (area.residents, area.areas_with_residents) == (sum(people_of(keys).values()), len(keys))
    assert (district.areas_with_residents, area.residents_source) == (3, "area_people.csv")
    with closing(State(settings)) as state:
        published, entry = Audit(state, settings).latest(2)
    assert (published.event, published.subject) == ("snapshot.published", snapshot.id)
    assert (entry.event, entry.subject) == ("residents.added", "area")
    assert entry.details["residents"] == area.residents


@pytest.mark.parametrize("text", ["type=BURGLARY", ""])
def test_a_surface_is_the_dual_kde_over_residents_of_the_finest_level(
    surfaces: Surfaces, reader: SnapshotReader, text: str
) -> None:
    found = surfaces.of(Selection.parse(text), PER_RESIDENT)
    shapes = outline_shapes(reader, "area")
    people = people_of(list(shapes))
    ratio, thin = brute_force(
        found, places(reader, text), list(shapes.values()), [people[key] for key in shapes]
    )
    both = ~np.isnan(found.values) & ~thin
    assert both.sum() > 0.98 * (~thin).sum() > 500
    np.testing.assert_allclose(found.values[both], ratio[both], rtol=1e-5, atol=1e-5)
    assert np.isnan(found.values[thin]).mean() > 0.9
    rate = found.details.residents
    assert rate
    assert (round(rate.residents), rate.areas) == (sum(people.values()), len(shapes))
    expected = 1000 * found.incidents / sum(people.values())
    assert rate.per_1000 == pytest.approx(expected, rel=0.03)


def test_residents_of_a_chosen_area_are_those_of_its_part(
    surfaces: Surfaces, reader: SnapshotReader
) -> None:
    found = surfaces.of(Selection.parse("district=004"), PER_RESIDENT)
    district = outline_shapes(reader, "district")["004"]
    shapes = outline_shapes(reader, "area")
    people = people_of(list(shapes))
    inside = {key: shapely.intersection(shape, district) for key, shape in shapes.items()}
    living = {key: people[key] * inside[key].area / shapes[key].area for key in shapes}
    assert found.details.residents
    assert found.details.residents.residents == pytest.approx(sum(living.values()))
    xy, people_inside = places(reader, "district=004"), [living[key] for key in inside]
    ratio, thin = brute_force(found, xy, list(inside.values()), people_inside)
    both = ~np.isnan(found.values) & ~thin
    assert both.sum() > 0.9 * (~thin).sum() > 50
    # Incidents just outside the cells are left out, as those who live there.
    assert np.median(np.abs(found.values[both] / ratio[both] - 1)) < 0.001
    assert np.abs(found.values[both] - ratio[both]).mean() < 0.02


def test_harm_and_fading_are_over_the_same_residents(surfaces: Surfaces) -> None:
    plain = surfaces.of(Selection(), PER_RESIDENT)
    for asked, said in (
        (SurfaceQuery("risk", against="residents", weight="harm"), "days of harm per 1,000"),
        (SurfaceQuery("risk", against="residents", half_life_days=60), "incidents (half-life"),
    ):
        found = surfaces.of(Selection(), asked)
        assert said in surface_caption(found)
        np.testing.assert_array_equal(np.isnan(found.values), np.isnan(plain.values))
        assert not np.allclose(found.values, plain.values, equal_nan=True)


def test_a_crime_type_of_that_name_is_another_choice(surfaces: Surfaces) -> None:
    found = surfaces.of(Selection(), SurfaceQuery("risk", against="type:residents"))
    assert not found.details.comparable


def test_areas_without_a_number_stay_empty_and_their_incidents_are_left_out(
    settings: Settings, tmp_path: Path
) -> None:
    """Half of the areas: the others are as they would be in a city of their own."""
    home = tmp_path / "home"
    shutil.copytree(settings.home, home)
    snapshot = Warehouse(home).current()
    assert snapshot
    outlines = snapshot.outline("area")
    assert outlines
    keys = sorted(keys_in(outlines))
    half = dict([*people_of(keys).items()][: len(keys) // 2])
    given = give(home, "area", half)
    assert given["without_number"] == keys[len(keys) // 2 :]
    own = Settings(home=home)
    pinned = Services(own).pin()
    assert pinned
    found = Surfaces(pinned.reader, pinned.crossfilter).of(Selection(), PER_RESIDENT)
    shapes = outline_shapes(pinned.reader, "area")
    without = shapely.union_all([shape for key, shape in shapes.items() if key not in half])
    with_number = shapely.union_all([shapes[key] for key in half])
    boxes = found.grid.boxes()
    shares = [shapely.area(shapely.intersection(boxes, part)) for part in (with_number, without)]
    left_out = (shares[0] == 0) | (shares[0] < shares[1])
    assert np.isnan(found.values[left_out]).all()
    assert np.isfinite(found.values[~left_out]).mean() > 0.9
    assert found.details.residents
    assert found.details.residents.areas_without == len(keys) - len(half)
    xy = places(pinned.reader, "")
    cell = found.grid.indices_of(*lattice(xy).T)
    ratio, thin = brute_force(
        found, xy[(cell >= 0) & ~left_out[cell]], [shapes[key] for key in half], list(half.values())
    )
    both = ~np.isnan(found.values) & ~thin
    assert both.sum() > 300
    # Brute force has its rate over cells that ours leaves out, too.
    scale = np.median(found.values[both & (ratio > 0)] / ratio[both & (ratio > 0)])
    np.testing.assert_allclose(found.values[both], scale * ratio[both], rtol=1e-4, atol=1e-4)


def words(children: Any) -> str:
    if isinstance(children, list | tuple):
        return " ".join(filter(None, map(words, children)))
    if isinstance(children, Component):
        return words(getattr(children, "children", None))
    return "" if children is None else str(children)


def opened(services: Services, **page: str) -> Any:
    wiring, pinned = page_at("/hotspots"), services.pin()
    assert wiring
    assert pinned
    gesture = {"n": 1, "action": "open", "text": "type=THEFT", "page": page}
    return respond_to(services, wiring, gesture, SelectionState(text="", snapshot=pinned.id))


def layout_words(services: Services) -> str:
    page, pinned = page_at("/hotspots"), services.pin()
    assert page
    assert pinned
    return words(page.layout(services, pinned))


def test_the_page_offers_residents_and_draws_them(settings: Settings, surfaces: Surfaces) -> None:
    services = Services(settings)
    assert "All incidents Residents " in layout_words(services)
    shown = opened(services, h_a="risk", h_vs="residents", h_b="off")
    state, found = shown["map"], surfaces.of(Selection.parse("type=THEFT"), PER_RESIDENT)
    assert state["unit"] == "times the rate overall"
    assert state["empty"] == "not compared here"
    pinned = services.pin()
    assert pinned
    value_of = dict(zip(found.grid.keys, found.values, strict=True))
    expected = [value_of.get(key, np.nan) for key in cell_keys(pinned.reader, 250)]
    drawn = [np.nan if value is None else value for value in state["values"]]
    np.testing.assert_allclose(drawn, expected, atol=6e-4)
    assert np.isfinite(drawn).sum() > 1_000
    assert "1 is the rate overall" in words(shown["legend"])
    assert "residents, known for" in words(shown["caption"])


def test_without_residents_they_are_not_offered_and_asking_says_how_to_add_them(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path / "home")
    build_demo(settings, 5_000, 1, LAST, lambda _what, _share: None)
    services = Services(settings)
    assert "Residents" not in layout_words(services)
    shown = opened(services, h_a="risk", h_vs="residents", h_b="off")
    assert "patroliq boundaries residents" in words(shown["caption"])
    pinned = services.pin()
    assert pinned
    with pytest.raises(InputError, match="no residents"):
        Surfaces(pinned.reader, pinned.crossfilter).of(Selection(), PER_RESIDENT)


def test_the_surface_is_exported_with_what_it_is_over(
    settings: Settings, surfaces: Surfaces
) -> None:
    from app import create_app

    client = create_app(settings).server.test_client()
    query = "method=risk&against=residents&type=BURGLARY"
    found = surfaces.of(Selection.parse("type=BURGLARY"), PER_RESIDENT)
    answer = client.get(f"/export/surface.csv?{query}")
    assert "surface-risk-residents-250" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO("\n".join(answer.text.splitlines()[7:]))))
    values = [float(row["value"]) if row["value"] else np.nan for row in rows]
    np.testing.assert_allclose(values, found.values, rtol=1e-5)
    document = json.loads(client.get(f"/export/surface.geojson?{query}").text)
    assert document["patroliq"]["method"]["against"] == "residents"
    assert found.details.residents
    rate = document["patroliq"]["details"]["residents"]["per_1000"]
    assert rate == pytest.approx(found.details.residents.per_1000)
    assert len(document["features"]) == len(rows)
