"""A source: the mapping of an agency's columns to incidents, read from a TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analytics.errors import InputError
from analytics.incidents.manifest import Attribute, SourceInfo
from analytics.sources.mapping import Coordinates, DateColumns, Flag, SourceAttribute
from analytics.sources.reading import reading
from analytics.sources.source_file import read_source

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sources"


@dataclass(frozen=True)
class Source:
    """One agency's mapping. docs/sources.md describes every key."""

    name: str
    title: str
    timezone: str
    unit_of_count: str
    publisher: str = ""
    synthetic: bool = False
    verified: bool = False
    provisional_days: int = 0
    precision: str = "minute"
    missing_id: str = "refuse"
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str = "."
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: Mapping[str, DateColumns] = field(default_factory=dict)
    flags: Mapping[str, Flag] = field(default_factory=dict)
    padding: Mapping[str, int] = field(default_factory=dict)
    empty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    coordinates: Coordinates = Coordinates()
    attributes: tuple[SourceAttribute, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    heaped_times: tuple[str, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)  # groups, classes, default_addresses
    path: Path | None = None
    text: str = ""

    @classmethod
    def load(cls, name_or_path: str | Path) -> Source:
        """Read a bundled source by name, or one from a TOML file.

        Raises
        ------
        InputError
            The source does not exist, or a key is not valid; the message names file and key.
        """
        path = source_path(name_or_path)
        with reading(path):
            return cls.parse(_text_of(path), path)

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
        for name, date in self.dates.items():
            found[name] = date.date
            if date.time:
                found[f"{name} time"] = date.time
        for attribute in self.attributes:
            found[attribute.name] = attribute.columns
        return found


def bundled_sources() -> list[str]:
    """Names of the sources that come with PatrolIQ."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line} is not UTF-8. Save the file as UTF-8.") from error


def source_path(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    path = Path(text)
    if path.suffix == ".toml":
        if not path.is_file():
            raise InputError(f"Source file not found: {text}.")
        return path
    if text not in bundled_sources():
        raise InputError(
            f"Source not found: {text!r}. Choose one of {', '.join(bundled_sources())}, or name a "
            "TOML file, such as --source agency.toml."
        )
    return FOLDER / f"{text}.toml"
