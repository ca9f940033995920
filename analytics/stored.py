"""Small files of ours: read with a sentence where they are damaged, replaced in one step."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.errors import DamagedError


def read_object(path: Path, mend: str) -> dict[str, Any]:
    """The JSON object in a file.

    Parameters
    ----------
    mend : str
        What to do where it is damaged, as a sentence; it ends the message.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    DamagedError
        It cannot be read, is not JSON, or holds something else than an object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error, mend) from error
    if not isinstance(found, dict):
        raise damaged(path, f"it holds a {type(found).__name__}, not an object", mend)
    return found


def damaged(path: Path, why: object, mend: str) -> DamagedError:
    """The error to raise where a file's content cannot be used."""
    reason = (why.strerror if isinstance(why, OSError) else None) or str(why)
    return DamagedError(f"{path} is damaged ({reason[:200]}). {mend}")


def replace_text(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads sees the old text or the new one.

    As `replacing` does.

    Raises
    ------
    OSError
        The disk is full or cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A file to write beside `path`, which takes its place in one step.

    A folder that stands in its place is moved aside. Where writing fails nothing is left behind.
    Where it is `durable` the disk has it first; what can be made again need not wait for that.
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
    """Have the disk keep the names in a folder."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
