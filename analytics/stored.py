"""Small files of ours: read with a sentence where they are damaged, replaced in one step."""

from __future__ import annotations

import json
import os
import secrets
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

    A folder that stands in its place is moved aside. Where writing fails nothing is left behind.

    Raises
    ------
    OSError
        The disk is full or cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        if path.is_dir():
            path.rename(path.with_name(f"{path.name}.damaged-{secrets.token_hex(4)}"))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
