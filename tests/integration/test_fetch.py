"""Fetch from a server that behaves like a Socrata portal, and misbehaves like one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from analytics.cli.fetch import command
from analytics.errors import BusyError, InputError, UnavailableError
from analytics.fetch.portal import Portal
from analytics.fetch.run import FetchReport, fetch
from analytics.fetch.spool import Spool
from analytics.fetch.web import Patience
from analytics.fetch.window import FetchWindow
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from tests import ROOT
from tests.integration.socrata_server import SocrataServer, incident, serve

WRONG, TOKEN = "wrong", "s3cret"
WINDOW = FetchWindow(date(2018, 1, 1), None)
QUICK = Patience(attempts=4, first_wait_s=0.001, longest_wait_s=0.01, timeout_s=10)


@pytest.fixture
def portal() -> Iterator[SocrataServer]:
    with serve() as server:
        yield server


def run(
    portal: SocrataServer, settings: Settings, window: FetchWindow = WINDOW, **options: Any
) -> FetchReport:
    options = {"page_size": 10, "patience": QUICK, **options}
    return fetch(Portal.load("chicago").at(portal.url), window, settings, **options)


def stored(settings: Settings, column: str = "id") -> dict[str, Any]:
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return dict(connection.execute(f"SELECT id, {column} FROM incidents").fetchall())


def ids(*numbers: int) -> set[str]:
    return {str(number) for number in numbers}


def test_all_pages_arrive_once_and_leave_nothing_behind(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 36)))
    report = run(portal, settings)
    assert (report.rows, report.pages, report.resumed_pages) == (35, 4, 0)
    assert report.ingest is not None
    assert (report.ingest.read, report.ingest.accepted) == (35, 35)
    assert set(stored(settings)) == ids(*range(1, 36))
    assert not Spool(settings.home, "chicago").folder.exists()


def test_a_portal_that_caps_its_pages_is_read_to_the_end(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 36)))
    portal.most_rows = 4
    assert run(portal, settings, page_size=1_000).rows == 35


def test_many_incidents_updated_at_one_moment_are_paged_by_id(
    portal: SocrataServer, settings: Settings
) -> None:
    same = "2018-02-10T15:50:01.000"
    portal.put(*(incident(number, updated_on=same) for number in range(1, 32)))
    assert run(portal, settings).rows == 31
    assert len(stored(settings)) == 31


def test_a_row_that_changes_while_pages_are_fetched_is_not_lost(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 41)))

    def change(answered: int) -> None:
        if answered == 2:
            newer = {"updated_on": "2018-05-01T00:00:00.000", "arrest": "true"}
            portal.put(incident(2, **newer), incident(35, **newer), incident(0, **newer))

    portal.after_page = change
    report = run(portal, settings)
    assert set(stored(settings)) == ids(*range(41))
    assert report.ingest is not None
    assert (report.ingest.duplicates, report.ingest.differing) == (0, 1)
    arrests = stored(settings, "arrest")
    assert {key for key, arrest in arrests.items() if arrest} == ids(0, 2, 35)


def test_rows_without_an_update_are_fetched_by_the_day_of_the_incident(
    portal: SocrataServer, settings: Settings
) -> None:
    old = "2017-12-31T23:59:00.000"
    portal.put(*(incident(number, updated_on=None) for number in range(1, 16)))
    portal.put(incident(16), incident(17, updated_on=None, date=old))
    assert run(portal, settings).rows == 16
    assert set(stored(settings)) == ids(*range(1, 17))


def test_an_old_incident_updated_since_is_fetched(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(incident(1, date="2009-06-01T10:00:00.000"))
    portal.put(incident(2, updated_on="2017-12-31T23:59:59.000", date="2017-12-01T00:00:00.000"))
    run(portal, settings)
    assert set(stored(settings)) == ids(1)


def test_days_of_the_incident_include_both_ends(portal: SocrataServer, settings: Settings) -> None:
    moments = ("02-28T23:59", "03-01T00:00", "03-31T23:59", "04-01T00:00")
    portal.put(*(incident(n, date=f"2018-{moment}:00.000") for n, moment in enumerate(moments, 1)))
    run(portal, settings, FetchWindow(date(2018, 3, 1), date(2018, 3, 31), "occurred"))
    assert set(stored(settings)) == ids(2, 3)


def test_nothing_new_publishes_nothing(portal: SocrataServer, settings: Settings) -> None:
    report = run(portal, settings)
    assert report.ingest is None
    assert Warehouse(settings.home).current() is None


def test_fetching_the_same_again_keeps_the_snapshot(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(incident(1))
    first, second = run(portal, settings), run(portal, settings)
    assert first.ingest is not None
    assert second.ingest is not None
    assert (second.ingest.published, second.ingest.snapshot) == (False, first.ingest.snapshot)


@pytest.mark.parametrize("fault", ["429", "429-date", "429-bare", "500", "503", "drop", "cut"])
def test_a_passing_fault_is_sat_out(portal: SocrataServer, settings: Settings, fault: str) -> None:
    portal.put(*(incident(number) for number in range(1, 16)))
    portal.faults = ["ok", fault, fault, "ok"]
    assert run(portal, settings).rows == 15
    assert len(stored(settings)) == 15


def test_a_page_that_is_not_json_is_asked_for_again(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 16)))
    portal.faults = ["garbage"]
    assert run(portal, settings).rows == 15


def test_retry_after_is_honoured_up_to_the_longest_wait(
    portal: SocrataServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    portal.put(incident(1))
    portal.faults = ["429", "429-date"]
    patience = Patience(attempts=4, first_wait_s=0.001, longest_wait_s=30)
    run(portal, settings, patience=patience)
    assert waits == [1.0, 0.0]


def test_a_portal_that_stays_down_is_given_up_and_resumed_later(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 36)))
    portal.faults = ["ok", "ok", *["503"] * QUICK.attempts]
    with pytest.raises(UnavailableError, match=r"4 tries.*503.*2 pages \(20 incidents\) are kept"):
        run(portal, settings)
    assert Warehouse(settings.home).current() is None
    asked = len(portal.requests)
    report = run(portal, settings)
    assert (report.rows, report.pages, report.resumed_pages) == (35, 4, 2)
    assert "id > 20" in portal.requests[asked]["$where"]
    assert len(stored(settings)) == 35


def test_another_window_does_not_reuse_the_pages(portal: SocrataServer, settings: Settings) -> None:
    portal.put(*(incident(number) for number in range(1, 16)))
    portal.faults = ["ok", *["500"] * QUICK.attempts]
    with pytest.raises(UnavailableError):
        run(portal, settings)
    report = run(portal, settings, FetchWindow(date(2018, 1, 2), None))
    assert (report.rows, report.resumed_pages) == (15, 0)


def test_a_half_written_page_is_fetched_again(portal: SocrataServer, settings: Settings) -> None:
    portal.put(*(incident(number) for number in range(1, 26)))
    portal.faults = ["ok", "ok", *["500"] * QUICK.attempts]
    with pytest.raises(UnavailableError):
        run(portal, settings)
    folder = Spool(settings.home, "chicago").folder
    (folder / "page-000003.jsonl.gz.part").write_bytes(b"\x1f\x8b half")
    assert run(portal, settings).rows == 25
    assert len(stored(settings)) == 25


def test_a_refused_query_tells_the_portals_own_words(
    portal: SocrataServer, settings: Settings
) -> None:
    guarded = Settings(home=settings.home, fetch_token=WRONG)
    with pytest.raises(InputError, match=r"403 Forbidden\): Invalid app_token specified"):
        run(portal, guarded)
    assert len(portal.requests) == 1


def test_the_token_travels_in_its_header_only(
    portal: SocrataServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    portal.put(incident(1))
    report = run(portal, Settings(home=settings.home, fetch_token=TOKEN))
    assert set(portal.tokens) == {TOKEN}
    assert TOKEN not in json.dumps(portal.requests)
    assert TOKEN not in json.dumps(report.as_dict(), default=str)
    assert TOKEN not in caplog.text
    kept = [path for path in settings.home.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in kept)


def test_a_portal_that_ignores_the_order_is_noticed(
    portal: SocrataServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.put(*(incident(number) for number in range(1, 16)))
    answer = portal.answer
    monkeypatch.setattr(portal, "answer", lambda asked: answer(asked)[::-1])
    with pytest.raises(UnavailableError, match="requested order"):
        run(portal, settings)


def test_a_second_fetch_of_the_same_source_is_kept_out(
    portal: SocrataServer, settings: Settings
) -> None:
    with Spool(settings.home, "chicago").lock(), pytest.raises(BusyError):
        run(portal, settings)


def arguments(portal: SocrataServer) -> list[str]:
    return ["chicago", "--since", "2018-01-01", "--url", portal.url, "--page-size", "10", "--json"]


def test_killed_between_pages_it_goes_on_from_the_last_complete_one(
    portal: SocrataServer, settings: Settings
) -> None:
    portal.put(*(incident(number) for number in range(1, 36)))
    portal.faults = ["ok", "ok", "hang"]
    environment = {**os.environ, "PATROLIQ_HOME": str(settings.home)}
    program = "from analytics.cli.fetch import command; command()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments(portal)],
        env=environment,
        cwd=ROOT,
    )
    assert portal.hanging.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    portal.released.set()
    report = run(portal, settings)
    assert (report.rows, report.resumed_pages) == (35, 2)
    assert len(stored(settings)) == 35


def test_the_command_prints_its_counts_as_json(portal: SocrataServer, tmp_path: Path) -> None:
    portal.put(*(incident(number) for number in range(1, 26)))
    outcome = CliRunner(env={"PATROLIQ_HOME": str(tmp_path)}).invoke(command, arguments(portal))
    assert outcome.exit_code == 0, outcome.output
    result = json.loads(outcome.stdout)
    assert result["read"] == result["accepted"] + result["quarantined"] + result["duplicates"]
    assert (result["source"], result["rows"], result["pages"]) == ("chicago", 25, 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["chicago"], "--since"),
        (["chicago", "--since", "2018-13-01"], "2018-13-01"),
        (["chicago", "--since", "01/02/2018"], "not a day such as 2026-01-31"),
        (["chicago", "--since", "20180101"], "not a day such as 2026-01-31"),
        (["chicago", "--since", "2018-02-01", "--until", "2018-01-01"], "before --since"),
        (["chicago", "--since", "2018-02-01", "--page-size", "0"], "--page-size"),
    ],
)
def test_nonsense_is_refused_before_anything_is_asked(given: list[str], message: str) -> None:
    outcome = CliRunner().invoke(command, given)
    assert outcome.exit_code == 2
    assert message in outcome.output
