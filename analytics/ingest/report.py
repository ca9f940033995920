"""The report of an ingest; `report_sentences` puts it into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any

from analytics.errors import IncompleteError, InputError, PatrolIQError
from analytics.incidents.manifest import Differing
from analytics.ingest.doubts import Doubt, DoubtKind
from analytics.sources.mapping import COORDINATES

MOST_DIFFERING = 0.01
"""Share of rows with a repeated id and other content above which the id is in doubt."""


@unique
class NoteKind(StrEnum):
    """What a note of a report is about."""

    EMPTY_FILE = "empty file"
    FILE_ABOUT_DATA = "file about the data"
    SHEET_NOT_READ = "sheet not read"
    NO_READABLE_ROW = "no readable row"
    NOTHING_PRUNED = "nothing pruned"
    UNREADABLE_REPLACED = "unreadable snapshot replaced"
    REPLACED = "source replaced"
    SYNTHETIC_REPLACED = "synthetic source replaced"
    DEMO_LAYERS_REMOVED = "demo layers removed"
    DEMO_CALLS_REMOVED = "demo calls removed"
    DEMO_CALLS_KEPT = "demo calls kept"
    COARSE_DATES = "coarse dates"
    STRAY_DATES = "stray dates"
    CAPITALS = "capitals"
    RETRACTED = "retracted"
    MISSING_HOUR = "missing hour"
    REPEATED_HOUR = "repeated hour"
    ID_SPELLINGS = "spellings of ids"
    TIME_HEAP = "heap of times"
    PLACE_HEAP = "heap of places"


@dataclass(frozen=True)
class Note:
    """A note on an ingest.

    Attributes
    ----------
    subject
        The file, the replaced source, the precision of dates, the field, or the message of a fault.
    count
        Incidents replaced, or with stray dates; other spellings; rows of retracted incidents.
    before, after
        Dates outside of which stray dates lie; empty where there are none on that side. For ids,
        `before` is the other spelling.
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
    placed: int = 0
    place_columns: tuple[str, ...] = ()
    place_remedy: str = ""  # key of a source that may help where many places are lost
    latin1_lines: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    likely_encoding: str | None = None  # if lines are not UTF-8
    absent: tuple[str, ...] = ()  # fields of the source for which the file has no column

    @property
    def lost_places(self) -> int:
        """Rows whose coordinates cannot be read or are out of bounds."""
        unreadable = max((self.unreadable.get(name, 0) for name in COORDINATES), default=0)
        return self.out_of_bounds + unreadable


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
    incidents: int  # or calls
    first: str | None
    last: str | None
    kind: str = "incidents"
    reasons: dict[str, int] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()
    differing_samples: tuple[Differing, ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)
    without_harm: tuple[dict[str, Any], ...] = ()
    views_off: dict[str, str] = field(default_factory=dict)
    files: tuple[FileReport, ...] = ()
    notes: tuple[Note, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    deleted: int = 0  # records that the source deleted, left out of the snapshot
    must_confirm: bool = False  # a first load that is doubtful

    @property
    def one(self) -> str:
        """What one record is: an incident or a call."""
        return self.kind.removesuffix("s")

    @property
    def usable(self) -> int:
        """Rows that are valid records, including duplicates."""
        return self.accepted + self.duplicates + self.differing

    def failure(self) -> PatrolIQError | None:
        """The error to end with: no row was usable, or too many were refused."""
        if not self.usable and (self.read or self.snapshot is None):
            if not self.read:
                return InputError(f"No {self.one} was accepted: the files hold no rows.")
            return InputError(
                f"No {self.one} was accepted: all {self.read:,} rows were refused"
                f"{self._main_reason()}. Correct the source or the file; the report names lines "
                "and reasons."
            )
        for doubt in self.doubts:
            if doubt.kind is DoubtKind.ROWS:
                return IncompleteError(
                    f"{doubt} `patroliq quarantine list` shows them; correct the source and ingest "
                    "again."
                )
        return None

    def _main_reason(self) -> str:
        reason = next(iter(self.reasons), "")
        return f", mostly because of: {reason}" if reason else ""


class UnconfirmedError(PatrolIQError):
    """A first load is doubtful and waits for a confirmation; nothing was published.

    `report` says what would be published, `report.doubts` why it is doubtful.
    """

    exit_code = 7

    def __init__(self, report: IngestReport) -> None:
        listed = "\n".join(map(str, report.doubts))
        super().__init__(
            f"{listed}\nNothing was published, as this is the first load. Correct the source, or "
            "add --confirm if the data is as it should be."
        )
        self.report = report
