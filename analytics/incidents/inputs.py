"""Input files: unpack gzip and zip, tell CSV, Parquet and JSON apart by content."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import InputError

CHUNK = 1 << 22
_IGNORED = ("__MACOSX/", ".")


@dataclass(frozen=True)
class Input:
    """One plain file to read. `name` is what the user called it, `original` what was given."""

    name: str
    path: Path
    original: Path
    kind: str  # csv, parquet, json_lines, json_array or empty


def expand(paths: list[Path], folder: Path) -> Iterator[Input]:
    """Every plain file behind the given paths; archives are unpacked to `folder` one at a time.

    Raises
    ------
    InputError
        A path is missing, a folder, or a damaged archive.
    """
    for number, path in enumerate(paths):
        if not path.exists():
            raise InputError(f"There is no file {path}.")
        if path.is_dir():
            raise InputError(f"{path} is a folder; name its files, as {path}/*.csv.")
        try:
            yield from _unpack(path, folder / f"unpacked-{number}")
        except PermissionError as error:
            raise InputError(f"{path} may not be read by this user.") from error


def _unpack(path: Path, target: Path) -> Iterator[Input]:
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, CHUNK)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{path}: the gzip file is damaged or cut off: {error}") from error
        yield Input(path.name, target, path, kind_of(target))
        target.unlink()
    elif magic == b"PK\x03\x04" or zipfile.is_zipfile(path):
        yield from _unzip(path, target)
    else:
        yield Input(path.name, path, path, kind_of(path))


def _unzip(path: Path, target: Path) -> Iterator[Input]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.is_dir() or member.filename.startswith(_IGNORED):
                    continue
                with archive.open(member) as packed, target.open("wb") as plain:
                    shutil.copyfileobj(packed, plain, CHUNK)
                yield Input(f"{path.name}/{member.filename}", target, path, kind_of(target))
                target.unlink()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise InputError(f"{path}: the zip file cannot be read: {error}") from error


def kind_of(path: Path) -> str:
    """What a file holds, by its first bytes."""
    with path.open("rb") as handle:
        head = handle.read(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "empty"
    if text.startswith(b"{"):
        return "json_lines"
    return "json_array" if text.startswith(b"[") else "csv"
