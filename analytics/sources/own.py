"""Sources that this installation made itself: kept in its home folder, one file for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analytics.stored import replace_text

if TYPE_CHECKING:
    from analytics.sources.source import Source

FOLDER = "sources"


def own_sources(home: Path) -> dict[str, Path]:
    """Name → file."""
    return {path.stem: path for path in sorted((home / FOLDER).glob("*.toml"))}


def keep_source(source: Source, home: Path) -> Path:
    """Keep a source under its name, in place of an earlier one; returns its file."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source.name}.toml"
    replace_text(path, source.text)
    return path
