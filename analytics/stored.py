"""Small files: read with a clear message if damaged, replaced in one step."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.errors import DamagedError


def read_object(path: Path, remedy: str) -> dict[str, Any]:
    """Read the JSON object in a file.

    Parameters
    ----------
    remedy : str
        A sentence that says what to do if the file is damaged; it ends the message.

    Raises
    ------
    FileNotFoundError
        The file does not exist.
    DamagedError
        It cannot be read, is not JSON, or is not an object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error, remedy) from error
    if not isinstance(found, dict):
        raise damaged(path, f"it holds a {type(found).__name__}, not an object", remedy)
    return found


def damaged(path: Path, why: object, remedy: str) -> DamagedError:
    """The error to raise if a file's content cannot be used."""
    reason = (why.strerror if isinstance(why, OSError) else None) or str(why)
    return DamagedError(f"{path} is damaged ({reason[:200]}). {remedy}")


def replace_text(path: Path, text: str) -> None:
    """Write a file in one step: readers see the old text or the new one.

    Raises
    ------
    OSError
        The disk is full or cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary file that then replaces `path` in one step.

    A folder at `path` is moved aside. If writing fails, nothing is left behind. If `durable`, the
    file is synced to disk first, which files that can be computed again do not need.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        if durable:
            _sync(temporary)
        if path.is_dir():
            path.rename(path.with_name(f"{path.name}.damaged-{secrets.token_hex(4)}"))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to disk."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
