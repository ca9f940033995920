"""Stored layers: what there is, its tiles for the browser and its tables for methods.

    <home>/layers/index.json          what there is, and where it came from
    <home>/layers/<id>-<version>/     one layer: tables (Parquet) and tiles.zip; never changed

Adding a layer writes a folder and then replaces the index, so a reader sees the old layer or the
new one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.errors import DamagedError, InputError
from analytics.incidents.checksums import changed, checksums
from analytics.layers.kinds import LayerKind
from analytics.stored import damaged, read_object, replace_text, sync_folder

FOLDER = "layers"
INDEX = "index.json"
TILES = "tiles.zip"
MEND = "Add the layer again with `patroliq layers add`."


@dataclass(frozen=True)
class LayerInfo:
    """One layer: where it came from, and what it has.

    Attributes
    ----------
    id : str
        `streets`, `water`, `labels`, or `places-` and the title in short.
    version : str
        Changes with the file, the options and the format of tiles.
    bounds : list of float
        West, south, east, north in degrees.
    counts : dict
        Of streets `edges`, `nodes`, `components`, `km`, `major_km`; of others `shapes`.
    fields : dict
        The file's field by role, such as {"name": "street_nam"}.
    left_out : dict
        Features of the file that are not in the layer, by reason.
    checksums : dict
        SHA-256 of each file of its folder; empty if an earlier version of PatrolIQ added it.
    """

    id: str
    kind: str
    title: str
    version: str
    file: str
    sha256: str
    added: str
    license: str
    features: int
    bounds: list[float]
    counts: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    synthetic: bool = False  # of the demo city
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return f"{self.id}-{self.version}"


class LayerStore:
    """Reads the layers of a home folder, and replaces or removes one."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def infos(self) -> list[LayerInfo]:
        """All layers by id.

        Raises
        ------
        DamagedError
            The index cannot be read.
        """
        path = self._folder / INDEX
        try:
            found = read_object(path, MEND).get("layers", [])
        except FileNotFoundError:
            return []
        known = {each.name for each in fields(LayerInfo)}
        try:
            infos = [LayerInfo(**{k: v for k, v in one.items() if k in known}) for one in found]
        except (AttributeError, TypeError) as error:
            raise damaged(path, error, MEND) from error
        return sorted(infos, key=lambda info: info.id)

    def of_kind(self, kind: LayerKind) -> list[LayerInfo]:
        """Layers of one kind."""
        return [info for info in self.infos() if info.kind == kind]

    def tables(self, kind: LayerKind, name: str) -> pl.DataFrame | None:
        """A table of all layers of a kind, with a column `layer`; None without any.

        Parameters
        ----------
        name
            Of streets `edges` or `nodes`, of places `places`, of labels `labels`, of water `water`.
        """
        frames = [
            _read_table(self._folder / info.folder / f"{name}.parquet").with_columns(
                layer=pl.lit(info.id)
            )
            for info in self.of_kind(kind)
        ]
        return pl.concat(frames) if frames else None

    def tile(self, infos: Sequence[LayerInfo], level: int, x: int, y: int) -> bytes:
        """A tile of all layers as JSON: by kind, a list with the content of each layer."""
        content: dict[str, list[str]] = {}
        for info in infos:
            text = _read_tile(self._folder / info.folder / TILES, f"{level}/{x}/{y}")
            if text:
                content.setdefault(info.kind, []).append(text)
        parts = [f'"{kind}":[{",".join(texts)}]' for kind, texts in content.items()]
        return ("{" + ",".join(parts) + "}").encode()

    def put(self, info: LayerInfo, made: Path) -> LayerInfo:
        """Publish a folder as a layer, in place of an earlier one with its id, and return it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / info.folder
        if target.exists():
            shutil.rmtree(target)
        shutil.move(made, target)
        sync_folder(self._folder)
        kept = [one for one in self.infos() if one.id != info.id]
        published = replace(info, checksums=checksums(target))
        self._publish([*kept, published])
        return published

    def changed(self, info: LayerInfo) -> list[Path]:
        """Files of a layer that are missing, new or changed."""
        folder = self._folder / info.folder
        return [folder / name for name in changed(folder, info.checksums)]

    def remove(self, id: str) -> LayerInfo:
        """Remove a layer.

        Raises
        ------
        InputError
            There is no such layer.
        """
        info = self.get(id)
        self._publish([one for one in self.infos() if one.id != id])
        return info

    def remove_synthetic(self) -> bool:
        """Remove the layers of the demo city; returns whether there were any."""
        infos = self.infos()
        kept = [info for info in infos if not info.synthetic]
        if len(kept) < len(infos):
            self._publish(kept)
        return len(kept) < len(infos)

    def get(self, id: str) -> LayerInfo:
        """A layer by its id; raises InputError if there is none."""
        infos = {info.id: info for info in self.infos()}
        if id not in infos:
            raise InputError(f"No layer {id[:60]!r}; there are: {', '.join(infos) or 'none'}.")
        return infos[id]

    def write_index(self, infos: Sequence[LayerInfo]) -> None:
        """Say what there is; the folders of these layers exist."""
        replace_text(
            self._folder / INDEX,
            json.dumps({"layers": [asdict(info) for info in infos]}, ensure_ascii=False, indent=1),
        )

    def _publish(self, infos: Sequence[LayerInfo]) -> None:
        self.write_index(infos)
        kept = {info.folder for info in infos}
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def version_of(infos: Sequence[LayerInfo]) -> str:
    """One version of all layers, part of the address of their tiles; empty without layers."""
    if not infos:
        return ""
    text = " ".join(info.folder for info in infos)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def bounds_of(infos: Sequence[LayerInfo]) -> list[float]:
    """West, south, east, north of all layers."""
    west, south, east, north = zip(*(info.bounds for info in infos), strict=True)
    return [min(west), min(south), max(east), max(north)]


def write_tiles(path: Path, tiles: Mapping[str, Any]) -> None:
    """Write tiles as JSON into an archive, each by its name `level/x/y`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(tiles.items()):
            archive.writestr(name, json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def _read_tile(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            try:
                return archive.read(name).decode("utf-8")
            except KeyError:
                return ""
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise damaged(path, error, MEND) from error


def _read_table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DamagedError(f"{path} is damaged ({str(error)[:200]}). {MEND}") from error
