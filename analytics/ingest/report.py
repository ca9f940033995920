"""The report of an ingest; `report_sentences` puts it into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any

from analytics.errors import IncompleteError, InputError, PatrolIQError
from analytics.formats import percent
from analytics.incidents.manifest import Differing

MOST_REFUSED = 0.05
"""Share of refused rows above which an ingest counts as incomplete."""
MOST_DIFFERING = 0.01
"""Share of rows with a repeated id and other content above which the id is in doubt."""


@unique
class NoteKind(StrEnum):
    """What a note of a report is about."""

    EMPTY_FILE = "empty file"
    FILE_ABOUT_DATA = "file about the data"
    NO_READABLE_ROW = "no readable row"
    NOTHING_PRUNED = "nothing pruned"
    UNREADABLE_REPLACED = "unreadable snapshot replaced"
    REPLACED = "source replaced"
    SYNTHETIC_REPLACED = "synthetic source replaced"
    COARSE_DATES = "coarse dates"
    STRAY_DATES = "stray dates"


@dataclass(frozen=True)
class Note:
    """A note on an ingest.

    Attributes
    ----------
    subject
        The file, the replaced source, the precision of dates, or the message of a fault.
    count
        Incidents replaced, or with stray dates.
    before, after
        Dates outside of which stray dates lie; empty where there are none on that side.
    """

    kind: NoteKind
    subject: str = ""
    count: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class FileReport:
    """One input file. Counts are rows; `read` includes refused ones."""

    name: str
    read: int
    refused: int
    placeholders: int = 0
    out_of_bounds: int = 0
    latin1_lines: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  # fields of the source for which the file has no column


@dataclass(frozen=True)
class IngestReport:
    """Outcome of one ingest: read = accepted + quarantined + duplicates + differing.

    `differing` rows have the id of a kept incident but other content: another version of it, or
    another incident if the id is not unique; `differing_samples` are the first of them.

    `snapshot` is the id of the snapshot served afterwards, None without one; `published` says
    whether this run made it. `unknown` counts incidents of the whole snapshot by column.
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
    notes: tuple[Note, ...] = ()

    @property
    def usable(self) -> int:
        """Rows that are valid incidents, including duplicates."""
        return self.accepted + self.duplicates + self.differing

    def failure(self) -> PatrolIQError | None:
        """The error to end with: no row was usable, or too many were refused."""
        if not self.usable and (self.read or self.snapshot is None):
            if not self.read:
                return InputError("No incident was accepted: the files hold no rows.")
            return InputError(
                f"No incident was accepted: all {self.read:,} rows were refused"
                f"{self._main_reason()}. Correct the source or the file; the report names lines "
                "and reasons."
            )
        if self.quarantined > MOST_REFUSED * self.read:
            return IncompleteError(
                f"{self.quarantined:,} of {self.read:,} rows "
                f"({percent(self.quarantined / self.read, 0)}) were refused{self._main_reason()}. "
                "`patroliq quarantine list` shows them; correct the source and ingest again."
            )
        return None

    def _main_reason(self) -> str:
        reason = next(iter(self.reasons), "")
        return f", mostly because of: {reason}" if reason else ""
