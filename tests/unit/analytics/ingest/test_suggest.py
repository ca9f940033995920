"""Proposing a source for an unknown file."""

from __future__ import annotations

import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.errors import InputError
from analytics.ingest.suggest import Suggestion, suggest
from analytics.sources.source import Source

ROWS = 60
START = datetime(2023, 1, 30, 9, 5)


def table(form: str) -> pl.DataFrame:
    """An invented agency's file, with its dates written as `form`."""
    chance = random.Random(3)  # noqa: S311
    when = [START + timedelta(hours=7 * number) for number in range(ROWS)]
    return pl.DataFrame(
        {
            "Report No": [f"23-{number:05d}" for number in range(ROWS)],
            "Occurred": [moment.strftime(form) for moment in when],
            "Last Updated": [(moment + timedelta(days=3)).strftime(form) for moment in when],
            "Offense Category": [chance.choice(["THEFT", "ROBBERY"]) for _ in when],
            "Offense Description": [chance.choice(["A", "B", "C"]) for _ in when],
            "Offense Code": [chance.choice(["0101", "0202"]) for _ in when],
            "Arrest Made": [chance.choice(["Y", "N"]) for _ in when],
            "Beat": [chance.choice(["011", "012"]) for _ in when],
            "Neighborhood": [chance.choice(["North", "South"]) for _ in when],
            "Hundred Block": [f"{number % 9}00 MAIN ST" for number in range(ROWS)],
            "Weapon": [chance.choice(["KNIFE", "NONE"]) for _ in when],
            "Lat": [f"{41.8 + chance.random() / 10:.5f}" for _ in when],
            "Long": [f"{-87.7 + chance.random() / 10:.5f}" for _ in when],
        }
    )


def proposed(suggestion: Suggestion, folder: Path) -> Source:
    path = folder / "proposed.toml"
    path.write_text(suggestion.toml, encoding="utf-8")
    return Source.load(path)


@pytest.mark.parametrize(
    "form", ["%m/%d/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"]
)
def test_a_proposal_reads_its_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / "Springfield 2023.csv"
    frame = table(form)
    frame.write_csv(path, separator=";")
    suggestion = suggest(path)
    source = proposed(suggestion, tmp_path)
    columns = {name: alternatives[0] for name, alternatives in source.columns.items()}
    assert columns == {
        "id": "Report No",
        "type": "Offense Category",
        "description": "Offense Description",
        "code": "Offense Code",
        "arrest": "Arrest Made",
        "beat": "Beat",
        "area": "Neighborhood",
        "block": "Hundred Block",
        "lat": "Lat",
        "lon": "Long",
    }
    assert source.padding == {"code": 4, "beat": 3}
    assert source.timezone == "America/Chicago"
    assert [attribute.name for attribute in source.attributes] == ["weapon"]
    assert "reported" in source.missing
    assert (suggestion.rows, suggestion.refused) == (ROWS, 0)
    first = suggestion.shown.row(0, named=True)
    assert first["occurred_from"] == START
    assert first["arrest"] == (frame["Arrest Made"][0] == "Y")
    assert first["attr_weapon"] == frame["Weapon"][0]


def test_a_time_in_a_column_of_its_own_is_found(tmp_path: Path) -> None:
    path = tmp_path / "split.csv"
    frame = table("%m/%d/%Y").with_columns(
        pl.Series("Occurred Time", [f"{(n * 7 + 9) % 24:02d}05" for n in range(ROWS)])
    )
    frame.write_csv(path)
    suggestion = suggest(path)
    assert suggestion.shown["occurred_from"][0] == START
    assert proposed(suggestion, tmp_path).dates["occurred_from"].time == ("Occurred Time",)


def test_a_file_of_months_gets_no_hours(tmp_path: Path) -> None:
    path = tmp_path / "months.csv"
    table("%Y-%m").drop("Report No", "Last Updated").write_csv(path)
    suggestion = suggest(path)
    source = proposed(suggestion, tmp_path)
    assert (source.precision, source.missing_id) == ("month", "content")
    assert any("whole content" in note for note in suggestion.notes)


def test_archives_json_and_parquet_are_understood(tmp_path: Path) -> None:
    frame = table("%Y-%m-%dT%H:%M:%S")
    packed = tmp_path / "file.csv.gz"
    packed.write_bytes(gzip.compress(frame.write_csv().encode()))
    lines = tmp_path / "file.jsonl"
    frame.write_ndjson(lines)
    parquet = tmp_path / "file.parquet"
    frame.write_parquet(parquet)
    for path in (packed, lines, parquet):
        assert suggest(path).shown["occurred_from"][0] == START


def test_the_proposal_prints_as_a_source_file_with_its_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    table("%Y-%m-%d %H:%M").write_csv(path)
    suggestion = suggest(path)
    text = "\n".join(suggestion.lines())
    assert Source.parse(text, path).name == "file"
    assert "#   id=23-00000" in text
    assert json.dumps(suggestion.as_dict(), default=str)


def test_a_column_that_may_indicate_arrests_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    table("%Y-%m-%d %H:%M").rename({"Arrest Made": "x", "Weapon": "Status"}).write_csv(path)
    assert any("'Status' may indicate arrests" in note for note in suggest(path).notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n", r"no column looks like the date .* \(a, b\)"), ("", "has no rows")],
)
def test_a_file_without_incidents_says_so(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        suggest(path)
