"""Fixtures of the integration tests."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from analytics.incidents.warehouse import Snapshot
from analytics.services import Pinned, Services
from analytics.settings import Settings
from tests.built_once import build_once
from tests.integration.small_snapshot import publish_small


@pytest.fixture
def small(settings: Settings) -> Snapshot:
    """Five incidents that the tests know by heart, published and served."""
    return publish_small(settings.home)


@pytest.fixture
def client(settings: Settings, small: Snapshot) -> FlaskClient:
    """A client of the whole app on the small snapshot."""
    from app import create_app

    return create_app(settings).server.test_client()


@pytest.fixture(scope="module")
def city_of_8000(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home folder with a synthetic city of 8,000 incidents and no models, the module's own."""
    from analytics.demo.build import build_demo

    def build(home: Path) -> None:
        build_demo(Settings(home=home), 8_000, 1, date(2026, 10, 31), lambda _what, _share: None)

    built = build_once(tmp_path_factory, "city_of_8000", build)
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("city") / "home"))


@pytest.fixture(scope="module")
def pinned(city_of_8000: Path) -> Pinned:
    """The snapshot of the city of 8,000 incidents as a web worker pins it."""
    found = Services(Settings(home=city_of_8000)).pin()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def trained_city(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo city with zones by K-means and DBSCAN and a forecast, all of them champions."""
    from analytics.demo.build import build_demo
    from analytics.training.promote import promote_first
    from analytics.training.train import train

    def build(home: Path) -> None:
        settings = Settings(home=home, user="analyst")
        build_demo(settings, 20_000, 1, date(2026, 10, 31), lambda _what, _share: None)
        for name, parameters in (
            ("zones_kmeans", {"k": "9", "bootstraps": "2"}),
            ("zones_dbscan", {"bootstraps": "2"}),
            ("hotspot_forecast", {"forecaster": "kde_tuned", "folds": "12", "cell_m": "500"}),
        ):
            promote_first(train([name], settings, parameters=parameters), settings)

    built = build_once(tmp_path_factory, "trained_city", build)
    home = shutil.copytree(built, tmp_path_factory.mktemp("trained") / "home")
    return Settings(home=Path(home), user="analyst")
