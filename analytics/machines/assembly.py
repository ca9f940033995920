"""Files put together from blocks: those that this machine has, and those of a storage."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import DamagedError, UnavailableError
from analytics.machines.push_list import BLOCK_BYTES, PushedFile, block_name, unpacked
from analytics.machines.storage import Storage

AT_ONCE = 32
"""Blocks that are asked for together, and held in memory."""


@dataclass
class Assembly:
    """Writes files of one pull. `read_bytes` and `read_blocks` are those of the storage."""

    storage: Storage
    read_bytes: int = 0
    read_blocks: int = 0

    def write(self, name: str, file: PushedFile, target: Path, near: Iterable[Path]) -> None:
        """Write a file and sync it to the disk; every block and the whole match their checksums.

        Parameters
        ----------
        name : str
            Of messages.
        near : iterable of Path
            Files of this machine that may have some of the blocks, such as the file as it was.

        Raises
        ------
        UnavailableError
            A block is missing in the storage, or that does not answer.
        DamagedError
            A block of the storage is damaged.
        """
        own = _places(near, set(file.blocks))
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = hashlib.sha256()
        with target.open("xb") as written:
            for start in range(0, len(file.blocks), AT_ONCE):
                some = file.blocks[start : start + AT_ONCE]
                contents = self._contents(name, some, own)
                for digest in some:
                    whole.update(contents[digest])
                    written.write(contents[digest])
            written.flush()
            os.fsync(written.fileno())
        if whole.hexdigest() != file.digest or target.stat().st_size != file.size:
            raise DamagedError(
                f"{name} of {self.storage.address} does not match its checksum, although its "
                "blocks do: its list is wrong. Push again from the machine that publishes."
            )

    def _contents(
        self, name: str, digests: tuple[str, ...], own: dict[str, tuple[Path, int]]
    ) -> dict[str, bytes]:
        found = {}
        for digest in set(digests):
            if digest in own and (content := _own_block(*own[digest], digest)) is not None:
                found[digest] = content
        wanted = {block_name(one): one for one in dict.fromkeys(digests) if one not in found}
        packed = self.storage.read_all(wanted)
        for stored, digest in wanted.items():
            if stored not in packed:
                raise UnavailableError(
                    f"{self.storage.address}/{stored}, a part of {name}, is missing: a newer push "
                    "may have replaced it. Pull again; if it stays missing, push again."
                )
            self.read_bytes += len(packed[stored])
            self.read_blocks += 1
            found[digest] = self._checked(name, stored, digest, packed[stored])
        return found

    def _checked(self, name: str, stored: str, digest: str, packed: bytes) -> bytes:
        try:
            content = unpacked(packed, BLOCK_BYTES)
        except (ValueError, zlib.error):
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise DamagedError(
                f"{self.storage.address}/{stored}, a part of {name}, is damaged: it does not match "
                "its checksum. Remove it there, and push again with `patroliq snapshots push`."
            )
        return content


def _places(near: Iterable[Path], wanted: set[str]) -> dict[str, tuple[Path, int]]:
    """Wanted blocks that files of this machine have: digest → file and offset."""
    found = {}
    for path in near:
        try:
            with path.open("rb") as file:
                offset = 0
                while block := file.read(BLOCK_BYTES):
                    digest = hashlib.sha256(block).hexdigest()
                    if digest in wanted:
                        found[digest] = path, offset
                    offset += len(block)
        except OSError:  # one that is missing or cannot be read has none
            continue
    return found


def _own_block(path: Path, offset: int, digest: str) -> bytes | None:
    """A block of a file, unless it has changed since."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(BLOCK_BYTES)
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None
