"""Proposing a source for an unknown file."""

from __future__ import annotations

import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from pyproj import Transformer

from analytics.cli.ingest import command
from analytics.errors import InputError
from analytics.ingest.file_context import SourceChoices
from analytics.ingest.proposal import NO_DATE, without
from analytics.ingest.suggest import Suggestion, suggest
from analytics.sources.mapping import Flag
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
    assert any("whole content" in question for question in suggestion.questions)


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


def test_the_command_prints_toml_alone_and_its_json_keeps_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    table("%Y-%m-%d %H:%M").write_csv(path)
    printed = CliRunner().invoke(command, [str(path), "--suggest"], catch_exceptions=False)
    assert Source.parse(printed.stdout, path).name == "file"
    assert "id = 'Report No', sure" in printed.stderr
    as_json = CliRunner().invoke(command, [str(path), "--suggest", "--json"])
    found = json.loads(as_json.stdout)
    assert set(found) == {"toml", "fields", "questions"}
    assert {frozenset(one) for one in found["fields"]} == {
        frozenset({"field", "column", "format", "confidence", "warning"})
    }
    (occurred,) = [one for one in found["fields"] if one["field"] == "occurred_from"]
    assert (occurred["column"], occurred["format"]) == ("Occurred", "%Y-%m-%d %H:%M")
    assert 0.8 <= occurred["confidence"] <= 1
    assert found["toml"] + "\n" == printed.stdout or found["toml"] == printed.stdout


def test_a_column_that_may_indicate_arrests_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    table("%Y-%m-%d %H:%M").rename({"Arrest Made": "x", "Weapon": "Status"}).write_csv(path)
    assert any("'Status'" in question for question in suggest(path).questions)


def test_a_status_that_speaks_of_arrests_is_the_arrest(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    words = ["Adult Arrest", "Not Arrested", "Open", "Unfounded"]
    frame = table("%Y-%m-%d %H:%M").drop("Arrest Made")
    frame.with_columns(Status=pl.Series([words[n % 4] for n in range(ROWS)])).write_csv(path)
    suggestion = suggest(path)
    (arrest,) = [one for one in suggestion.fields if one.field == "arrest"]
    assert arrest.column == "Status"
    assert arrest.warning
    assert proposed(suggestion, tmp_path).flags["arrest"] == Flag(("adult arrest",), ("*",))


def test_a_persons_choices_win_and_the_rest_is_proposed_around_them(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    table("%Y-%m-%d %H:%M").write_csv(path)
    columns = {"type": "Offense Description", "description": None, "area": "Beat"}
    suggestion = suggest(
        path, SourceChoices(columns, timezone="America/Denver"), name="Our town.csv"
    )
    found = {one.field: (one.column, one.confidence) for one in suggestion.fields}
    assert found["type"] == ("Offense Description", 1.0)
    assert found["area"] == ("Beat", 1.0)
    assert "description" not in found
    assert "beat" not in found
    source = proposed(suggestion, tmp_path)
    assert (source.name, source.timezone) == ("our_town", "America/Denver")


def test_a_person_answers_the_order_of_dates_and_the_truth_of_zones(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    either = [f"{1 + n % 12:02d}/{1 + n % 7:02d}/2023 20:00" for n in range(ROWS)]
    zoned = [f"2023-01-{1 + n % 12:02d}T20:00:00Z" for n in range(ROWS)]
    frame = table("%Y-%m-%d %H:%M").drop("Last Updated")
    frame.with_columns(Occurred=pl.Series(either), Reported=pl.Series(zoned)).write_csv(path)
    asked = " ".join(suggest(path).questions)
    assert "the day or the month first" in asked
    assert "in UTC" in asked
    suggestion = suggest(path, SourceChoices(day_first=True, local_times=True))
    assert not any("first" in q or "UTC" in q for q in suggestion.questions)
    source = proposed(suggestion, tmp_path)
    assert source.dates["occurred_from"].formats == ("%d/%m/%Y %H:%M",)
    assert source.dates["reported"].ignore_zone
    in_utc = proposed(suggest(path, SourceChoices(local_times=False)), tmp_path)
    assert not in_utc.dates["reported"].ignore_zone


def test_coarse_coordinates_are_taken_by_their_names_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    coarse = {
        "Lat": pl.Series([f"41.{n % 9}" for n in range(ROWS)]),
        "Long": pl.Series(["-87.6"] * ROWS),
    }
    table("%Y-%m-%d %H:%M").with_columns(**coarse).write_csv(path)
    found = {one.field: one for one in suggest(path).fields}
    assert (found["lat"].column, found["lon"].column) == ("Lat", "Long")
    assert found["lat"].warning
    assert found["lon"].warning


def test_a_whole_date_of_the_report_is_better_than_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    when = [START + timedelta(hours=7 * number) for number in range(ROWS)]
    pl.DataFrame(
        {
            "Occurrence_Category": ["THEFT", "ROBBERY"] * (ROWS // 2),
            "Reported_Date": [f"{moment:%Y/%m/%d %H:%M:%S}" for moment in when],
            "Date_Reported": [f"{moment:%Y-%m-%d}" for moment in when],
            "Reported_Year": [str(moment.year) for moment in when],
            "Reported_Month": [str(moment.month) for moment in when],
            "Reported_Day": [str(moment.day) for moment in when],
        }
    ).write_csv(path)
    found = {one.field: one for one in suggest(path).fields}
    assert found["type"].column == "Occurrence_Category"
    assert found["occurred_from"].column in {"Reported_Date", "Date_Reported"}
    assert found["occurred_from"].warning
    assert "occurred_from.year" not in found


def test_projected_coordinates_need_a_persons_answer(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    frame = table("%Y-%m-%d %H:%M").drop("Lat", "Long")
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3435", always_xy=True).transform(-87.65, 41.85)
    east = pl.Series([f"{x + 10 * n:.1f}" for n in range(ROWS)])
    north = pl.Series([f"{y + 10 * n:.1f}" for n in range(ROWS)])
    frame.with_columns(X_COORD=east, Y_COORD=north).write_csv(path)
    unanswered = suggest(path)
    assert any("coordinate system" in question for question in unanswered.questions)
    assert "x" not in proposed(unanswered, tmp_path).columns
    answered = suggest(path, SourceChoices(crs="EPSG:3435"))
    assert not any("coordinate system" in question for question in answered.questions)
    assert answered.shown["lat"][0] == pytest.approx(41.85, abs=1e-5)


def test_a_key_that_is_not_valid_is_left_out() -> None:
    whole = {"name": "a", "columns": {"id": ["x"], "block": 3, "occurred_from": ["d"]}}
    kept = {"id": ["x"], "occurred_from": ["d"]}
    assert without(whole, "columns.block") == {"name": "a", "columns": kept}
    assert without(whole, "columns.id") == {
        "name": "a",
        "columns": {"block": 3, "occurred_from": ["d"]},
        "missing_id": "content",
    }
    undated = without(whole, "columns.occurred_from.year")
    assert undated is not None
    assert undated["columns"]["occurred_from"] == [*NO_DATE]
    assert without(undated, "columns.occurred_from") is None
    assert without(whole, "name") is None


def test_a_file_without_dates_is_proposed_in_part(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("crime,b\n" + "THEFT,2\nROBBERY,3\n" * 9)
    suggestion = suggest(path)
    assert [(one.field, one.column) for one in suggestion.fields] == [("type", "crime")]
    assert any("time of occurrence" in question for question in suggestion.questions)
    assert proposed(suggestion, tmp_path).dates["occurred_from"].date == NO_DATE


@pytest.mark.parametrize(
    ("name", "value", "seems"),
    [("發生日期", "1120105", "Republic of China"), ("Fecha", "5-enero-2023", "not known")],
)
def test_dates_in_unknown_forms_are_asked_about(
    tmp_path: Path, name: str, value: str, seems: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{name},crime\n" + f"{value},THEFT\n" * 9)
    assert any(seems in question for question in suggest(path).questions)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("Date", "1680984660000", "unix_ms"),
        ("Date", "1680984660", "unix"),
        ("Date", "45024.84097222222", "excel"),
    ],
)
def test_numbers_that_stand_for_times_are_read(
    tmp_path: Path, name: str, value: str, form: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{name},crime\n" + f"{value},THEFT\n" * 9)
    suggestion = suggest(path)
    assert proposed(suggestion, tmp_path).dates["occurred_from"].formats == (form,)
    assert suggestion.shown["occurred_from"][0] == datetime(2023, 4, 8, 20, 11)


def test_the_sheet_with_the_rows_is_read_below_its_title(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    frame = table("%Y-%m-%d %H:%M")
    with xlsxwriter.Workbook(path) as book:
        about = book.add_worksheet("About")
        for at in range(3):
            about.write_row(at, 0, ["Police", "2023"])
        sheet = book.add_worksheet("Data")
        for at, row in enumerate([["Incidents of the year"], [], frame.columns, *frame.rows()]):
            sheet.write_row(at, 0, row)
    suggestion = suggest(path)
    source = proposed(suggestion, tmp_path)
    assert (source.sheets, source.skip_lines) == (("Data",), 2)
    assert (suggestion.rows, suggestion.refused) == (ROWS, 0)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("")
    with pytest.raises(InputError, match="has no rows"):
        suggest(path)
