"""What an ingest reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.errors import IncompleteError, InputError, PatrolIQError
from analytics.formats import percent
from analytics.incidents.manifest import Differing
from analytics.ingest.normalize import IN_SCIENTIFIC

MOST_REFUSED = 0.05
"""Share of refused rows above which an ingest does not count as done."""
MOST_DIFFERING = 0.01
"""Share of rows that differ under one id above which the id is doubted."""


@dataclass(frozen=True)
class FileReport:
    """One input file. Counts are rows; read = those normalized and those refused."""

    name: str
    read: int
    refused: int
    placeholders: int = 0
    out_of_bounds: int = 0
    latin1_lines: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  # fields of the source the file has no column for


@dataclass(frozen=True)
class IngestReport:
    """Outcome of one ingest: read = accepted + quarantined + duplicates + differing.

    `differing` rows have the id of an incident that is kept and other content: another version of
    it, or another incident where the id is not unique; `differing_samples` are the first of them.

    `snapshot` is the id of the snapshot served afterwards, None where there is none; `published`
    says whether this run made it. `unknown` counts incidents of the whole snapshot by column.
    """

    batch: str
    source: str
    read: int
    accepted: int
    new: int
    updated: int
    quarantined: int
    duplicates: int
    differing: int
    snapshot: str | None
    published: bool
    dry_run: bool
    incidents: int
    first: str | None
    last: str | None
    reasons: dict[str, int] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()
    differing_samples: tuple[Differing, ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)
    without_harm: tuple[dict[str, Any], ...] = ()
    views_off: dict[str, str] = field(default_factory=dict)
    files: tuple[FileReport, ...] = ()
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "warnings": self.warnings()}

    @property
    def usable(self) -> int:
        """Rows that are an incident, whether or not they were needed."""
        return self.accepted + self.duplicates + self.differing

    def failure(self) -> PatrolIQError | None:
        """Why a program should not take this for done: no row was usable, or too many refused."""
        if not self.usable and (self.read or self.snapshot is None):
            if not self.read:
                return InputError("No incident was accepted: the files hold no rows.")
            return InputError(
                f"No incident was accepted: all {self.read:,} rows were refused{self._most()}. "
                "Correct the source or the file; the report names lines and reasons."
            )
        if self.quarantined > MOST_REFUSED * self.read:
            return IncompleteError(
                f"{self.quarantined:,} of {self.read:,} rows "
                f"({percent(self.quarantined / self.read, 0)}) were refused{self._most()}. "
                "`patroliq quarantine list` shows what was; correct the source and ingest again."
            )
        return None

    def _most(self) -> str:
        reason = next(iter(self.reasons), "")
        return f", most for: {reason}" if reason else ""

    def warnings(self) -> list[str]:
        """What a person must know of the ids before using the data."""
        said = []
        rounded = self.reasons.get(IN_SCIENTIFIC, 0)
        if 2 * rounded > self.read:
            said.append(
                f"{rounded:,} of {self.read:,} ids are in scientific notation: a spreadsheet "
                "rounded them, and they cannot be restored. Export again without opening the file "
                "in a spreadsheet, or format the column of ids as text first."
            )
        if self.differing > MOST_DIFFERING * self.read:
            said.append(
                f"{self.differing:,} of {self.read:,} rows share their id with another row and "
                "differ from it, so they are not counted. If they are other versions of an "
                "incident, that is as it should be; if each row is an incident of its own, map a "
                'column with unique ids, or leave columns.id unmapped with missing_id = "content".'
            )
        return said

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        out = [
            f"Read        {self.read:>12,}",
            f"Accepted    {self.accepted:>12,}   ({self.new:,} new, {self.updated:,} updated)",
            f"Quarantined {self.quarantined:>12,}",
            f"Duplicates  {self.duplicates:>12,}",
            f"Differing   {self.differing:>12,}   (same id, different content; one is kept)",
        ]
        out += [f"    {_sample_line(row)}" for row in self.differing_samples]
        out += [f"  {rows:,} × {reason}" for reason, rows in self.reasons.items()]
        for example in self.examples:
            where = f"{example['file']}, line {example['line']}"
            column = f", column {example['column']!r}" if example["column"] else ""
            value = f": {example['value']!r}" if example["value"] is not None else ""
            out.append(f"    {where}{column}: {example['reason']}{value}")
        out += [line for file in self.files for line in _file_lines(file)]
        if self.unknown:
            counts = ", ".join(f"{name} {count:,}" for name, count in self.unknown.items())
            out.append(f"Unknown, of {self.incidents:,} incidents: {counts}")
        if self.without_harm:
            total = sum(row["incidents"] for row in self.without_harm)
            codes = ", ".join(str(row["code"]) for row in self.without_harm[:10])
            more = " …" if len(self.without_harm) > 10 else ""
            out.append(
                f"{len(self.without_harm)} codes ({total:,} incidents) have no harm weight: "
                f"{codes}{more}"
            )
        out += [f"WARNING: {text}" for text in self.warnings()]
        out += list(self.notes)
        out.append(self._outcome())
        return out

    def _outcome(self) -> str:
        if self.dry_run:
            return "Dry run: nothing was published."
        if self.snapshot is None:
            return "Nothing to publish: no incident was accepted."
        span = f", {self.first} to {self.last}" if self.first else ""
        what = f"{self.incidents:,} incidents{span}"
        if self.published:
            return f"Published snapshot {self.snapshot}: {what}."
        return f"Nothing changed; snapshot {self.snapshot} is served: {what}."


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
        out.append(f"{file.name}: {file.latin1_lines:,} lines were not UTF-8; read as Windows-1252")
    for name, rows in file.unreadable.items():
        out.append(f"{file.name}: {name} cannot be read in {rows:,} rows; unknown there")
    if file.absent:
        out.append(f"{file.name}: has no column for {', '.join(file.absent)}; unknown there")
    return out
