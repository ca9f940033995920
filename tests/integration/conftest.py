"""Fixtures of the integration tests."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from small_snapshot import publish_small

from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings


@pytest.fixture
def small(settings: Settings) -> Snapshot:
    """Five incidents that the tests know by heart, published and served."""
    return publish_small(settings.home)


@pytest.fixture
def client(settings: Settings, small: Snapshot) -> FlaskClient:
    """A client of the whole app on the small snapshot."""
    from app import create_app

    return create_app(settings).server.test_client()
