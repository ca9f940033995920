"""`patroliq query` on a small snapshot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.snapshots import SmallCity, build, serve

VIEWS = (
    *("total", "type", "group", "hour", "weekday", "hour_weekday", "day", "month"),
    *("district", "beat", "ward", "area", "location_type", "arrest", "domestic"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallCity]:
    home = tmp_path_factory.mktemp("home")
    city = build(home / "snapshots" / "small-1-400", seed=1)
    serve(city, home)
    return home, city


def query(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("patroliq")), "query", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PATROLIQ_HOME": str(home)},
        check=False,
    )


def test_json_holds_the_view_the_selection_the_snapshot_and_the_rows(
    home: tuple[Path, SmallCity],
) -> None:
    folder, city = home
    ran = query(folder, "--view", "district", "--selection", "type=robbery&hour=22-02", "--json")
    assert ran.returncode == 0
    assert ran.stderr == ""
    result = json.loads(ran.stdout)
    assert list(result) == ["view", "selection", "snapshot", "rows"]
    assert result["view"] == "district"
    assert result["selection"] == "type=ROBBERY&hour=22-02"
    assert result["snapshot"] == city.snapshot.id
    chosen = [
        row for row in city.rows if row["type"] == "ROBBERY" and row["hour"] in (22, 23, 0, 1, 2)
    ]
    expected = []
    for district in ("001", "002", "011", None):
        here = [row for row in chosen if row["district"] == district]
        if here:
            expected.append(
                {
                    "district": district or "unknown",
                    "incidents": len(here),
                    "arrests": sum(row["arrest"] is True for row in here),
                    "harm": 1460 * len(here),
                }
            )
    assert result["rows"] == expected


@pytest.mark.parametrize("name", ["hour", "weekday", "hour_weekday", "day"])
def test_unknown_times_are_the_word_unknown(home: tuple[Path, SmallCity], name: str) -> None:
    rows = json.loads(query(home[0], "--view", name, "--json").stdout)["rows"]
    bins = name.split("_") if name == "hour_weekday" else [name]
    assert any("unknown" in (row[bin_name] for bin_name in bins) for row in rows)
    assert sum(row["incidents"] for row in rows) == 400


def test_every_listed_view_adds_up_to_all_incidents(home: tuple[Path, SmallCity]) -> None:
    from click.testing import CliRunner

    from analytics.cli.query import command

    runner = CliRunner(env={"PATROLIQ_HOME": str(home[0])})
    for name in VIEWS:
        ran = runner.invoke(command, ["--view", name, "--json"])
        assert sum(row["incidents"] for row in json.loads(ran.stdout)["rows"]) == 400, name


def test_people_get_a_sentence_and_aligned_columns(home: tuple[Path, SmallCity]) -> None:
    lines = query(home[0], "--view", "district", "--selection", "type=ROBBERY").stdout.splitlines()
    assert lines[0].startswith("Robberies, ")
    assert lines[1].split() == ["district", "incidents", "arrests", "harm"]
    ends = {len(line) for line in lines[1:]}
    assert len(ends) == 1


def test_an_unknown_value_is_told_on_standard_error_and_finds_nothing(
    home: tuple[Path, SmallCity],
) -> None:
    ran = query(home[0], "--view", "type", "--selection", "district=77", "--json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["rows"] == []
    assert '"77"' in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--view", "nosuch"),
        ("--selection", "hour=99"),
        ("--selection", "nosuch=1"),
        ("--selection", "sel=abc"),
        ("--selection", "premise=1..2"),
    ],
)
def test_nonsense_is_refused_in_words(
    home: tuple[Path, SmallCity], arguments: tuple[str, ...]
) -> None:
    ran = query(home[0], *arguments, "--json")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("patroliq: ")
    assert "Traceback" not in ran.stderr


def test_without_data_the_message_says_what_to_do(tmp_path: Path) -> None:
    ran = query(tmp_path, "--json")
    assert ran.returncode == 1
    assert "patroliq demo" in ran.stderr
