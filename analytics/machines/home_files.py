"""What a publisher's home folder has for web machines, by blocks."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from analytics.incidents.warehouse import Snapshot
from analytics.machines.push_list import BLOCK_BYTES, SINGLE, SNAPSHOTS, STORED, PushedFile
from analytics.sources.record_kinds import CALLS

_BEING_WRITTEN = re.compile(r"\.[0-9a-f]{8}$|\.damaged-[0-9a-f]{8}$")
_ADDING = "adding-"
Seen = tuple[int, int, int]


class BlockDigests:
    """Digests of files and their blocks, read once for each state of a file."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Seen, PushedFile]] = {}

    def of(self, path: Path) -> PushedFile:
        """Read a file, unless neither size, time of change nor inode differ from before.

        Raises
        ------
        FileNotFoundError
            It was removed.
        """
        about = path.stat()
        seen = about.st_size, about.st_mtime_ns, about.st_ino
        known = self._known.get(path)
        if known is None or known[0] != seen:
            known = self._known[path] = (seen, _read(path))
        return known[1]

    def keep_only(self, paths: set[Path]) -> None:
        """Forget files that are not there any more."""
        self._known = {path: one for path, one in self._known.items() if path in paths}


def _read(path: Path) -> PushedFile:
    whole, blocks, size = hashlib.sha256(), [], 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            whole.update(block)
            blocks.append(hashlib.sha256(block).hexdigest())
            size += len(block)
    return PushedFile(size, whole.hexdigest(), tuple(blocks))


def needed_files(home: Path, snapshot: Snapshot, calls: Snapshot | None) -> Iterator[str]:
    """Names, below a home folder, of what web workers read, served with these snapshots."""
    yield from _below(home, f"{SNAPSHOTS}/{snapshot.id}")
    if calls is not None:
        yield from _below(home, f"{CALLS.home}/{SNAPSHOTS}/{calls.id}")
    yield from stored_files(home)


def stored_files(home: Path) -> Iterator[str]:
    """Names of what there is besides snapshots."""
    for folder in STORED:
        yield from _below(home, folder)
    yield from (name for name in SINGLE if (home / name).is_file())


def _below(home: Path, folder: str) -> Iterator[str]:
    """Files of a folder, without those that are being written."""
    for root, folders, names in os.walk(home / folder):
        folders[:] = sorted(one for one in folders if not one.startswith((_ADDING, ".")))
        for name in sorted(names):
            path = Path(root) / name
            if not (_BEING_WRITTEN.search(name) or name.startswith(".") or path.is_symlink()):
                yield path.relative_to(home).as_posix()
