"""The manifest of a snapshot: the origin of its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique
from pathlib import Path
from typing import Any


def month_end(day: date) -> date:
    """Last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class SourceInfo:
    """The part of a snapshot's source that its manifest stores."""

    name: str
    title: str
    timezone: str
    unit_of_count: str
    synthetic: bool = False
    verified: bool = True
    kind: str = "incidents"  # or calls
    retired: dict[str, dict[str, str]] = field(default_factory=dict)  # column → old label → new


@dataclass(frozen=True)
class Attribute:
    """A further attribute of the agency; column `attr_<name>` of the incidents."""

    name: str
    label: str
    kind: str  # category, number or text


@dataclass(frozen=True)
class InputFile:
    name: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Differing:
    """A row left out because one with the same id but other content was kept."""

    id: str
    kept_file: str
    kept_line: int
    file: str
    line: int
    columns: tuple[str, ...]  # that differ

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Differing:
        return cls(**{**values, "columns": tuple(values["columns"])})


@dataclass(frozen=True)
class Batch:
    """One run of ingest, or several merged. read = accepted + quarantined + duplicates + differing.

    The files of merged ones are listed with their rows (see `packed_loads`).
    """

    id: str
    ingested_at: str
    files: tuple[InputFile, ...]
    read: int
    accepted: int
    quarantined: int
    duplicates: int  # equal to a kept incident
    differing: int = 0  # same id, different content
    differing_samples: tuple[Differing, ...] = ()
    loads: int = 1
    first: str = ""  # of merged ones, the id of the first

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Batch:
        samples = values.get("differing_samples", ())
        lists = {
            "files": tuple(InputFile(**file) for file in values["files"]),
            "differing_samples": tuple(Differing.of(row) for row in samples),
        }
        return cls(**{**values, **lists})


@dataclass(frozen=True)
class Outline:
    """Outlines of one area level: `added` from a file, or `derived` from the incidents."""

    level: str
    origin: str
    features: int
    source: str = ""
    residents: int | None = None  # total of areas with a known number; None without any
    areas_with_residents: int = 0
    residents_source: str = ""


@unique
class Lack(StrEnum):
    """Why a source has no data for a dimension."""

    NO_VALUES = "no values"
    DAY_ONLY = "day only"
    MONTH_ONLY = "month only"
    NO_GROUPS = "no code groups"
    NO_HARM_WEIGHTS = "no harm weights"
    NO_DEFAULT_TIMES = "no default times"


@dataclass(frozen=True)
class Manifest:
    """Content and origin of a snapshot.

    Dates are ISO 8601 texts; counts are incidents, or calls in a snapshot of calls.
    """

    id: str
    created: str
    schema_version: int
    code_version: str
    source: SourceInfo
    incidents: int
    first: str | None  # first and last operational day
    last: str | None
    provisional_from: str | None  # days from here on are incomplete
    crs_local: str  # of x_m and y_m, such as EPSG:32616
    batches: tuple[Batch, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    views_off: dict[str, str] = field(default_factory=dict)  # dimension → Lack or own sentence
    outlines: dict[str, Outline] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)  # column → incidents without a value
    without_harm: tuple[dict[str, Any], ...] = ()  # codes without an offense class
    settings: dict[str, Any] = field(default_factory=dict)  # day_start, shifts, tables' sha256
    model_versions: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)  # file in the snapshot → sha256
    precision: str = "minute"  # of dates: minute, day or month
    precision_detected: bool = False  # from the dates; the source states a finer one
    covered_from: str | None = None  # days for rates and comparisons
    covered_to: str | None = None
    outside_covered: int = 0  # incidents before or after these days
    scoped_from: str = ""  # of a scoped snapshot: the one of which it has what a reader may see

    @property
    def covered(self) -> tuple[date, date] | None:
        """Days for rates and comparisons; stray dates, far from the others, lie outside.

        They are whole months if dates are only precise to the month.
        """
        first, last = self.covered_from or self.first, self.covered_to or self.last
        if not first or not last:
            return None
        end = date.fromisoformat(last)
        return date.fromisoformat(first), month_end(end) if self.months_only else end

    @property
    def months_only(self) -> bool:
        """Whether dates are only precise to the month."""
        return self.precision == "month"

    @property
    def last_day(self) -> date | None:
        return date.fromisoformat(self.last) if self.last else None

    @property
    def first_day(self) -> date | None:
        return date.fromisoformat(self.first) if self.first else None

    @property
    def provisional_day(self) -> date | None:
        """First incomplete day."""
        return date.fromisoformat(self.provisional_from) if self.provisional_from else None

    @property
    def last_complete_day(self) -> date | None:
        """Last day that is not provisional, or the last covered day if all of them are."""
        if self.covered is None:
            return None
        (first, last), since = self.covered, self.provisional_day
        return since - timedelta(days=1) if since is not None and since > first else last

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises
        ------
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError
            It cannot be read, or is damaged.
        """
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["source"] = SourceInfo(**raw["source"])
        raw["batches"] = tuple(Batch.of(batch) for batch in raw["batches"])
        raw["attributes"] = tuple(Attribute(**attribute) for attribute in raw["attributes"])
        raw["outlines"] = {level: Outline(**value) for level, value in raw["outlines"].items()}
        raw["without_harm"] = tuple(raw["without_harm"])
        found = cls(**raw)
        found.check()
        return found

    def check(self) -> None:
        """Check the fields that pages compute with.

        Raises
        ------
        ValueError, TypeError
            A count is not a number, or a date not a date.
        """
        for count in (self.incidents, self.schema_version, self.outside_covered):
            if not isinstance(count, int):
                raise TypeError(f"{count!r} is not a number")
        for text in (self.id, self.created, self.crs_local, self.precision):
            if not isinstance(text, str):
                raise TypeError(f"{text!r} is not a text")
        days = (self.first, self.last, self.provisional_from, self.covered_from, self.covered_to)
        for day in days:
            if day is not None:
                date.fromisoformat(day)
