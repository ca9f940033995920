"""Where the rows of a load are: in its own folder, or with those of other loads in a pack.

A pack is a folder of raw rows like that of one load, with a file that lists the loads in it:

raw/<pack>/loads.json.gz         the loads, oldest first, and the id of whatever was merged
raw/<pack>/0000-rows.parquet     rows of those files that have the same columns, numbered
raw/<pack>/origins-0000.parquet  number of a row → load, file and line
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analytics.errors import BusyError
from analytics.incidents.manifest import Batch
from analytics.stored import damaged

NEWEST = 21
"""Newest loads that stay apart: the rhythm of loads, and loads that a killed run has to find."""
FEWEST = 20
"""Fewest loads worth a pack."""
LOADS = "loads.json.gz"
_TIME = len("20261121T064500123")  # of an id
SAMPLES = 5
REMEDY = "Restore its folder from a backup."


@dataclass(frozen=True)
class Pack:
    """The folder of several loads.

    Attributes
    ----------
    loads
        Oldest first, without samples of rows that differed: retraction would have to clean them.
    spans
        Id of a load, or of a pack that was merged into this one → its first load, and one behind
        its last, as indexes of `loads`.
    """

    folder: Path
    loads: tuple[Batch, ...]
    spans: Mapping[str, tuple[int, int]]

    def write(self) -> None:
        """Write the list into the folder."""
        loads = [asdict(replace(one, differing_samples=())) for one in self.loads]
        text = json.dumps({"loads": loads, "spans": self.spans}, ensure_ascii=False)
        (self.folder / LOADS).write_bytes(gzip.compress(text.encode(), mtime=0))

    @classmethod
    def read(cls, folder: Path) -> Pack:
        """Read a pack's list.

        Raises
        ------
        DamagedError
            It cannot be read.
        """
        path = folder / LOADS
        try:
            raw: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
            loads = tuple(Batch.of(one) for one in raw["loads"])
            spans = {name: (int(start), int(stop)) for name, (start, stop) in raw["spans"].items()}
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(path, error, REMEDY) from error
        return cls(folder, loads, spans)


@dataclass(frozen=True)
class Place:
    """Where the rows of a load, or of several merged ones, are."""

    folder: Path
    pack: Pack | None = None  # None: the folder is the load's own
    span: tuple[int, int] = (0, 1)  # of the pack's loads


class RawRows:
    """Finds the rows of loads in the folder `raw` of a warehouse. Packs are read once."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw

    def place(self, load: str) -> Place | None:
        """Where the rows of a load or pack are; None if they are missing.

        Raises
        ------
        DamagedError
            The list of a pack cannot be read.
        """
        own = self.raw / load
        if (own / LOADS).is_file():
            pack = Pack.read(own)
            return Place(own, pack, (0, len(pack.loads)))
        if own.is_dir():
            return Place(own)
        packed = self._packed.get(load)
        return None if packed is None else Place(packed.folder, packed, packed.spans[load])

    def folder(self, load: str) -> Path | None:
        """The folder that has the rows of a load or pack; None if they are missing.

        Raises
        ------
        DamagedError
            The list of a pack cannot be read.
        """
        own = self.raw / load
        if own.is_dir():
            return own
        pack = self._packed.get(load)
        return pack.folder if pack is not None else None

    def packs(self) -> Iterable[Path]:
        """Folders of the packs, in the order of their names."""
        return (path.parent for path in sorted(self.raw.glob(f"*/{LOADS}")))

    @cached_property
    def _packed(self) -> Mapping[str, Pack]:
        found: dict[str, Pack] = {}
        for folder in self.packs():
            pack = Pack.read(folder)
            for name in pack.spans:
                found.setdefault(name, pack)
        return found


def may_pack(raw: Path) -> bool:
    """Whether there are enough folders of raw rows that a compaction may find loads to pack."""
    return raw.is_dir() and sum(1 for _ in raw.iterdir()) > NEWEST + FEWEST


@contextmanager
def rows_stay(raw: Path) -> Iterator[None]:
    """Keep rows in their folders, such as while a backup copies one after the other."""
    with ExitStack() as stack:
        with suppress(FileNotFoundError):  # without raw rows
            fcntl.flock(stack.enter_context(_opened(raw)), fcntl.LOCK_SH)
        yield


@contextmanager
def rows_move(raw: Path) -> Iterator[None]:
    """Move rows to other folders.

    Raises
    ------
    BusyError
        They have to stay.
    """
    with _opened(raw) as folder:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"A backup copies {raw}; wait for it and run this again.") from error
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def has_load(batches: Sequence[Batch], load: str, raw: Path) -> bool:
    """Whether a load is one of `batches`, or of the loads merged into them."""
    if any(batch.id == load for batch in batches):
        return True
    own = RawRows(raw)
    for batch in batches:
        if batch.loads > 1 and batch.first <= load and load[:_TIME] <= batch.id[:_TIME]:
            place = own.place(batch.id)
            if place is not None and place.pack is not None and load in place.pack.spans:
                return True
    return False


def files_of(batches: Sequence[Batch], raw: Path) -> Iterable[str]:
    """SHA-256 of the files that loads were read from, also of merged ones, newest first."""
    own = RawRows(raw)
    for batch in reversed(batches):
        place = own.place(batch.id) if batch.loads > 1 else None
        loads = place.pack.loads if place is not None and place.pack is not None else (batch,)
        yield from (file.sha256 for load in loads for file in load.files)


def merged(batches: Sequence[Batch], raw: Path) -> tuple[Batch, ...]:
    """Loads of a manifest, of which those that are in a pack became one.

    Only packs whose loads follow each other here, all and in their order, count: another chain
    of loads, such as after a rollback, keeps its own.
    """
    found = list(batches)
    known = {batch.id for batch in batches}
    for folder in RawRows(raw).packs():
        if folder.name in known:
            continue
        pack = Pack.read(folder)
        at = [number for number, batch in enumerate(found) if batch.id in pack.spans]
        spans = [pack.spans[found[number].id] for number in at]
        ends = [0, *(stop for _, stop in spans)]
        if not at or at != list(range(at[0], at[-1] + 1)) or ends[-1] != len(pack.loads):
            continue
        if [start for start, _ in spans] == ends[:-1]:
            found[at[0] : at[-1] + 1] = [one_of(folder.name, found[at[0] : at[-1] + 1])]
    return tuple(found)


def one_of(name: str, batches: Sequence[Batch]) -> Batch:
    """One entry for several loads that follow each other."""
    first, last = batches[0], batches[-1]
    samples = [sample for batch in batches for sample in batch.differing_samples]
    return Batch(
        name,
        last.ingested_at,
        (),
        read=sum(batch.read for batch in batches),
        accepted=sum(batch.accepted for batch in batches),
        quarantined=sum(batch.quarantined for batch in batches),
        duplicates=sum(batch.duplicates for batch in batches),
        differing=sum(batch.differing for batch in batches),
        differing_samples=tuple(samples[-SAMPLES:]),
        loads=sum(batch.loads for batch in batches),
        first=first.first or first.id,
    )
