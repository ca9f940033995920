"""A source: the mapping of an agency's columns to incidents or calls, read from a TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from analytics.errors import InputError
from analytics.incidents.manifest import Attribute, SourceInfo
from analytics.sources.mapping import (
    EARLIEST,
    Coordinates,
    DateColumns,
    Flag,
    Join,
    SourceAttribute,
)
from analytics.sources.other_systems import FromDatabase, FromPortal
from analytics.sources.own import own_sources
from analytics.sources.reading import reading
from analytics.sources.record_kinds import INCIDENTS, RecordKind
from analytics.sources.source_file import read_source

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sources"


@dataclass(frozen=True)
class Source:
    """One agency's mapping. docs/sources.md describes every key."""

    name: str
    title: str
    timezone: str
    unit_of_count: str
    kind: RecordKind = INCIDENTS
    publisher: str = ""
    synthetic: bool = False
    verified: bool = False
    provisional_days: int = 0
    precision: str = "minute"
    missing_id: str = "refuse"
    on_repeat: str = "newest"  # of an id with different content
    dispatch_filled: bool = False  # `dispatched` of a call has a time even if nobody was sent
    delimiter: str | None = None
    encoding: str | None = None
    skip_lines: int = 0
    header: tuple[str, ...] = ()  # names for a file without a header line
    sheets: tuple[str, ...] = ()  # of a workbook; empty is the first that has the columns
    decimal: str = "."
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: Mapping[str, DateColumns] = field(default_factory=dict)
    earliest: date = EARLIEST
    flags: Mapping[str, Flag] = field(default_factory=dict)
    padding: Mapping[str, int] = field(default_factory=dict)
    empty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    patterns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    join: Join | None = None
    coordinates: Coordinates = Coordinates()
    attributes: tuple[SourceAttribute, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    heaped_times: tuple[str, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)  # groups, classes, default_addresses
    sync: FromDatabase | FromPortal | None = None  # what `patroliq sync` asks
    path: Path | None = None
    text: str = ""

    @classmethod
    def load(
        cls, name_or_path: str | Path, kind: RecordKind = INCIDENTS, own: Path | None = None
    ) -> Source:
        """Read a source by name, of this home folder or bundled, or one from a TOML file.

        Raises
        ------
        InputError
            The source does not exist, is of another kind, or a key is not valid; the message names
            file and key.
        """
        path = source_path(name_or_path, kind, own)
        with reading(path):
            source = cls.parse(_text_of(path), path)
        if source.kind is not kind:
            raise InputError(
                f"{path}: describes {source.kind.name}, not {kind.name}; use --kind "
                f'{source.kind.name}, or say kind = "{kind.name}" in it.'
            )
        return source

    @classmethod
    def parse(cls, text: str, path: Path) -> Source:
        """Parse the text of a TOML file; messages name `path`."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path}: not valid TOML: {error}") from error
        return cls(**read_source(document, path), path=path, text=text)

    @property
    def digest(self) -> str:
        """SHA-256 of the TOML text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            name=self.name,
            title=self.title,
            timezone=self.timezone,
            kind=self.kind.name,
            unit_of_count=self.unit_of_count,
            synthetic=self.synthetic,
            verified=self.verified,
            retired={column: dict(labels) for column, labels in self.values.items()},
        )

    @property
    def manifest_attributes(self) -> tuple[Attribute, ...]:
        return tuple(Attribute(a.name, a.label, a.kind) for a in self.attributes)

    def alternatives(self) -> dict[str, tuple[str, ...]]:
        """Every field and its possible column names."""
        found: dict[str, tuple[str, ...]] = dict(self.columns)
        for name, columns in self.dates.items():
            found[name] = columns.date
            if columns.time:
                found[f"{name} time"] = columns.time
            for part, names in columns.parts.items():
                found[f"{name} {part}"] = names
        for attribute in self.attributes:
            found[attribute.name] = attribute.columns
        return found


def bundled_sources(kind: RecordKind = INCIDENTS) -> list[str]:
    """Names of the sources that come with PatrolIQ."""
    return sorted(path.stem for path in (FOLDER / kind.home).glob("*.toml"))


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line} is not UTF-8. Save the file as UTF-8.") from error


def source_path(
    name_or_path: str | Path, kind: RecordKind = INCIDENTS, own: Path | None = None
) -> Path:
    """The file of a source; one of the home folder `own` hides a bundled one."""
    text = str(name_or_path)
    path = Path(text)
    if path.suffix == ".toml":
        if not path.is_file():
            raise InputError(f"Source file not found: {text}.")
        return path
    kept = own_sources(own) if own is not None and kind is INCIDENTS else {}
    if text in kept:
        return kept[text]
    known = [*kept, *bundled_sources(kind)]
    if text not in known:
        raise InputError(
            f"Source not found: {text!r}. Choose one of {', '.join(known)}, or name a "
            "TOML file, such as --source agency.toml."
        )
    return FOLDER / kind.home / f"{text}.toml"
