"""Bundles: the exported files of a version (JSON, Parquet, GeoJSON), with checksums.

They are read without MLflow.

<home>/models/<name>/<version>/  bundle.json, <table>.parquet, zones.geojson
<home>/models/<name>/champion.json  the version that is champion, and its training snapshot
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from analytics.access.stored_results import (
    COUNTS_WITHHELD,
    ZONE_MODELS,
    SeenResults,
    require_results,
    seen_results,
)
from analytics.artifacts.metric import Metric
from analytics.artifacts.results_without_counts import (
    FORECAST,
    OF_ZONES,
    ZONES,
    shown_forecast,
    shown_metrics,
    shown_outlines,
    shown_rule,
    shown_table,
    shown_tables,
)
from analytics.errors import DamagedError, InputError, IntegrityError, OutsideScopeError
from analytics.incidents.checksums import sha256_of
from analytics.stored import damaged, read_object, replace_text

FILE = "bundle.json"
CHAMPION = "champion.json"
GEOJSON = "zones.geojson"
FORMAT = 2
MEND_BUNDLE = "Promote the version again."
MEND_CHAMPION = "`patroliq models list` writes it again."
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """One exported version. Its tables are read on demand."""

    folder: Path
    name: str
    run_id: str
    snapshot: str  # on which it was trained
    selection: str
    source: str
    crs_local: str
    code_version: str
    trained: str  # ISO 8601
    person: str
    parameters: Mapping[str, Any]
    rule: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    files: Mapping[str, str] = field(repr=False)  # name → SHA-256
    version: int = 0  # 0 until it is registered

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Read a bundle and verify the checksums of its files.

        Raises
        ------
        OutsideScopeError
            The current reader may not see it.
        InputError
            There is no bundle in the folder.
        IntegrityError
            A file is missing, unexpected or changed, or another version of the program wrote it.
        """
        require_results(folder.parent.name)
        try:
            raw = read_object(folder / FILE, MEND_BUNDLE)
        except FileNotFoundError as error:
            raise InputError(f"No model found at {folder}.") from error
        if raw.pop("format", None) != FORMAT:
            raise IntegrityError(
                f"{folder} was written by another version of PatrolIQ. Train the model again."
            )
        try:
            wrong = _changed_files(folder, raw["files"])
            metrics = {name: Metric(**metric) for name, metric in raw["metrics"].items()}
            raw["metrics"] = shown_metrics(seen_results(), metrics)
            raw["rule"] = shown_rule(seen_results(), raw["rule"])
            bundle = cls(folder, **raw)
        except (OSError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder / FILE, error, MEND_BUNDLE) from error
        if wrong:
            raise DamagedError(f"{folder} is damaged: {', '.join(wrong)} changed. {MEND_BUNDLE}")
        return bundle

    def table(self, name: str) -> pl.DataFrame:
        """Read one of its tables, such as `zones`, as the current reader sees it.

        Raises
        ------
        OutsideScopeError
            The reader does not see it.
        """
        seen = seen_results()
        if seen.counts:
            return self.whole_table(name)
        if name not in shown_tables(seen, [name]):
            raise OutsideScopeError(COUNTS_WITHHELD)
        if name == ZONES and self.name.startswith(ZONE_MODELS):
            return self._own_zones(seen)
        table = self.whole_table(name)
        if name == FORECAST:
            return shown_forecast(seen, table, self.rule)
        found = shown_table(self.name, name, table)
        if name == OF_ZONES:
            labels = self._own_zones(seen)["label"]
            return found.filter(pl.col("zone").is_in(labels.to_list()))
        return found

    def whole_table(self, name: str) -> pl.DataFrame:
        """Read a table to compute with it, of which nothing is shown as it is."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def has_table(self, name: str) -> bool:
        """Whether it has a table to compute with."""
        return (self.folder / f"{name}.parquet").exists()

    def _own_zones(self, seen: SeenResults) -> pl.DataFrame:
        own = seen.own_zones(self.name, self.version)
        if own is None or not own.exists():
            raise OutsideScopeError(COUNTS_WITHHELD)
        return pl.read_parquet(own)

    @property
    def tables(self) -> list[str]:
        """Names of its tables that the current reader sees."""
        names = sorted(path.stem for path in self.folder.glob("*.parquet"))
        return shown_tables(seen_results(), names)

    @property
    def geojson(self) -> dict[str, Any] | None:
        """Outlines in WGS84, or None if the model has none."""
        path = self.folder / GEOJSON
        if not path.exists():
            return None
        outlines: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if seen_results().counts:
            return outlines
        return shown_outlines(outlines, {str(label) for label in self.table(ZONES)["label"]})


def write_bundle(
    folder: Path,
    fields: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    geojson: Mapping[str, Any] | None,
) -> Bundle:
    """Write a bundle's files. `fields` are those of `Bundle` except folder and files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")
    if geojson is not None:
        text = json.dumps(geojson, ensure_ascii=False, separators=(",", ":"))
        (folder / GEOJSON).write_text(text, encoding="utf-8")
    files = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != FILE}
    write_json(folder / FILE, {"format": FORMAT, **fields, "files": files})
    return Bundle.load(folder)


def set_version(folder: Path, version: int) -> None:
    """Write the version number into a bundle, once it is registered."""
    raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
    write_json(folder / FILE, {**raw, "version": version})


def version_folder(home: Path, name: str, version: int) -> Path:
    return home / "models" / name / str(version)


def set_champion(home: Path, bundle: Bundle) -> None:
    """Write champion.json for a bundle, atomically."""
    point_to_champion(home, bundle.name, bundle.version, bundle.snapshot)


def point_to_champion(home: Path, name: str, version: int, snapshot: str) -> None:
    """Write which version is champion, and its training snapshot."""
    path = home / "models" / name / CHAMPION
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"version": version, "snapshot": snapshot})


def champion_version(home: Path, name: str) -> int | None:
    """Version of a model's champion, or None if it has none that the current reader may see.

    Raises
    ------
    DamagedError
        champion.json cannot be read.
    """
    pointer = _pointer(home, name)
    return None if pointer is None else pointer[0]


def champion_versions(home: Path) -> dict[str, int]:
    """Model name → version of its champion; raises like `champion_version`."""
    found = {name: champion_version(home, name) for name in models_with_champion(home)}
    return {name: version for name, version in found.items() if version is not None}


def models_with_champion(home: Path) -> list[str]:
    """Names of the models that have a champion.json, readable or not."""
    return sorted(path.parent.name for path in (home / "models").glob(f"*/{CHAMPION}"))


def champion(home: Path, name: str) -> Bundle | None:
    """Bundle of a model's champion, or None if it has none.

    Raises
    ------
    IntegrityError
        champion.json or the bundle is damaged.
    """
    version = champion_version(home, name)
    return None if version is None else Bundle.load(version_folder(home, name, version))


def cited_snapshots(home: Path) -> set[str] | None:
    """Training snapshots of champions and of the newest versions, which must be kept.

    If a champion.json is missing, any version with files may be champion. None if a file cannot be
    read, which is logged: then any snapshot may be cited.
    """
    try:
        return set().union(*(_cited(home, path) for path in (home / "models").glob("*/")))
    except DamagedError as error:
        _LOG.warning("cannot tell which snapshots champions cite: %s", error)
        return None


def _cited(home: Path, folder: Path) -> set[str]:
    versions = [path for path in folder.iterdir() if path.name.isdecimal()]
    pointer = _pointer(home, folder.name)
    if pointer is None:
        return {_training_snapshot(path) for path in versions}
    trained = [path for path in versions if (path / FILE).exists()]
    newest = max(trained, key=lambda path: int(path.name), default=None)
    return {pointer[1], *([_training_snapshot(newest)] if newest else [])}


def _training_snapshot(folder: Path) -> str:
    path = folder / FILE
    try:
        return str(read_object(path, MEND_BUNDLE)["snapshot"])
    except (FileNotFoundError, KeyError) as error:
        raise damaged(path, error, MEND_BUNDLE) from error


def _pointer(home: Path, name: str) -> tuple[int, str] | None:
    """Version and snapshot of a model's champion."""
    path = home / "models" / name / CHAMPION
    if not seen_results().has(name):
        return None
    try:
        raw = read_object(path, MEND_CHAMPION)
    except FileNotFoundError:
        return None
    try:
        return int(raw["version"]), str(raw["snapshot"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path, f"no version: {error}", MEND_CHAMPION) from error


def _changed_files(folder: Path, expected: Mapping[str, str]) -> list[str]:
    found = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != FILE}
    return sorted(
        name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
    )


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    replace_text(path, json.dumps(value, indent=1, ensure_ascii=False))
