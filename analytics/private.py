"""Privacy of the home folder: only the user that runs PatrolIQ can read its files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def set_umask() -> None:
    """Have this process and its children create folders as 0700 and files as 0600."""
    os.umask(UMASK)


def open_to_others(home: Path) -> Iterator[Path]:
    """Files and folders that the group or others can access; none if the home folder is closed."""
    if not home.exists() or not _mode(home) & OTHERS:
        return
    yield home
    for path in sorted(home.rglob("*")):
        if not path.is_symlink() and _mode(path) & OTHERS:
            yield path


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:  # removed meanwhile
        return 0
