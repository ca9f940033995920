"""A small warehouse with two snapshots and a champion, and the ways its files can be damaged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from analytics.artifacts.bundle import point_to_champion
from analytics.artifacts.index import write_index
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
lat = "lat"
lon = "lon"
district = "district"
[dates]
formats = "%Y-%m-%d"
"""
MODEL = "zones_kmeans"
LONG = 5_000_000


def source() -> Source:
    return Source.parse(TOWN, Path("town.toml"))


def incidents(path: Path, first: int, count: int = 20) -> Path:
    """A file of incidents numbered from `first` on."""
    rows = (
        f"{n},2020-01-{n % 28 + 1:02d},type {n % 3},41.8{n % 100:02d},-87.6,{n % 4 + 1}"
        for n in range(first, first + count)
    )
    path.write_text("\n".join(["id,when,type,lat,lon,district", *rows]) + "\n")
    return path


def build_warehouse(folder: Path) -> Path:
    """A home folder with two snapshots, of 20 and of 40 incidents, and a model with a champion."""
    home = folder / "home"
    for first in (0, 20):
        ingest([incidents(folder / f"{first}.csv", first)], source(), Settings(home=home))
    snapshot = Warehouse(home).current_id()
    assert snapshot
    point_to_champion(home, MODEL, 1, snapshot)
    write_index(home, {MODEL: "Zones"}, [])
    return home


def copied(home: Path, folder: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(home, folder / "home"))


def flip(path: Path, position: int, bits: int = 0xFF) -> None:
    """Change bits of one byte in place, as a failing disk does."""
    with path.open("r+b") as handle:
        handle.seek(position)
        before = handle.read(1)[0]
        handle.seek(position)
        handle.write(bytes([before ^ bits]))


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


STATES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "missing": _missing,
    "binary": lambda path: path.write_bytes(bytes(range(128, 256))),
    "long": lambda path: path.write_text("[" * LONG),
    "folder": _folder,
    "other text": lambda path: path.write_text("{"),
    "other value": lambda path: path.write_text("[1]"),
}
