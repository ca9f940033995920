"""Portals and the queries put to them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analytics.errors import InputError, UnavailableError
from analytics.fetch.portal import Portal, bundled_portals, checked_url
from analytics.fetch.socrata import Socrata
from analytics.fetch.window import (
    START,
    START_WITHOUT_UPDATE,
    Cursor,
    FetchWindow,
    advance_cursor,
    query,
)
from analytics.sources.source import Source

CHICAGO = Portal.load("chicago")
JANUARY = FetchWindow(date(2018, 1, 1), date(2018, 1, 31))


def test_every_bundled_portal_names_a_bundled_source() -> None:
    for name in bundled_portals():
        portal = Portal.load(name)
        assert Source.load(portal.source).name == portal.source
        assert portal.url.startswith("https://")


def test_the_chicago_portal_uses_columns_its_source_reads() -> None:
    source = Source.load("chicago")
    named = {column for columns in source.alternatives().values() for column in columns}
    assert {CHICAGO.id, CHICAGO.occurred, CHICAGO.updated} <= named


def test_the_first_page_asks_for_both_days_whole() -> None:
    asked = query(CHICAGO, JANUARY, START, 50)
    assert asked == {
        "$where": "updated_on >= '2018-01-01T00:00:00.000' AND "
        "updated_on < '2018-02-01T00:00:00.000' AND updated_on IS NOT NULL",
        "$order": "updated_on,id",
        "$limit": "50",
    }


def test_a_further_page_starts_behind_the_last_incident() -> None:
    cursor = Cursor("2018-01-05T15:50:01.000", "12")
    where = query(CHICAGO, JANUARY, cursor, 50)["$where"]
    assert where.endswith(
        " AND (updated_on > '2018-01-05T15:50:01.000' OR "
        "(updated_on = '2018-01-05T15:50:01.000' AND id > 12))"
    )


def test_incidents_without_an_update_are_limited_by_their_own_day() -> None:
    asked = query(CHICAGO, JANUARY, START_WITHOUT_UPDATE, 50)
    assert asked["$order"] == "id"
    assert asked["$where"].startswith("date >= '2018-01-01T00:00:00.000'")
    assert asked["$where"].endswith("updated_on IS NULL")


@pytest.mark.parametrize(
    "row",
    [
        {"id": "1 OR 1=1", "updated_on": "2018-01-05T15:50:01.000"},
        {"id": "1", "updated_on": "2018' OR '1'='1"},
        {"id": "1"},
        {"updated_on": "2018-01-05T15:50:01.000"},
    ],
)
def test_what_a_portal_returns_cannot_become_part_of_a_query(row: dict[str, str]) -> None:
    with pytest.raises(UnavailableError):
        advance_cursor(CHICAGO, START, [row])


def test_a_text_id_is_quoted() -> None:
    portal = Portal("x", "https://x.test", "abcd-1234", "id", "text", "date", "updated")
    where = query(portal, JANUARY, Cursor("2018-01-05T15:50:01.000", "O'Hare"), 5)["$where"]
    assert where.endswith("id > 'O''Hare'))")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://data.example.org",
        "data.example.org",
        "https://",
        "https://user:secret@data.example.org",
        "https://data.example.org?x=1",
        "https://data.example.org:99999",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError) as refused:
        checked_url(url)
    assert "secret" not in str(refused.value)


def test_a_token_is_not_sent_unencrypted() -> None:
    with pytest.raises(InputError, match="only sent over https"):
        Socrata(CHICAGO.at("http://data.example.org"), "s3cret")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('dataset = "ijzp"', "dataset"),
        ('id_type = "integer"', "id_type"),
        ('occurred = "date; drop"', "occurred"),
        ('color = "red"', "color"),
    ],
)
def test_a_wrong_key_of_a_portal_file_is_named(tmp_path: Path, line: str, message: str) -> None:
    keys = {
        **{"source": "chicago", "url": "https://x.test", "dataset": "abcd-1234", "id": "id"},
        **{"id_type": "number", "occurred": "date", "updated": "updated_on"},
    }
    keys.pop(line.split(" ", maxsplit=1)[0], None)
    path = tmp_path / "agency.toml"
    path.write_text("\n".join([*(f'{key} = "{value}"' for key, value in keys.items()), line]))
    with pytest.raises(InputError, match=message):
        Portal.load(str(path))


def test_an_unknown_portal_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="chicago"):
        Portal.load("gotham")
