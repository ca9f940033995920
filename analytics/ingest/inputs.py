"""Input files: unpack gzip, zip and workbooks, and detect the kind of each by its content."""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from analytics.errors import InputError
from analytics.ingest.tables import CHUNK
from analytics.ingest.workbook import sheets_of
from analytics.sources.reading import reading

SMALL_BYTES = 1 << 28
"""Unpacked size below which no archive is suspected to be a bomb."""
MOST_TIMES = 200
"""Largest factor by which a larger archive may grow: text grows 5 to 30 times, bombs 1,000."""
_ABOUT_THE_DATA = re.compile(r"(read[ _-]?me|licen[cs]e|metadata|changelog)[^/]*", re.IGNORECASE)
_TEXT_ENDINGS = ("", ".txt", ".md")
_NO_DATA = frozenset(
    {
        *(
            ".pdf",
            ".html",
            ".htm",
            ".rtf",
            ".doc",
            ".docx",
            ".xml",
            ".png",
            ".jpg",
            ".jpeg",
            ".gif",
        ),
        *(".prj", ".cpg", ".qpj", ".css", ".js"),
    }
)
"""Endings of documents, pictures and companions of maps."""
KINDS = "CSV, tab-separated text, Excel, JSON, GeoJSON and Parquet, also in .gz or .zip"
_BOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""Members that make a zip archive a workbook of Excel or OpenDocument."""
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive inside an archive; unpack it first",
    b"\x1f\x8b": "a gzip file inside an archive; unpack it first",
    b"BZh": "compressed with bzip2; unpack it first",
    b"\xfd7zXZ\x00": "compressed with xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"SQLite format 3": "an SQLite database; export its table as CSV",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x00\x00\x27\x0a": "a shapefile; save it as GeoJSON",
}
_MARKUP = re.compile(rb"<(!doctype|html|\?xml|[a-z]+[ >])", re.IGNORECASE)


@dataclass(frozen=True)
class Input:
    """One plain file, or one sheet of a workbook, to read.

    `name` is its name in reports, `original` the path given, `workbook` the name of a sheet's file.
    """

    name: str
    path: Path
    original: Path
    kind: str  # csv, parquet, json_lines, json_array, sheet, empty; `about` holds no data
    sheet: str = ""
    workbook: str = ""


class _Packed(Protocol):
    """A packed file, read a piece at a time."""

    def read(self, size: int, /) -> bytes: ...


def expand(paths: list[Path], folder: Path) -> Iterator[Input]:
    """Every plain file behind the given paths; archives are unpacked to `folder` one at a time.

    Raises
    ------
    InputError
        A path is missing, a folder, a damaged archive, or of an unknown kind.
    """
    for number, path in enumerate(paths):
        if not path.exists():
            raise InputError(f"File not found: {path}.")
        if path.is_dir():
            raise InputError(f"{path} is a folder; name its files, such as {path}/*.csv.")
        try:
            with reading(path):
                yield from _unpack(path, folder / f"unpacked-{number}")
        except PermissionError as error:
            raise InputError(f"No permission to read {path}.") from error


def _unpack(path: Path, target: Path) -> Iterator[Input]:
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as packed:
                _write(packed, target, path.name, path.stat().st_size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{path}: the gzip file is damaged or cut off: {error}") from error
        yield from _plain(target, path.name, path)
        target.unlink()
    elif _is_workbook(path):
        yield from _sheets(path, path.name, path)
    elif magic == b"PK\x03\x04" or zipfile.is_zipfile(path):
        yield from _unzip(path, target)
    else:
        yield from _plain(path, path.name, path)


def _plain(path: Path, name: str, original: Path) -> Iterator[Input]:
    """The file itself, or each sheet of a workbook."""
    if _is_workbook(path):
        yield from _sheets(path, name, original)
    else:
        yield Input(name, path, original, kind_of(path, name))


def _sheets(path: Path, name: str, original: Path) -> Iterator[Input]:
    try:
        sheets = sheets_of(path)
    except InputError as error:
        raise InputError(f"{name}: {error}. PatrolIQ reads {KINDS}.") from error
    for sheet in sheets:
        yield Input(f"{name}/{sheet}", path, original, "sheet", sheet, name)


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as handle:
        if handle.read(4) == _OLD_WORKBOOK:
            return True
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not set(_BOOKS).isdisjoint(archive.namelist())
    except zipfile.BadZipFile:
        return False


def _unzip(path: Path, target: Path) -> Iterator[Input]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                inside = PurePosixPath(member.filename)
                if member.is_dir() or _is_litter(inside):
                    continue
                name = f"{path.name}/{member.filename}"
                if _is_about_the_data(inside):
                    yield Input(name, path, path, "about")
                    continue
                with archive.open(member) as packed:
                    _write(packed, target, name, member.compress_size)
                yield from _plain(target, name, path)
                target.unlink()
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise InputError(f"{path}: the zip file cannot be read: {error}") from error


def _write(packed: _Packed, target: Path, name: str, packed_bytes: int) -> None:
    """Unpack to `target`, unless it grows more than files of incidents do."""
    most = max(SMALL_BYTES, MOST_TIMES * packed_bytes)
    room = shutil.disk_usage(target.parent).free
    written = 0
    with target.open("wb") as plain:
        while chunk := packed.read(CHUNK):
            written += len(chunk)
            if written > most:
                raise InputError(
                    f"{name} unpacks from {packed_bytes:,} to more than {most:,} bytes, which is "
                    "too much for incidents. If the file is correct, unpack it first."
                )
            if written > room:
                raise InputError(
                    f"{name} unpacks to more than the {room:,} bytes that are free on the disk. "
                    "Make room, or ingest it in parts."
                )
            plain.write(chunk)


def _is_litter(inside: PurePosixPath) -> bool:
    """Whether a file was left in the archive by a file manager."""
    return (
        inside.parts[0] == "__MACOSX" or inside.name.startswith(".") or inside.name == "Thumbs.db"
    )


def _is_about_the_data(inside: PurePosixPath) -> bool:
    ending = inside.suffix.lower()
    named = _ABOUT_THE_DATA.fullmatch(inside.stem)
    return ending in _NO_DATA or (named is not None and ending in _TEXT_ENDINGS)


def kind_of(path: Path, name: str = "") -> str:
    """Kind of a file, by its first bytes.

    Raises
    ------
    InputError
        It is of a kind that cannot be read.
    """
    with path.open("rb") as handle:
        head = handle.read(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(f"{name or path} is {what}. PatrolIQ reads {KINDS}.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "empty"
    if _MARKUP.match(text):
        raise InputError(f"{name or path} is a web page or XML. PatrolIQ reads {KINDS}.")
    if text.startswith((b"{", b"\x1e")):
        return "json_lines"
    return "json_array" if text.startswith(b"[") else "csv"
