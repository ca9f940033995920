"""What an ingest reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FileReport:
    """One input file. Counts are rows; read = those normalised and those refused."""

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
    """Outcome of one ingest: read = accepted + quarantined + duplicates.

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
    snapshot: str | None
    published: bool
    dry_run: bool
    incidents: int
    first: str | None
    last: str | None
    reasons: dict[str, int] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)
    without_harm: tuple[dict[str, Any], ...] = ()
    views_off: dict[str, str] = field(default_factory=dict)
    files: tuple[FileReport, ...] = ()
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        out = [
            f"Read        {self.read:>12,}",
            f"Accepted    {self.accepted:>12,}   ({self.new:,} new, {self.updated:,} updated)",
            f"Quarantined {self.quarantined:>12,}",
            f"Duplicates  {self.duplicates:>12,}",
        ]
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
