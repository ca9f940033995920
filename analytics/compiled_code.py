"""Where numba keeps compiled code, and whether it may be loaded from there.

It is a pickle: whoever can write it can run code as us. So it is used only if the folder and its
files are ours, or root's, and nobody else can write them.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_LOG = logging.getLogger(__name__)


def folder_of(source: Path) -> Path:
    """The folder that numba chooses for the code of a module."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    beside = source.parent / "__pycache__"
    if os.access(beside if beside.exists() else source.parent, os.W_OK):
        return beside
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "numba"


def distrust(folder: Path) -> str:
    """Why compiled code of a folder is not loaded, and what to do; empty if it may be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stored = [path for kind in ("nbi", "nbc") for path in folder.rglob(f"*.{kind}")]
        for path in (folder, *stored):
            about = path.stat()
            if about.st_uid not in (os.geteuid(), 0):
                return f"{path} belongs to another user. Set {VARIABLE} to a folder of your own."
            if about.st_mode & WRITABLE:
                return f"Others can write {path}: chmod -R go-w {folder}"
    except OSError as error:
        return f"{folder} cannot be read ({error.strerror}). Set {VARIABLE} to another folder."
    return ""


def may_be_stored(source: str) -> bool:
    """Whether numba may load and store the code of a module, by its `__file__`."""
    problem = distrust(folder_of(Path(source)))
    if problem:
        _LOG.warning("Compiled code is not loaded, but made again by each process. %s", problem)
    return not problem
