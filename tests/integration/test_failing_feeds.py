"""A feed that fails is told by `/ready` and above every page, until it works again."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from analytics.settings import Settings
from analytics.state import State
from analytics.sync import failing_feeds
from analytics.sync.failing_feeds import WITHIN_S
from analytics.sync.feed_state import FeedState
from app import create_app
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template
from tests.integration.small_snapshot import publish_small

FEED, ADDRESS = "incidents portal", "http://portal.internal"


@pytest.fixture
def note(settings: Settings) -> Callable[..., None]:
    """Notes a run of the feed in a home that serves the small snapshot."""
    publish_small(settings.home)

    def ran(message: str = "", ago_s: float = 0.0) -> None:
        with closing(State(settings)) as state:
            FeedState(state, lambda: time.time() - ago_s).ran(FEED, message)

    return ran


@pytest.fixture
def seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Any, str]]:
    """What `/ready` answers, and the text of the banners of a page's answer."""
    monkeypatch.setattr(failing_feeds, "LOOKS_EVERY_S", 0.0)
    client = create_app(settings).server.test_client()
    page = AnalystPage(template(client.get(DEPENDENCIES).get_json()))

    def look() -> tuple[Any, str]:
        found = client.post(UPDATE, json=page.ask({"action": "open", "text": ""})).get_json()
        page.take(found)
        return client.get("/ready").get_json(), str(found["response"]["damage"])

    return look


def test_a_failing_feed_is_told_until_it_works_again(
    note: Callable[..., None], seen: Callable[[], tuple[Any, str]]
) -> None:
    ready, banner = seen()
    assert (ready["status"], FEED in banner) == ("ready", False)
    note(f"{ADDRESS} did not answer")
    ready, banner = seen()
    assert ready["status"] == "degraded"
    assert FEED in ready["reason"]
    assert FEED in banner
    assert ADDRESS not in ready["reason"] + banner
    note()
    ready, banner = seen()
    assert (ready["status"], FEED in banner) == ("ready", False)


def test_a_feed_that_nothing_runs_any_more_is_not_told(
    note: Callable[..., None], seen: Callable[[], tuple[Any, str]]
) -> None:
    note("did not answer", ago_s=WITHIN_S + 60)
    ready, banner = seen()
    assert (ready["status"], FEED in banner) == ("ready", False)
