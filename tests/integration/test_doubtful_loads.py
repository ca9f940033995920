"""A first load that loses much waits for a confirmation; oddities of any load are pointed out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from analytics.errors import IncompleteError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.doubts import Doubt, DoubtKind
from analytics.ingest.oddities import changed_hours
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport, Note, NoteKind, UnconfirmedError
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "offense"
{keys}
[columns]
id = "id"
occurred_from = "when"
lat = "Y"
lon = "X"
[dates]
formats = ["%Y-%m-%d %H:%M"]
[coordinates]
bounds = [-88, 41, -87, 43]
"""
HEADER = "id;when;Y;X\n"
START = datetime(2024, 1, 1, 0, 7)
Run = Callable[..., IngestReport]


def row(number: int, place: str = "", when: str = "") -> str:
    """A row whose time and place no other has."""
    moment = START + number * timedelta(hours=7, minutes=11)
    return (
        f"{number};{when or moment.strftime('%Y-%m-%d %H:%M')};"
        f"{place or f'41.{88000 + number};-87.{63000 + number}'}\n"
    )


def rows(count: int, place: str = "", when: str = "") -> str:
    return "".join(row(number, place, when) for number in range(count))


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    def write_and_ingest(text: str, keys: str = "", **options: bool) -> IngestReport:
        path = tmp_path / "town.csv"
        path.write_text(HEADER + text, encoding="utf-8")
        source = Source.parse(TOWN.format(keys=keys), Path("town.toml"))
        return ingest([path], source, settings, **options)

    return write_and_ingest


def notes(report: IngestReport, kinds: Iterable[NoteKind]) -> list[Note]:
    return [note for note in report.notes if note.kind in {*kinds}]


def test_a_first_load_with_many_refused_rows_waits_for_confirmation(
    run: Run, settings: Settings
) -> None:
    text = rows(94) + "".join(f"x{number};unknown;;\n" for number in range(6))
    with pytest.raises(UnconfirmedError) as error:
        run(text)
    doubt = Doubt(DoubtKind.ROWS, 6, 100, ("when",), "unreadable date")
    assert error.value.report.doubts == (doubt,)
    assert Warehouse(settings.home).current() is None
    report = run(text, confirmed=True)
    assert report.published
    assert isinstance(report.failure(), IncompleteError)
    later = run(rows(96) + "".join(f"x{number};unknown;;\n" for number in range(6)))
    assert later.published


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ("-87.63;41.88", "[coordinates] swapped = true"),
        ("41,88;-87,63", 'decimal = ","'),
        ("41.87-41.89;-87.64--87.62", "[coordinates] ranges = true"),
        ("1175817;1899474", ""),
    ],
)
def test_a_first_load_that_loses_places_says_which_key_may_help(
    run: Run, place: str, remedy: str
) -> None:
    with pytest.raises(UnconfirmedError) as error:
        run(rows(57) + "".join(row(number, place) for number in range(57, 60)))
    (doubt,) = error.value.report.doubts
    assert (doubt.kind, doubt.lost, doubt.of) == (DoubtKind.PLACES, 3, 60)
    assert doubt.columns == ("Y", "X")
    with pytest.raises(UnconfirmedError) as error:
        run(rows(60, place))
    assert error.value.report.doubts[0].remedy == remedy


def test_few_rows_and_small_losses_need_no_confirmation(run: Run) -> None:
    assert run(rows(20, "0.5;0.5"), replace=True).doubts[0].lost == 20
    report = run(rows(99) + row(99, "0.5;0.5"), replace=True)
    assert (report.published, report.doubts) == (True, ())


def test_heaps_at_one_time_and_one_place_are_pointed_out_after_a_first_load(run: Run) -> None:
    heap = "".join(
        row(number, "41.9;-87.7", f"2024-03-{1 + number % 28:02d} 00:00")
        for number in range(1000, 1030)
    )
    kinds = (NoteKind.TIME_HEAP, NoteKind.PLACE_HEAP)
    first = run(rows(200) + heap)
    assert notes(first, kinds) == [
        Note(NoteKind.TIME_HEAP, "00:00", 30),
        Note(NoteKind.PLACE_HEAP, "41.900000, -87.700000", 30),
    ]
    assert notes(run(rows(210)), kinds) == []
    assert notes(run(rows(60), replace=True), kinds) == []


def test_times_in_missing_and_repeated_hours_are_kept_and_counted(run: Run) -> None:
    moments = [
        *("2024-03-10 01:59", "2024-03-10 02:00", "2024-03-10 02:59", "2024-03-10 03:00"),
        *("2024-11-03 00:59", "2024-11-03 01:00", "2024-11-03 02:00"),
    ]
    report = run("".join(row(at, when=moment) for at, moment in enumerate(moments)))
    assert report.accepted == len(moments)
    assert sorted(notes(report, (NoteKind.MISSING_HOUR, NoteKind.REPEATED_HOUR)), key=str) == [
        Note(NoteKind.MISSING_HOUR, "America/Chicago", 2),
        Note(NoteKind.REPEATED_HOUR, "America/Chicago", 1),
    ]


@pytest.mark.parametrize(
    ("timezone", "expected"),
    [
        ("America/Phoenix", []),
        ("Europe/London", ["2024-03-31 01:00", "2024-10-27 01:00"]),
        ("Australia/Lord_Howe", ["2024-04-07 01:30", "2024-10-06 02:00"]),
        ("America/Santiago", ["2024-04-06 23:00", "2024-09-08 00:00"]),
    ],
)
def test_changes_of_clocks_are_those_of_the_zone(timezone: str, expected: list[str]) -> None:
    found = changed_hours(timezone, datetime(2024, 1, 1), datetime(2024, 12, 31))
    assert [f"{start:%Y-%m-%d %H:%M}" for _, start, _ in found] == expected


def test_ids_that_are_one_number_in_several_ways_are_pointed_out(run: Run) -> None:
    assert notes(run(rows(9)), (NoteKind.ID_SPELLINGS,)) == []
    later = run("".join(f"{number}.0;{START:%Y-%m-%d %H:%M};;\n" for number in range(1, 4)))
    (note,) = notes(later, (NoteKind.ID_SPELLINGS,))
    assert (note.count, note.subject, note.before) == (3, "1.0", "1")
    padded = run("10;2024-01-01 10:00;;\n007;2024-01-01 10:00;;\n", replace=True)
    assert notes(padded, (NoteKind.ID_SPELLINGS,)) == []


REPEATED = (
    "a;2024-01-01 10:00;;\na;2024-01-01 10:00;;\na;2024-01-01 11:00;;\nb;2024-01-02 10:00;;\n"
)


def test_rows_with_one_id_and_other_content_may_all_be_kept(run: Run, settings: Settings) -> None:
    keep = 'on_repeat = "keep_all"'
    report = run(REPEATED, keep)
    assert (report.accepted, report.duplicates, report.differing) == (3, 1, 0)
    again = run(REPEATED, keep)
    assert (again.accepted, again.duplicates) == (0, 4)
    current = Warehouse(settings.home).current()
    assert current is not None
    with duckdb.connect(str(current.database), read_only=True) as connection:
        ids = [one for (one,) in connection.execute("SELECT id FROM incidents").fetchall()]
    assert sorted(one.partition("-")[0] for one in ids) == ["a", "a", "b"]


def test_rows_with_one_id_and_other_content_may_all_be_refused(run: Run) -> None:
    refuse = 'on_repeat = "refuse"'
    report = run(REPEATED, refuse)
    assert (report.read, report.accepted, report.quarantined) == (4, 1, 3)
    assert report.reasons == {"id repeated with other content": 3}
    assert report.files[0].refused == 3
    assert report.examples[0]["column"] == "id"
    later = run("b;2024-01-02 10:00;;\nb;2024-01-02 12:00;;\nc;2024-01-03 10:00;;\n", refuse)
    assert (later.accepted, later.quarantined, later.duplicates) == (1, 2, 0)


def test_repeats_are_counted_in_their_own_file_of_two_with_one_name(
    settings: Settings, tmp_path: Path
) -> None:
    paths = [tmp_path / folder / "town.csv" for folder in ("north", "south")]
    for path, text in zip(paths, (row(1), REPEATED), strict=True):
        path.parent.mkdir()
        path.write_text(HEADER + text, encoding="utf-8")
    source = Source.parse(TOWN.format(keys='on_repeat = "refuse"'), Path("town.toml"))
    report = ingest(paths, source, settings, dry_run=True)
    assert [file.refused for file in report.files] == [0, 3]
