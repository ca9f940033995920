"""Files of the home folder belong to the user that runs PatrolIQ, and nobody else reads them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep() -> None:
    """From now on this process and those it starts make folders 0700 and files 0600."""
    os.umask(UMASK)


def open_to_others(home: Path) -> Iterator[Path]:
    """What the group or others may read, write or enter; where the home folder itself is closed,
    nothing below it can be reached."""
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
