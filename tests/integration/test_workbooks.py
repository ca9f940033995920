"""Which sheets of a workbook are ingested, and what the report says of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from analytics.errors import InputError
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport, NoteKind
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
{keys}
[columns]
id = "id"
occurred_from = "when"
type = "type"
"""
HEADER = ["id", "when", "type"]
SHEETS: dict[str, list[list[Any]]] = {
    "Notes": [["Recorded offenses"], ["As of May"]],
    "May": [HEADER, ["1", "2024-05-06 12:00", "THEFT"], ["2", "2024-05-07 12:00", "THEFT"]],
    "June": [HEADER, ["3", "2024-06-06 12:00", "THEFT"], ["2", "2024-05-07 12:00", "FRAUD"]],
}


def report_of(settings: Settings, folder: Path, keys: str) -> IngestReport:
    path = folder / "town.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    source = Source.parse(TOWN.format(keys=keys), Path("town.toml"))
    return ingest([path], source, settings, dry_run=True)


def test_the_first_sheet_with_the_columns_is_read_and_the_others_are_named(
    settings: Settings, tmp_path: Path
) -> None:
    report = report_of(settings, tmp_path, "")
    assert (report.read, report.accepted) == (2, 2)
    skipped = [note.subject for note in report.notes if note.kind is NoteKind.SHEET_NOT_READ]
    assert skipped == ["town.xlsx/Notes", "town.xlsx/June"]


def test_named_sheets_are_read_and_their_rows_told_apart(
    settings: Settings, tmp_path: Path
) -> None:
    report = report_of(settings, tmp_path, 'sheets = ["May", "June"]')
    assert (report.read, report.accepted, report.differing) == (4, 3, 1)
    (sample,) = report.differing_samples
    assert {(sample.file, sample.line), (sample.kept_file, sample.kept_line)} == {
        ("town.xlsx/May", 3),
        ("town.xlsx/June", 3),
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('sheets = "*"', "town.xlsx/Notes does not look like a file of source 'town'"),
        ('sheets = "July"', r"has no sheet 'July'.*It has: 'Notes', 'May', 'June'"),
        ("skip_lines = 1", r"Missing columns:[\s\S]*No other sheet does, of 'Notes', 'May'"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_named(
    settings: Settings, tmp_path: Path, keys: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        report_of(settings, tmp_path, keys)
