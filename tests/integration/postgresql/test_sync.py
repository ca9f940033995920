"""A database of PostgreSQL as a feed, and the notes on feeds in another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from analytics.errors import UnavailableError
from analytics.settings import Settings
from analytics.sync.run import KindReport, sync
from tests.integration.fed_town import TOWN, FedTown, record

SYNC = """
[sync]
database = "TOWN_DATABASE"
query = '''
SELECT number AS "Number", at AS "When", offense AS "Offense", lat AS "place.lat",
       lon AS "place.lon", changed AS "Changed"
FROM log WHERE changed >= :watermark
'''
watermark = "Changed"
start = 2026-01-01T00:00:00Z
ids = "SELECT number FROM log"
"""
TABLE = """
CREATE TABLE log (number bigint, at timestamp, offense text, lat numeric, lon numeric,
                  changed timestamptz)
"""


@pytest.fixture
def town(
    server: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FedTown:
    with connect(server) as connection:
        connection.execute("CREATE DATABASE town")
    with connect(server, "town") as connection:
        connection.execute(TABLE)
    monkeypatch.setenv("TOWN_DATABASE", f"postgresql+psycopg://patroliq@{server}/town")
    town = FedTown(tmp_path / "town", TOWN + SYNC)
    town.settings = replace(town.settings, state_url=settings.state_url)
    return town


def connect(server: str, name: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(f"postgresql://patroliq@{server}/{name}", autocommit=True)


def run(town: FedTown) -> KindReport:
    (report,) = [one for one in sync(town.settings, confirmed=True) if one.kind == "incidents"]
    return report


def test_rows_arrive_once_with_ties_corrections_and_what_is_sent(
    town: FedTown, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = "INSERT INTO log VALUES (%s, '2026-01-02 10:00', %s, 41.88, -87.63, %s)"
    with connect(server, "town") as connection:
        connection.execute(add, (1, "THEFT", "2026-01-03 10:00Z"))
        connection.execute(add, (2, "THEFT", "2026-01-03 10:05Z"))
        assert run(town).all_errors == []
        run(town)
        assert run(town).ingest is None
        connection.execute(add, (3, "THEFT", "2026-01-03 10:05Z"))
        connection.execute(
            "UPDATE log SET offense = 'ARSON', changed = '2026-01-03 10:06Z' WHERE number = 1"
        )
        town.send(record("sent"))
        assert run(town).all_errors == []
    assert town.served() == {"1": "ARSON", "2": "THEFT", "3": "THEFT", "sent": "THEFT"}
    monkeypatch.setenv("TOWN_DATABASE", f"postgresql+psycopg://patroliq@{server}/absent")
    (error,) = run(town).all_errors
    assert isinstance(error, UnavailableError)
