"""`patroliq changes` on the small city, against SQL."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from analytics.cli import patroliq
from analytics.incidents.warehouse import Warehouse

KEYS = {"type", "district", "count", "expected", "low", "high", "p", "q", "tier"}
AS_OF = "2026-09-30"


@pytest.fixture(autouse=True)
def home(city_of_8000: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    return city_of_8000


def run(*words: str) -> str:
    done = CliRunner().invoke(patroliq, ["changes", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_counts_are_those_of_the_data(home: Path) -> None:
    rows = json.loads(run("--as-of", AS_OF, "--days", "28", "--by", "type,district", "--json"))
    assert all(row.keys() == KEYS for row in rows)
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        counted = connection.execute(
            f"""SELECT type, district, count(*) FROM incidents
            WHERE operational_day BETWEEN DATE '{AS_OF}' - 27 AND DATE '{AS_OF}'
            AND type IS NOT NULL AND district IS NOT NULL GROUP BY ALL"""
        ).fetchall()
    expected = {(kind, district): number for kind, district, number in counted}
    found = {(row["type"], row["district"]): row["count"] for row in rows if row["count"]}
    assert found == expected


def test_rows_can_be_by_type_alone_and_of_a_selection() -> None:
    rows = json.loads(run("--as-of", AS_OF, "--by", "type", "--json"))
    assert {"type", "district"} & rows[0].keys() == {"type"}
    chosen = json.loads(
        run("--as-of", AS_OF, "--by", "district", "--selection", "type=THEFT", "--json")
    )
    theft = next(row["count"] for row in rows if row["type"] == "THEFT")
    assert sum(row["count"] for row in chosen) <= theft
    assert "counts tested together" in run("--as-of", AS_OF)


def test_harm_has_its_largest_contributor_and_what_is_left_without_homicide(home: Path) -> None:
    words = ("--as-of", AS_OF, "--days", "28", "--by", "district", "--measure", "harm")
    rows = json.loads(run(*words, "--json"))
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        summed = connection.execute(
            f"""SELECT district, type, sum(harm_days) FROM incidents
            WHERE operational_day BETWEEN DATE '{AS_OF}' - 27 AND DATE '{AS_OF}'
            AND district IS NOT NULL AND harm_days > 0 GROUP BY ALL"""
        ).fetchall()
    for row in rows:
        own = {kind: int(days) for district, kind, days in summed if district == row["district"]}
        assert row["harm"] == sum(own.values())
        assert row["without_homicide"] == row["harm"] - own.get("HOMICIDE", 0)
        assert row["largest_days"] == max(own.values(), default=0)
        assert row["largest"] is None or own[row["largest"]] == row["largest_days"]
        assert row["expected"] is None or row["low"] <= row["expected"] <= row["high"]
    assert sum(row["expected"] is not None for row in rows) > 5
    assert "harm of" in run(*words)
    refused = CliRunner().invoke(patroliq, ["changes", *words, "--totals"])
    assert refused.exit_code != 0


def test_a_period_can_be_given_by_its_ends_or_as_the_year_to_date() -> None:
    by_days = run("--as-of", AS_OF, "--days", "273", "--json")
    assert by_days == run("--from", "2026-01-01", "--to", AS_OF, "--json")
    assert by_days == run("--as-of", AS_OF, "--year-to-date", "--json")
    assert any(row["expected"] for row in json.loads(by_days))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--by", "district,beat"), "--by takes type"),
        (("--by", "hour"), "not a valid area level"),
        (("--as-of", "1999-01-01"), "the data has days from"),
        (("--as-of", AS_OF, "--days", "366"), "needs 2 such periods"),
        (("--as-of", "2024-02-15", "--days", "28"), "needs 5 such periods"),
        (("--from", "2026-10-01", "--to", AS_OF), "the period ends before it"),
        (("--days", "7", "--year-to-date"), "Give one of --days"),
        (("--to", AS_OF, "--as-of", AS_OF), "give one"),
    ],
)
def test_what_cannot_be_compared_is_said(words: tuple[str, ...], message: str) -> None:
    done = CliRunner().invoke(patroliq, ["changes", *words])
    assert done.exit_code != 0
    assert message in done.output + str(done.exception)
