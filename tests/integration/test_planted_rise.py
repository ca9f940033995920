"""A rise planted in a real file, as every part of the product tells it: one count, one verdict."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from analytics.cli import patroliq
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from tests.integration.real_sample import FILE

pytestmark = pytest.mark.real_data
COMPLETE, DAYS = date(2018, 6, 30), 28
KIND, DISTRICT = "ROBBERY", "011"
PLANTED = f"""COPY (
    WITH incidents AS (
        SELECT *, strptime("Date", '%m/%d/%Y %I:%M:%S %p')::DATE AS day FROM '{{file}}'
        WHERE "District" IN ('004', '006', '008', '011')
    )
    SELECT * EXCLUDE day FROM incidents WHERE day BETWEEN '2016-01-01' AND '2018-07-28'
    UNION ALL
    SELECT * EXCLUDE day REPLACE (
        900000000 + "ID"::BIGINT AS "ID", 'P' || "Case Number" AS "Case Number"
    )
    FROM incidents
    WHERE "Primary Type" = '{KIND}' AND "District" = '{DISTRICT}'
        AND day BETWEEN '{COMPLETE - timedelta(days=DAYS - 1)}' AND '{COMPLETE}'
) TO '{{chosen}}'"""


@pytest.fixture(scope="module")
def home(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four districts, with each robbery of four weeks in one of them twice."""
    folder = tmp_path_factory.mktemp("planted")
    chosen = folder / "planted.parquet"
    duckdb.execute(PLANTED.format(file=real_data / FILE, chosen=chosen))
    ingest([chosen], Source.load("chicago"), Settings(home=folder / "home"))
    return folder / "home"


@pytest.fixture(autouse=True)
def own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(home))


def run(*words: str) -> Any:
    done = CliRunner().invoke(patroliq, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_change_the_table_the_alert_and_the_briefing_say_the_same(home: Path) -> None:
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    assert snapshot.manifest.last_complete_day == COMPLETE
    changes = run("changes", "--days", str(DAYS), "--by", "type,district")
    change = next(one for one in changes if (one["type"], one["district"]) == (KIND, DISTRICT))
    assert change["tier"] == "clear"
    assert change["count"] > change["high"]

    table = run("compstat", "--rows", "type", "--level", "district")
    row = next(one for one in table["rows"] if (one["type"], one["district"]) == (KIND, DISTRICT))
    cell = row[f"last_{DAYS}_days"]
    assert (cell["count"], cell["tier"]) == (change["count"], "clear")
    assert cell["expected"] == pytest.approx(change["expected"], abs=0.01)

    selection = f"type={KIND}&district={DISTRICT}"
    run("alerts", "watch", "add", "Robbery", "--rule", "change", "--days", str(DAYS),
        "--selection", selection, "--shared")  # fmt: skip
    run("alerts", "check")
    fired = [one for one in run("alerts", "list")["alerts"] if one["watch_list_name"] == "Robbery"]
    assert [one["count"] for one in fired] == [change["count"]]
    assert fired[0]["expected"] == pytest.approx(change["expected"], rel=0.1)

    briefing = run("briefing", "--template", "weekly", "--out", str(home / "weekly.html"))
    said = next(one for one in briefing["cards"] if one["name"] == "changes")
    assert f"{change['count']:,}" in json.dumps(said)
    assert "obber" in json.dumps(said)
