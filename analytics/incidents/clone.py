"""Copies of files that share no byte that can change: damage to one must not reach the other."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

FICLONE = 0x40049409
"""ioctl of Linux: the new file shares the blocks of the old one until either is written."""


def clone(source: Path, target: Path) -> None:
    """Copy a file; on a file system with copy-on-write (Btrfs, XFS) without copying its blocks."""
    try:
        with source.open("rb") as old, target.open("xb") as new:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
    except OSError:
        shutil.copyfile(source, target)
