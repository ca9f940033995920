"""`patroliq evaluate methods` on a synthetic city, beside `patroliq evaluate zones`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics.artifacts.method_comparison import MethodComparison, read_comparison
from analytics.cli.evaluate import command as evaluate
from analytics.crossfilter.selection import EMPTY
from analytics.errors import InputError
from analytics.services import Pinned
from analytics.settings import Settings
from analytics.training.compare_methods import default_days
from analytics.training.equal_size import PlacePlan
from analytics.training.place_evaluation import evaluate_places


def run(settings: Settings, *given: str) -> Result:
    env = {"PATROLIQ_HOME": str(settings.home), "PATROLIQ_USER": "analyst"}
    return CliRunner(env=env).invoke(evaluate, ["methods", *given])


@pytest.fixture(scope="module")
def settings(city_of_8000: Path) -> Settings:
    return Settings(home=city_of_8000)


@pytest.fixture(scope="module")
def stored(settings: Settings) -> MethodComparison:
    outcome = run(settings, "--json")
    assert outcome.exit_code == 0, outcome.output
    found = read_comparison(settings.home, "all")
    assert found is not None
    assert json.loads(outcome.stdout)["methods"][0]["name"] == found.methods[0].name
    return found


def test_the_last_weeks_are_evaluated_and_stored_with_their_snapshot(
    stored: MethodComparison, pinned: Pinned
) -> None:
    first, last = default_days(pinned.snapshot.manifest)
    assert (stored.first, stored.last) == (str(first), str(last))
    assert ((last - first).days + 1) % 7 == 0
    provisional = pinned.snapshot.manifest.provisional_day
    assert provisional is not None
    assert last == provisional - timedelta(days=1)
    assert (stored.snapshot, stored.person) == (pinned.id, "analyst")


def test_methods_catch_what_they_do_in_the_evaluation_of_zones(
    stored: MethodComparison, pinned: Pinned
) -> None:
    days = default_days(pinned.snapshot.manifest)
    plan = PlacePlan(*days, (stored.street_share or 0.0,), (stored.area_km2,))
    expected = {
        (one.method, one.measure): (one.hit_rate, one.pai, one.places)
        for one in evaluate_places(pinned.reader, EMPTY, plan)
    }
    found = {
        (one.name, measure): (caught.hit_rate, caught.pai, caught.places)
        for one in stored.methods
        for measure, caught in one.caught.items()
    }
    assert expected.keys() <= found.keys()
    for key, values in expected.items():
        assert found[key] == pytest.approx(values, rel=1e-6)
    for one in stored.methods:
        for caught in one.caught.values():
            assert caught.hit_low <= caught.hit_rate <= caught.hit_high


def test_zones_are_described_and_other_methods_are_not(stored: MethodComparison) -> None:
    by_model = {one.model: one for one in stored.methods if one.model}
    assert {"zones_foot", "zones_car", "zones_kmeans", "zones_dbscan"} <= by_model.keys()
    for one in stored.methods:
        assert (one.zones is None) == (one.model == "")
    kmeans = by_model["zones_kmeans"].zones
    assert kmeans is not None
    assert kmeans.zones == by_model["zones_kmeans"].parameters["k"]
    assert kmeans.noise_share == 0
    assert kmeans.stability is not None
    assert 0 <= kmeans.stability[1] <= kmeans.stability[0] <= kmeans.stability[2] <= 1


def test_a_target_has_its_own_and_is_chosen_from_proposals(
    stored: MethodComparison, settings: Settings
) -> None:
    outcome = run(settings, "--target", "robbery")
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.startswith("robbery: ")
    robbery = read_comparison(settings.home, "robbery")
    assert robbery is not None
    assert robbery.incidents < stored.incidents
    assert read_comparison(settings.home, "all") == stored


@pytest.mark.parametrize(
    "given", [["--target", "jaywalking"], ["--from", "2026-05-01"], ["--to", "2026-05-01"]]
)
def test_what_is_not_valid_is_refused(settings: Settings, given: list[str]) -> None:
    assert isinstance(run(settings, *given).exception, InputError)
