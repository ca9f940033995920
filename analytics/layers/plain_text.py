"""A text file as it is, or unpacked from gzip."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.errors import InputError

GZIP = b"\x1f\x8b"
MOST_BYTES = 1 << 30
"""Largest file, unpacked."""
CHUNK = 1 << 22


@contextmanager
def plain_text(path: Path) -> Iterator[Path]:
    """The path of a file's text, which is a temporary one if the file is packed.

    Raises
    ------
    InputError
        It is damaged or too large.
    """
    with path.open("rb") as handle:
        packed = handle.read(2) == GZIP
    if not packed:
        if path.stat().st_size > MOST_BYTES:
            raise _too_large(path)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="patroliq-layer-") as folder:
        target = Path(folder) / path.stem
        _unpack(path, target)
        yield target


def _unpack(path: Path, target: Path) -> None:
    room = shutil.disk_usage(target.parent).free
    written = 0
    try:
        with gzip.open(path) as source, target.open("wb") as plain:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > min(MOST_BYTES, room):
                    raise _too_large(path)
                plain.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip file is damaged or cut off: {error}.") from error


def _too_large(path: Path) -> InputError:
    return InputError(
        f"{path}: is larger than {MOST_BYTES:,} bytes, or than the room on the disk. "
        "Cut it to the agency's area first."
    )
