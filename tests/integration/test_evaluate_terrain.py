"""`patroliq evaluate risk-terrain` on a synthetic city: what it tells, stores and refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import shapely
from click.testing import CliRunner, Result
from dash import html

from analytics.cli.evaluate import command as evaluate
from analytics.crossfilter.places import project
from analytics.forecasting.terrain.risk_terrain import FeatureKind
from analytics.forecasting.terrain.stored_terrain import read_terrain, write_terrain
from analytics.hotspots.fishnet import study_area
from analytics.layers.add import LayerOptions, add_layer
from analytics.layers.kinds import LayerKind
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.statistics.arrays import Floats
from tests.integration.redraws import page_outputs
from tests.integration.stored_models import ask, jobs, opened, parts, words

DAYS = ("--from=2026-01-01", "--to=2026-06-30", "--test-to=2026-09-20")


def run(home: Path, *given: str) -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(evaluate, ["risk-terrain", *given])


@pytest.fixture(scope="module")
def busy_places(pinned: Pinned) -> pl.DataFrame:
    """Latitude and longitude of the places with most incidents."""
    return pinned.reader.frame(
        "SELECT lat AS latitude, lon AS longitude FROM incidents WHERE lat IS NOT NULL "
        "GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 40"
    )


@pytest.fixture(scope="module")
def home(
    city_of_8000: Path, busy_places: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A city with a layer where its incidents are, and one of two places at one position."""
    folder = tmp_path_factory.mktemp("terrain")
    home = Path(shutil.copytree(city_of_8000, folder / "home"))
    for name, frame in (("busy", busy_places), ("lone", busy_places[[0, 0]])):
        path = folder / f"{name}.csv"
        frame.write_csv(path)
        options = LayerOptions(title=name.title(), license="none")
        add_layer(Settings(home=home), LayerKind.PLACES, path, options)
    return home


@pytest.fixture(scope="module")
def found(home: Path) -> dict[str, Any]:
    outcome = run(home, *DAYS, "--level=district", "--save", "--json")
    assert outcome.exit_code == 0, outcome.output
    return dict(json.loads(outcome.stdout))


def test_ratios_are_of_the_chosen_layers(found: dict[str, Any]) -> None:
    layers = {one["title"]: one for one in found["found"]["layers"]}
    busy = layers["Busy"]
    assert busy["beside"]["low"] > 1
    assert layers["Lone"]["places"] == 1
    scores = {one["model"]: one for one in found["found"]["scores"]}
    assert len(scores) == 7
    assert scores["area_only"]["deviance_explained"] == pytest.approx(0)
    gains = [one["low"] > 0 for one in found["found"]["gain"].values()]
    assert found["gains"] is all(gains)


def test_the_plain_ratio_is_that_of_incidents_and_ground_near_the_places(
    found: dict[str, Any], pinned: Pinned, busy_places: pl.DataFrame
) -> None:
    """By distances to each place: incidents by SQL, ground as the part of the cells in the city."""
    (layer,) = (one for one in found["found"]["layers"] if one["title"] == "Busy")
    assert layer["kind"] == FeatureKind.NEAR
    crs = pinned.snapshot.manifest.crs_local
    places = np.column_stack(project(crs, *busy_places))

    def is_near(xy: Floats) -> npt.NDArray[np.bool_]:
        centers = (np.floor(xy / found["cell_m"]) + 0.5) * found["cell_m"]
        return np.array([np.hypot(*(places - one).T).min() <= layer["radius_m"] for one in centers])

    incidents = pinned.reader.frame(
        "SELECT lat, lon FROM incidents WHERE lat IS NOT NULL AND default_address IS NOT TRUE "
        "AND operational_day BETWEEN '2026-01-01' AND '2026-06-30'"
    )
    of_incidents = is_near(np.column_stack(project(crs, *incidents))).mean()
    city = study_area(pinned.reader)
    spots = np.random.default_rng(1).uniform(city.bounds[:2], city.bounds[2:], (40_000, 2))
    of_ground = is_near(spots[shapely.contains_xy(city, *spots.T)]).mean()
    assert layer["incidents"] == pytest.approx(of_incidents, abs=0.005)
    assert layer["cells"] == pytest.approx(of_ground, abs=0.01)
    odds = of_incidents / (1 - of_incidents) / (of_ground / (1 - of_ground))
    assert layer["alone"]["value"] == pytest.approx(odds, rel=0.1)


def test_counts_are_those_of_sql(found: dict[str, Any], pinned: Pinned) -> None:
    ((fitted, tested),) = pinned.reader.frame(
        "SELECT count(*) FILTER (occurred_on <= '2026-06-30'), "
        "count(*) FILTER (occurred_on > '2026-06-30') FROM ("
        "SELECT operational_day AS occurred_on FROM incidents WHERE lat IS NOT NULL AND "
        "operational_day BETWEEN '2026-01-01' AND '2026-09-20')"
    ).rows()
    assert found["found"]["incidents"] == pytest.approx(fitted, rel=0.03)  # default addresses
    assert found["found"]["test_incidents"] == pytest.approx(tested, rel=0.03)


def test_the_stored_result_is_read_back(found: dict[str, Any], home: Path) -> None:
    stored = read_terrain(home, "all")
    assert stored is not None
    plain = json.loads(json.dumps(stored.as_json(), default=str))
    assert plain == {name: found[name] for name in plain}
    assert read_terrain(home, "robbery") is None


def test_without_places_or_days_it_says_what_to_do(city_of_8000: Path, home: Path) -> None:
    assert "patroliq layers add places" in str(run(city_of_8000, *DAYS).exception)
    short = run(home, "--from=2026-08-01", "--to=2026-08-30", "--test-to=2026-09-20")
    assert "twice as many" in str(short.exception)


def test_the_page_shows_the_stored_result_and_of_what_data(
    found: dict[str, Any], home: Path
) -> None:
    services = Services(Settings(home=home, user="analyst"))
    shown = words(opened(services, "/forecast")["terrain"])
    busy = next(one for one in found["found"]["layers"] if one["title"] == "Busy")
    assert "Busy (40)" in shown
    assert f"{busy['folds']} of 10" in shown
    assert f"{busy['beside']['value']:.2f} ({busy['beside']['low']:.2f} to" in shown
    assert "not effects" in shown
    assert "incidents of all incidents" not in shown
    assert ("not a gain in both beyond chance" in shown) is not found["gains"]
    assert "Other data" not in shown
    stored = read_terrain(home, "all")
    assert stored is not None
    write_terrain(home, replace(stored, snapshot="20200101T000000Z-00000000"))
    assert "Other data" in words(opened(services, "/forecast")["terrain"])
    (home / "risk_terrain" / "all.json").write_text("{}")
    damaged = words(opened(services, "/forecast")["terrain"])
    assert "damaged" in damaged
    assert "Evaluate the risk terrain" in damaged
    services.state.close()


def test_the_page_has_the_worker_evaluate_the_target_of_the_selection(home: Path) -> None:
    services = Services(Settings(home=home, user="analyst"))
    before = opened(services, "/forecast", "type=ROBBERY")["terrain"]
    (button,) = [one for one in parts(before) if isinstance(one, html.Button)]
    assert button.value == "robbery"
    assert "patroliq layers" not in words(before)
    said = ask(
        services, "/forecast", action="act", name="evaluate-terrain", values={"target": "robbery"}
    )
    assert set(said) & set(page_outputs("/forecast")) == {"terrain"}
    (job,) = jobs(services)
    assert job.command == ("evaluate", "risk-terrain", "--target=robbery", "--save")
    waiting = opened(services, "/forecast", "type=ROBBERY")["terrain"]
    assert "Evaluate the risk terrain of robbery" in words(waiting)
    assert not [one for one in parts(waiting) if getattr(one, "value", "") == "robbery"]
    services.state.close()


def test_without_places_the_page_says_how_to_load_them(city_of_8000: Path) -> None:
    services = Services(Settings(home=city_of_8000, user="analyst"))
    shown = opened(services, "/forecast")["terrain"]
    assert "patroliq layers add places" in words(shown)
    assert not [one for one in parts(shown) if isinstance(one, html.Button)]
    services.state.close()
