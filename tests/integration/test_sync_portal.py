"""A portal as a feed: what is new since the last run, whatever the portal does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.errors import BusyError, UnavailableError
from analytics.fetch.spool import Spool
from analytics.fetch.web import Patience
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import FOLDER
from analytics.sync import portal_feed
from analytics.sync.run import KindReport, sync
from tests.integration.fed_town import FedTown
from tests.integration.socrata_server import SocrataServer, incident, serve

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
timeout_s = 20
"""


@pytest.fixture
def portal() -> Iterator[SocrataServer]:
    with serve() as server:
        yield server


@pytest.fixture
def town(tmp_path: Path, portal: SocrataServer, monkeypatch: pytest.MonkeyPatch) -> FedTown:
    quick = Patience(attempts=2, first_wait_s=0.001, longest_wait_s=0.01, timeout_s=5)
    monkeypatch.setattr(portal_feed.PortalFeed.__init__, "__defaults__", (quick,))
    (tmp_path / "portal.toml").write_text(PORTAL.format(url=portal.url), encoding="utf-8")
    text = (FOLDER / "chicago.toml").read_text(encoding="utf-8")
    return FedTown(tmp_path, text + SYNC)


def run(settings: Settings) -> KindReport:
    (report,) = [one for one in sync(settings, confirmed=True) if one.kind == "incidents"]
    return report


def test_updates_arrive_and_an_unchanged_portal_loads_nothing(
    town: FedTown, portal: SocrataServer
) -> None:
    portal.put(incident(1), incident(2, updated_on="2018-03-01T00:00:00.000"))
    assert run(town.settings).all_errors == []
    run(town.settings)
    assert run(town.settings).ingest is None
    assert "2018-03-30" in portal.requests[-2]["$where"]  # two days before the newest update
    portal.put(incident(3, updated_on="2018-03-31T00:00:00.000"))
    run(town.settings)
    assert set(town.served()) == {"1", "2", "3"}


@pytest.mark.parametrize("fault", ["503", "drop", "garbage", "cut"])
def test_a_portal_that_fails_is_named_and_asked_again(
    town: FedTown, portal: SocrataServer, fault: str
) -> None:
    portal.put(incident(1))
    portal.faults = [fault] * 2
    (error,) = run(town.settings).all_errors
    assert isinstance(error, UnavailableError)
    assert Warehouse(town.settings.home).current() is None
    assert run(town.settings).all_errors == []
    assert set(town.served()) == {"1"}


def test_a_portal_that_never_answers_does_not_hold_up_what_was_sent(
    town: FedTown, portal: SocrataServer
) -> None:
    portal.put(incident(1))
    run(town.settings)
    text = town.path.read_text(encoding="utf-8").replace("timeout_s = 20", "timeout_s = 1")
    town.path.write_text(text, encoding="utf-8")
    portal.faults = ["hang"] * 2
    town.inbox.accept(town.source, [str(incident(9)).replace("'", '"').encode()])
    (error,) = run(replace(town.settings)).all_errors
    portal.released.set()
    assert isinstance(error, UnavailableError)
    assert set(town.served()) == {"1", "9"}


def test_another_fetch_is_refused_until_the_pages_are_loaded(
    town: FedTown, portal: SocrataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which else could put pages of another window in their place."""
    spool = Spool(town.settings.home, "chicago")
    refused = []

    def loading(*arguments: Any, **options: Any) -> IngestReport:
        with pytest.raises(BusyError), spool.lock():
            pass
        refused.append(True)
        return ingest(*arguments, **options)

    monkeypatch.setattr("analytics.sync.load.ingest", loading)
    portal.put(incident(1))
    assert run(town.settings).all_errors == []
    assert refused == [True]
    with spool.lock():
        pass


def test_incidents_that_the_portal_no_longer_has_are_left_out(
    town: FedTown, portal: SocrataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.fetch.all_ids.PAGE_SIZE", 3)
    town.path.write_text(town.path.read_text(encoding="utf-8") + "reconcile = true\n")
    portal.put(*(incident(number) for number in range(1, 9)))
    run(town.settings)
    del portal.rows[2], portal.rows[8]
    (report,) = [one for one in sync(town.settings, reconciles=True) if one.kind == "incidents"]
    assert report.all_errors == []
    assert set(town.served()) == {"1", "3", "4", "5", "6", "7"}
