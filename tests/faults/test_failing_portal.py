"""A portal that is dead, slow or sends garbage while the service runs: what was served stays
served, `/ready` and a banner say which feed fails, and it recovers by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics.sources.source import FOLDER
from analytics.sync.run import sync
from bench.job_worker import job_worker
from bench.site_server import SiteServer
from tests.integration.fed_town import FedTown
from tests.integration.socrata_server import SocrataServer, incident, serve

PATIENCE_S = 90
FEED = "incidents portal"
PORTAL = """
source = "chicago"
url = "{url}"
dataset = "ijzp-q8t2"
id = "id"
id_type = "number"
occurred = "date"
updated = "updated_on"
"""
SYNC = """
[sync]
portal = "portal.toml"
start = 2018-01-01
timeout_s = 2
"""
MOODS = {"dead": "drop", "slow": "hang", "garbage": "garbage"}


class Moody(list[str]):
    """Faults that do not end until they are cleared."""

    def pop(self, *_at: Any) -> str:
        return self[0]


@pytest.fixture
def portal() -> Iterator[SocrataServer]:
    with serve() as server:
        server.put(incident(1))
        yield server


@pytest.fixture
def site(tmp_path: Path, portal: SocrataServer) -> Iterator[SiteServer]:
    (tmp_path / "portal.toml").write_text(PORTAL.format(url=portal.url), encoding="utf-8")
    text = (FOLDER / "chicago.toml").read_text(encoding="utf-8")
    town = FedTown(tmp_path, text + SYNC)
    sync(town.settings, confirmed=True)
    assert set(town.served()) == {"1"}
    live = {"PATROLIQ_SYNC_SECONDS": "1", "PATROLIQ_SYNC_SOURCES": str(town.path)}
    home = town.settings.home
    with SiteServer(home, **live).running() as server, job_worker(home, **live):
        yield server


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def ready(site: SiteServer) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{site.url}/ready", timeout=PATIENCE_S).json()
    return found


def all_of(site: SiteServer, condition: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether `/ready` says so over several connections, so by both workers."""
    return all(condition(ready(site)) for _ in range(6))


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_portal_that_fails_in_every_way_is_told_and_recovers(
    site: SiteServer, portal: SocrataServer
) -> None:
    for number, (mood, fault) in enumerate(MOODS.items(), 2):
        portal.released.clear()
        portal.faults = Moody([fault])
        wait_until(lambda: all_of(site, lambda found: FEED in found.get("reason", "")), mood)
        served = ready(site)
        assert (served["status"], served["incidents"]) == ("degraded", number - 1)
        page = httpx.get(f"{site.url}/_dash-layout", timeout=PATIENCE_S)
        assert page.status_code == 200
        assert FEED in page.text
        portal.put(incident(number, updated_on=f"2018-05-{number:02d}T00:00:00.000"))
        portal.faults = []
        portal.released.set()
        wait_until(
            lambda number=number: all_of(
                site, lambda found: found["status"] == "ready" and found["incidents"] == number
            ),
            f"recovers from {mood}",
        )
