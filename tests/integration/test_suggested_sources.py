"""What `--suggest` proposes is counted over the whole file, and reads the file it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.suggest import Suggestion, suggest
from analytics.settings import Settings
from analytics.sources.source import Source

ROWS = 300
START = datetime(2023, 1, 1, 0, 30)


def hours(rows: int, step: float = 5) -> list[datetime]:
    return [START + timedelta(hours=step * number) for number in range(rows)]


def incidents(**columns: Sequence[str]) -> pl.DataFrame:
    """A file with an id, places in Chicago and further columns."""
    rows = len(next(iter(columns.values())))
    return pl.DataFrame(
        {
            "ID": [f"a{number:06d}" for number in range(rows)],
            **columns,
            "Type": ["THEFT" if number % 3 else "ROBBERY" for number in range(rows)],
            "Lat": [f"{41.8 + number % 97 / 1000:.5f}" for number in range(rows)],
            "Lon": [f"{-87.7 + number % 89 / 1000:.5f}" for number in range(rows)],
        }
    )


def proposed(frame: pl.DataFrame, folder: Path) -> Suggestion:
    path = folder / "town.csv"
    frame.write_csv(path)
    return suggest(path)


def source_of(suggestion: Suggestion, folder: Path) -> Source:
    """The source in what the command prints."""
    path = folder / "printed.toml"
    path.write_text(suggestion.toml, encoding="utf-8")
    return Source.load(path)


def loaded(suggestion: Suggestion, folder: Path) -> dict[str, datetime]:
    """Ingest the file with the printed source: id and time of what was accepted."""
    source = source_of(suggestion, folder)
    report = ingest([folder / "town.csv"], source, Settings(home=folder / "home"))
    assert report.quarantined == suggestion.refused
    current = Warehouse(folder / "home").current()
    assert current is not None
    with duckdb.connect(str(current.database), read_only=True) as connection:
        return dict(connection.execute("SELECT id, occurred_from FROM incidents").fetchall())


def by_id(moments: Sequence[datetime]) -> dict[str, datetime]:
    return {f"a{number:06d}": moment for number, moment in enumerate(moments)}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("Hour", lambda moment: str(moment.hour)),
        ("Occurred Hr", lambda moment: f"{moment.hour:02d}"),
        ("HOUR", lambda moment: f"{moment.hour}.0"),
        ("Hour of day", lambda moment: str(moment.hour or 24)),
    ],
)
def test_an_hour_column_is_hours_and_not_minutes(
    tmp_path: Path, name: str, write: Callable[[datetime], str]
) -> None:
    moments = [moment.replace(minute=0) for moment in hours(ROWS)]
    frame = incidents(
        Date=[moment.strftime("%Y-%m-%d") for moment in moments],
        **{name: [write(moment) for moment in moments]},
    )
    suggestion = proposed(frame, tmp_path)
    assert source_of(suggestion, tmp_path).dates["occurred_from"].time_formats == ("%H",)
    assert suggestion.refused == 0
    day = timedelta(days=name == "Hour of day")  # 24 is the midnight at the end of the day
    expected = [moment + day if moment.hour == 0 else moment for moment in moments]
    assert loaded(suggestion, tmp_path) == by_id(expected)


def test_digits_of_military_time_are_hours_and_minutes(tmp_path: Path) -> None:
    moments = hours(ROWS, 5.1)
    frame = incidents(
        Date=[moment.strftime("%m/%d/%Y") for moment in moments],
        Time=[str(int(moment.strftime("%H%M"))) for moment in moments],
    )
    assert "30" in frame["Time"].to_list()
    suggestion = proposed(frame, tmp_path)
    assert source_of(suggestion, tmp_path).dates["occurred_from"].time_formats == ("%H%M",)
    assert loaded(suggestion, tmp_path) == by_id([m.replace(second=0) for m in moments])


def test_a_few_unreadable_times_are_counted_and_never_midnight(tmp_path: Path) -> None:
    moments = hours(ROWS)
    clocks = [moment.strftime("%H:%M") for moment in moments]
    clocks[7], clocks[50], clocks[51], clocks[90] = "24:00", "NULL", "NULL", "UNKNOWN"
    frame = incidents(
        **{"Occur Date": [moment.strftime("%Y-%m-%d") for moment in moments], "Klok": clocks}
    )
    suggestion = proposed(frame, tmp_path)
    (note,) = [text for text in suggestion.notes if "'NULL'" in text and "'Klok'" in text]
    assert "3 of 300" in note
    assert "'NULL' (2, first in line 52)" in note
    assert "'UNKNOWN' (1, first in line 92)" in note
    assert suggestion.refused == 3
    expected = by_id(moments)
    for lost in (50, 51, 90):
        del expected[f"a{lost:06d}"]
    expected["a000007"] = datetime(moments[7].year, moments[7].month, moments[7].day + 1)
    assert loaded(suggestion, tmp_path) == expected


def test_rows_without_a_time_are_counted(tmp_path: Path) -> None:
    moments = hours(ROWS)
    clocks = [moment.strftime("%H:%M") for moment in moments]
    clocks[3] = clocks[9] = ""
    days = [moment.strftime("%Y-%m-%d") for moment in moments]
    suggestion = proposed(incidents(Date=days, Time=clocks), tmp_path)
    assert any("empty (2 rows)" in note for note in suggestion.notes)


def test_an_unreadable_date_does_not_lose_the_column(tmp_path: Path) -> None:
    dates = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in hours(ROWS)]
    dates[20] = "NULL"
    suggestion = proposed(incidents(Date=dates), tmp_path)
    assert suggestion.refused == 1
    assert any("'NULL' (1, first in line 22)" in note for note in suggestion.notes)


def test_a_file_sorted_by_day_first_keeps_its_days_and_months(tmp_path: Path) -> None:
    moments = hours(12_000, 1 / 18)
    frame = incidents(date=[moment.strftime("%d/%m/%Y %H:%M") for moment in moments])
    suggestion = proposed(frame, tmp_path)
    source = source_of(suggestion, tmp_path)
    assert source.dates["occurred_from"].formats == ("%d/%m/%Y %H:%M",)
    minutes = [moment.replace(second=0, microsecond=0) for moment in moments]
    assert loaded(suggestion, tmp_path) == by_id(minutes)


def test_dates_that_fit_both_orders_raise_a_question(tmp_path: Path) -> None:
    moments = [moment for moment in hours(4_000, 3) if moment.day <= 12]
    frame = incidents(date=[moment.strftime("%m/%d/%Y %H:%M") for moment in moments])
    questions = proposed(frame, tmp_path).questions
    assert any("the day or the month first" in question for question in questions)
    decided = frame.with_columns(
        Reported=pl.Series([(m + timedelta(days=20)).strftime("%d/%m/%Y %H:%M") for m in moments])
    )
    source = source_of(proposed(decided, tmp_path), tmp_path)
    formats = {date.formats for date in source.dates.values()}
    assert formats == {("%d/%m/%Y %H:%M",)}


def test_a_date_in_the_other_order_is_not_read_as_that(tmp_path: Path) -> None:
    dates = [moment.strftime("%m/%d/%Y") for moment in hours(ROWS)]
    dates[5] = "31/01/2023"
    suggestion = proposed(incidents(Date=dates), tmp_path)
    assert source_of(suggestion, tmp_path).dates["occurred_from"].formats == ("%m/%d/%Y",)
    assert suggestion.refused == 1


def test_columns_with_other_formats_have_them_to_themselves(tmp_path: Path) -> None:
    moments = hours(ROWS)
    frame = incidents(
        Occurred=[moment.strftime("%d/%m/%Y %H:%M") for moment in moments],
        Reported=[moment.strftime("%m/%d/%Y %H:%M") for moment in moments],
    )
    source = source_of(proposed(frame, tmp_path), tmp_path)
    assert source.dates["occurred_from"].formats == ("%d/%m/%Y %H:%M",)
    assert source.dates["reported"].formats == ("%m/%d/%Y %H:%M",)


def test_bounds_are_those_of_the_whole_file_and_say_what_they_drop(tmp_path: Path) -> None:
    rows = 12_000
    moments = hours(rows, 0.1)
    frame = incidents(Date=[moment.strftime("%Y-%m-%d %H:%M") for moment in moments]).with_columns(
        Lat=pl.Series(["41.80000" if at < rows // 2 else "43.10000" for at in range(rows)]),
        Lon=pl.Series(
            ["-87.60000" if at < rows // 2 else "-89.40000" for at in range(rows - 2)]
            + ["10.5"] * 2
        ),
    )
    suggestion = proposed(frame, tmp_path)
    west, south, east, north = source_of(suggestion, tmp_path).coordinates.bounds or (0, 0, 0, 0)
    assert (west < -89.4, -87.6 < east < 10) == (True, True)
    assert (south < 41.8, north > 43.1) == (True, True)
    assert any(note.startswith("2 of 12,000 places are outside") for note in suggestion.notes)


def test_a_repeated_number_is_not_an_id(tmp_path: Path) -> None:
    frame = incidents(Date=[moment.strftime("%Y-%m-%d %H:%M") for moment in hours(11_000, 0.1)])
    often = frame.with_columns(ID=pl.Series([f"a{number // 2:06d}" for number in range(11_000)]))
    assert source_of(proposed(frame, tmp_path), tmp_path).missing_id == "refuse"
    assert source_of(proposed(often, tmp_path), tmp_path).missing_id == "content"


def test_a_number_that_hardly_repeats_is_an_id_with_a_question(tmp_path: Path) -> None:
    frame = incidents(Date=[moment.strftime("%Y-%m-%d %H:%M") for moment in hours(11_000, 0.1)])
    once = frame.with_columns(ID=pl.Series([f"a{max(number, 1):06d}" for number in range(11_000)]))
    suggestion = proposed(once, tmp_path)
    assert source_of(suggestion, tmp_path).missing_id == "refuse"
    assert any("1 of 11,000 values repeat" in question for question in suggestion.questions)


def test_zones_are_converted_and_days_with_a_zone_stay_the_same_day(tmp_path: Path) -> None:
    moments = hours(ROWS)
    frame = incidents(
        Occurred=[f"{(moment + timedelta(hours=6)):%Y-%m-%dT%H:%M:%S}Z" for moment in moments],
        Reported=[f"{moment:%Y-%m-%d}T00:00:00Z" for moment in moments],
    ).head(150)  # winter
    suggestion = proposed(frame, tmp_path)
    source = source_of(suggestion, tmp_path)
    assert (source.dates["occurred_from"].ignore_zone, source.dates["reported"].ignore_zone) == (
        False,
        True,
    )
    assert loaded(suggestion, tmp_path) == by_id(moments[:150])


AWKWARD = {
    "Zone": ["A\x01b", 'say "C:\\x"'],
    "Total": ["1", "2"],
    'Weapon "used"\\': ["KNIFE\x7f", "NONE\x0b"],
}


@pytest.mark.parametrize(
    "form",
    [
        "%m/%d/%y %H:%M",
        "%Y.%m.%d",
        "%m-%d-%Y %H:%M",
        "%d-%b-%Y",
        "%d.%m.%Y %H:%M:%S",
        "%b %d, %Y %I:%M %p",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y%m%d",
        "%Y-%m-%dT%H:%M:%S-06:00",
        "%Y-%m-%d %H:%M:%S America/Chicago",
        "%Y-%m-%d %H:%M CST",
    ],
)
def test_what_is_printed_loads_and_reads_its_file(tmp_path: Path, form: str) -> None:
    moments = hours(ROWS)[:150]
    awkward = {name: [texts[at % 2] for at in range(150)] for name, texts in AWKWARD.items()}
    frame = incidents(Date=[moment.strftime(form) for moment in moments], **awkward)
    suggestion = proposed(frame, tmp_path)
    whole_days = "%H" not in form and "%I" not in form
    expected = [m.replace(hour=0, minute=0) if whole_days else m for m in moments]
    assert suggestion.refused == 0
    assert loaded(suggestion, tmp_path) == by_id(expected)
