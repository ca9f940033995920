"""The report of an ingest in words, for commands and pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from analytics.formats import percent
from analytics.incidents.manifest import Differing
from analytics.ingest.doubts import DoubtKind
from analytics.ingest.normalize import IN_SCIENTIFIC
from analytics.ingest.report import MOST_DIFFERING, FileReport, IngestReport, Note, NoteKind

NOTES = {
    NoteKind.RETRACTED: "{count:,} rows of retracted incidents were left out; they count as "
    "duplicates.",
    NoteKind.EMPTY_FILE: "{subject} is empty.",
    NoteKind.FILE_ABOUT_DATA: "{subject} was skipped: its name says that it holds no incidents "
    "or calls.",
    NoteKind.SHEET_NOT_READ: "{subject} was not read; name it under sheets in the source to read "
    "it too.",
    NoteKind.MISSING_HOUR: "{count:,} times are in an hour that the change to daylight saving time "
    "leaves out in {subject}. They are kept as written; check whether the time zone is right.",
    NoteKind.REPEATED_HOUR: "{count:,} times are in the hour that the end of daylight saving time "
    "repeats in {subject}. Both hours count as one.",
    NoteKind.ID_SPELLINGS: "{count:,} ids are the number of another id, written in another way, "
    "such as {subject!r} and {before!r}. They count as separate {kind}: give [padding] id, or "
    "load one of the files only.",
    NoteKind.TIME_HEAP: "{count:,} {kind} ({share}) are at {subject}. If that stands for an "
    "unknown time, list it under [heaped] times.",
    NoteKind.PLACE_HEAP: "{count:,} {kind} ({share}) are at {subject}. If nothing happens there, "
    "list it under [coordinates] placeholders or as a default address.",
    NoteKind.NO_READABLE_ROW: "{subject} has no readable row.",
    NoteKind.NOTHING_PRUNED: "No old snapshot was removed: {subject}",
    NoteKind.UNREADABLE_REPLACED: "An unreadable snapshot was replaced. {subject}",
    NoteKind.REPLACED: "Replaced: {subject} ({count:,} {kind}).",
    NoteKind.CAPITALS: "{count:,} spellings in {subject} differ from another only in capitals, and "
    "count as that one.",
    NoteKind.SYNTHETIC_REPLACED: "The synthetic {kind} were replaced.",
    NoteKind.DEMO_LAYERS_REMOVED: "The demo city's streets and water were removed.",
    NoteKind.DEMO_CALLS_REMOVED: "The demo city's calls were removed: beside an agency's incidents "
    "they would look real.",
    NoteKind.DEMO_CALLS_KEPT: "The demo city's calls are still there: another process is writing "
    "calls. The next ingest of incidents removes them.",
}


def report_dict(report: IngestReport) -> dict[str, Any]:
    """The report as JSON values, with notes and warnings as sentences."""
    notes = note_lines(report)
    return {**asdict(report), "notes": notes, "warnings": warnings(report)}


def note_lines(report: IngestReport) -> list[str]:
    """The notes of a report as sentences."""
    return [_note_words(note, report) for note in report.notes]


def _note_words(note: Note, report: IngestReport) -> str:
    kind = report.kind
    if note.kind is NoteKind.COARSE_DATES:
        where = "at 00:00" if note.subject == "day" else "on the first of a month at 00:00"
        return f"All dates are {where}, so they are treated as precise to the {note.subject}."
    if note.kind is NoteKind.STRAY_DATES:
        sides = (("before", note.before), ("after", note.after))
        where = " or ".join(f"{side} {day}" for side, day in sides if day)
        return (
            f"{kind.capitalize()} {where}: {note.count:,}. They are kept, but left out of rates "
            "and comparisons."
        )
    share = percent(note.count / report.incidents, 1) if report.incidents else ""
    return NOTES[note.kind].format(
        subject=note.subject, count=note.count, kind=kind, before=note.before, share=share
    )


def warnings(report: IngestReport) -> list[str]:
    """Problems to know before using the data."""
    found = [str(doubt) for doubt in report.doubts if doubt.kind is DoubtKind.PLACES]
    rounded = report.reasons.get(IN_SCIENTIFIC, 0)
    if 2 * rounded > report.read:
        found.append(
            f"{rounded:,} of {report.read:,} ids are in scientific notation: a spreadsheet rounded "
            "them, and they cannot be restored. Export again without opening the file in a "
            "spreadsheet, or format the id column as text first."
        )
    if report.differing > MOST_DIFFERING * report.read:
        found.append(
            f"{report.differing:,} of {report.read:,} rows have the same id as another row but "
            "other content, so they are not counted. If they are other versions of an incident, "
            "this is correct. If each row is a separate incident, map a column with unique ids, "
            'or leave columns.id unmapped with missing_id = "content".'
        )
    return found


def report_lines(report: IngestReport) -> list[str]:
    """The report, line by line."""
    out = [
        f"Read        {report.read:>12,}",
        f"Accepted    {report.accepted:>12,}   ({report.new:,} new, {report.updated:,} updated)",
        f"Quarantined {report.quarantined:>12,}",
        f"Duplicates  {report.duplicates:>12,}",
        f"Differing   {report.differing:>12,}   (same id, different content; one is kept)",
    ]
    if report.deleted:
        out.append(f"Deleted     {report.deleted:>12,}   (by the source)")
    out += [f"    {_sample_line(row)}" for row in report.differing_samples]
    out += [f"  {rows:,} × {reason}" for reason, rows in report.reasons.items()]
    out += [f"    {_example_line(example)}" for example in report.examples]
    out += [line for file in report.files for line in _file_lines(file)]
    if report.unknown:
        counts = ", ".join(f"{name} {count:,}" for name, count in report.unknown.items())
        out.append(f"Unknown, of {report.incidents:,} {report.kind}: {counts}")
    if report.without_harm:
        total = sum(row["incidents"] for row in report.without_harm)
        codes = ", ".join(str(row["code"]) for row in report.without_harm[:10])
        more = " …" if len(report.without_harm) > 10 else ""
        out.append(
            f"{len(report.without_harm)} codes ({total:,} incidents) have no harm weight: "
            f"{codes}{more}"
        )
    out += [f"WARNING: {text}" for text in warnings(report)]
    out += note_lines(report)
    out.append(_outcome(report))
    return out


def _outcome(report: IngestReport) -> str:
    if report.dry_run:
        return "Dry run: nothing was published."
    if report.snapshot is None and report.accepted:
        return "Nothing was published."
    if report.snapshot is None:
        return f"Nothing to publish: no {report.one} was accepted."
    span = f", {report.first} to {report.last}" if report.first else ""
    what = f"{report.incidents:,} {report.kind}{span}"
    if report.published:
        return f"Published snapshot {report.snapshot}: {what}."
    return f"Nothing changed; snapshot {report.snapshot} is still served: {what}."


def _example_line(example: dict[str, Any]) -> str:
    where = f"{example['file']}, line {example['line']}"
    column = f", column {example['column']!r}" if example["column"] else ""
    value = f": {example['value']!r}" if example["value"] is not None else ""
    return f"{where}{column}: {example['reason']}{value}"


def _sample_line(row: Differing) -> str:
    kept = f"line {row.kept_line}" if row.file == row.kept_file else ""
    kept = kept or f"{row.kept_file}, line {row.kept_line}"
    return (
        f"{row.file}, line {row.line}: id {row.id!r} is also on {kept}, which is kept; they differ "
        f"in {', '.join(row.columns)}"
    )


def _file_lines(file: FileReport) -> list[str]:
    out = []
    if file.placeholders or file.out_of_bounds:
        out.append(
            f"{file.name}: place unknown where coordinates are a placeholder "
            f"({file.placeholders:,}) or out of bounds ({file.out_of_bounds:,})"
        )
    if file.latin1_lines:
        likely = file.likely_encoding
        hint = f'. They look like {likely}: then add encoding = "{likely}" to the source'
        out.append(
            f"{file.name}: {file.latin1_lines:,} lines are not UTF-8; read as Windows-1252"
            + (hint if likely not in (None, "cp1252") else "")
        )
    for name, rows in file.unreadable.items():
        out.append(f"{file.name}: {name} cannot be read in {rows:,} rows; unknown there")
    if file.absent:
        out.append(f"{file.name}: no column for {', '.join(file.absent)}; unknown there")
    return out
