"""What was pushed: a list of the home's files by blocks, under which a storage keeps them.

    latest                    id and SHA-256 of the newest list; written last
    pushes/<id>.json.z        one list
    blocks/<aa>/<sha256>.z    256 KiB of files, compressed, named by what they hold

Blocks are named by content, so that of a file that changed in few places only these are copied, and
nothing that a list names ever changes.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from analytics.artifacts.bundle import FORMAT as BUNDLES
from analytics.calls.tables import VERSION as CALLS_VERSION
from analytics.crossfilter.codes import VERSION as CODES
from analytics.errors import DamagedError, IntegrityError, UnavailableError
from analytics.incidents.model import SCHEMA_VERSION
from analytics.machines.storage import Storage
from analytics.sources.record_kinds import CALLS

FORMAT = 1
BLOCK_BYTES = 262_144
"""As much as a block of DuckDB, which changes whole. Of 64 KiB, a load would change half as many
bytes, but a first push would write four times as many files."""
LATEST = "latest"
LISTS, BLOCKS = "pushes", "blocks"
SNAPSHOTS = "snapshots"
STORED = (
    "models", "layers", "tables", "sources", "outlines", "population", "comparisons", "proposals",
    "fairness", "risk_terrain",
)  # fmt: skip
"""Folders of the home that web workers read besides snapshots. What only the publisher's loads and
trainings need, what each machine makes by itself, keys and the state stay where they are."""
SINGLE = ("default_places.json",)
FORMATS = {"snapshots": SCHEMA_VERSION, "codes": CODES, "calls": CALLS_VERSION, "models": BUNDLES}
LONGEST_NAME = 400
MOST_LIST_BYTES = 500_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PUSH = re.compile(r"[0-9]{8}T[0-9]{6}[0-9]{6}-[0-9a-f]{8}-[0-9a-f]{8}")
_SNAPSHOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TIME = "%Y%m%dT%H%M%S%f"
REMEDY = "Push again from the machine that publishes."


@dataclass(frozen=True)
class PushedFile:
    """A file: size in bytes, SHA-256 of all of it and of each block."""

    size: int
    digest: str
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Push:
    """What a publisher served at one moment.

    Attributes
    ----------
    id : time, beginning of `retracted`, and chance; ids sort by time
    publisher : name of the machine
    formats : version of each kind of stored data, see `FORMATS`
    snapshot, calls : ids of the snapshots; of calls empty if there is none
    retracted : digest of the publisher's list of retractions
    files : by name below the home folder
    """

    id: str
    pushed: str
    publisher: str
    code_version: str
    formats: Mapping[str, int]
    snapshot: str
    calls: str
    retracted: str
    files: Mapping[str, PushedFile]

    @property
    def all_blocks(self) -> set[str]:
        """Digests of all blocks."""
        return {block for file in self.files.values() for block in file.blocks}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def serves_same(self, other: Push) -> bool:
        """Whether another push has the same files, snapshots and versions."""
        mine, its = asdict(self), asdict(other)
        return all(mine[key] == its[key] for key in mine if key not in {"id", "pushed"})

    def packed(self) -> bytes:
        """As it is stored."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)
        return zlib.compress(text.encode())


def block_name(digest: str) -> str:
    return f"{BLOCKS}/{digest[:2]}/{digest}.z"


def list_name(push_id: str) -> str:
    return f"{LISTS}/{push_id}.json.z"


def push_time(push_id: str) -> datetime:
    """When a push was made, by its id."""
    return datetime.strptime(push_id.partition("-")[0], _TIME).replace(tzinfo=UTC)


def push_id(now: datetime, retracted: str, chance: str) -> str:
    return f"{now:{_TIME}}-{retracted[:8]}-{chance}"


def pushed_ids(storage: Storage) -> list[str]:
    """Ids of all pushes of a storage, the oldest first."""
    names = storage.names(LISTS)
    ids = {PurePosixPath(name).name.partition(".")[0] for name in names}
    return sorted(id for id in ids if _PUSH.fullmatch(id) and list_name(id) in names)


def latest_id(storage: Storage) -> tuple[str, str] | None:
    """Id of the newest push and SHA-256 of its list; None in an empty storage.

    Raises
    ------
    DamagedError
        The pointer is not valid.
    UnavailableError
        The storage does not answer.
    """
    content = storage.read(LATEST)
    if content is None:
        return None
    id, _, digest = content.decode("utf-8", "replace").strip().partition(" ")
    if not (_PUSH.fullmatch(id) and _DIGEST.fullmatch(digest)):
        raise DamagedError(f"{storage.address}/{LATEST} is damaged: no push is named. {REMEDY}")
    return id, digest


def latest_text(push: Push) -> bytes:
    """What the pointer says of a push."""
    return f"{push.id} {hashlib.sha256(push.packed()).hexdigest()}\n".encode()


def read_push(storage: Storage, push_id: str, digest: str = "") -> tuple[Push, int]:
    """A list, and its bytes in the storage. Without a digest it is only read to be removed.

    Raises
    ------
    UnavailableError
        It is not there any more, or the storage does not answer.
    DamagedError
        It is not the one of this digest, or names files that it must not.
    IntegrityError
        A newer version of PatrolIQ wrote it.
    """
    where = f"{storage.address}/{list_name(push_id)}"
    content = storage.read(list_name(push_id))
    if content is None:
        raise UnavailableError(f"{where} is missing: a newer push may have replaced it. Try again.")
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise DamagedError(f"{where} is damaged: it does not match its checksum. {REMEDY}")
    try:
        return _read(content), len(content)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, RecursionError) as error:
        raise DamagedError(f"{where} is damaged: {str(error)[:200]}. {REMEDY}") from error


def _read(content: bytes) -> Push:
    raw = json.loads(unpacked(content, MOST_LIST_BYTES))
    if raw.pop("format") != FORMAT:
        raise IntegrityError(
            f"It was pushed by PatrolIQ {raw.get('code_version')} in another form. Install that "
            "version here, then pull again. What is served stays."
        )
    files = {name: PushedFile(**one) for name, one in raw.pop("files").items()}
    files = {
        name: PushedFile(int(one.size), str(one.digest), tuple(one.blocks))
        for name, one in files.items()
    }
    push = Push(**raw, files=files)
    _check(push)
    return push


def _check(push: Push) -> None:
    """Check everything of a list that paths and addresses are made of."""
    if not (_PUSH.fullmatch(push.id) and _SNAPSHOT.fullmatch(push.snapshot)):
        raise ValueError("an id is not valid")
    if push.calls and not _SNAPSHOT.fullmatch(push.calls):
        raise ValueError("the id of the calls is not valid")
    if not _DIGEST.fullmatch(push.retracted):
        raise ValueError("the digest of retractions is not valid")
    datetime.fromisoformat(push.pushed)
    for text in (push.publisher, push.code_version):
        if not isinstance(text, str) or not text.isprintable():
            raise ValueError("a name is not valid")
    for name, file in push.files.items():
        _check_name(name, push)
        digests = (file.digest, *file.blocks)
        if not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in digests):
            raise ValueError(f"a checksum of {name!r} is not valid")
        if len(file.blocks) != -(-file.size // BLOCK_BYTES):
            raise ValueError(f"{name!r} has {len(file.blocks)} blocks for {file.size} bytes")
    if f"{SNAPSHOTS}/{push.snapshot}/manifest.json" not in push.files:
        raise ValueError("the snapshot has no manifest")


def _check_name(name: str, push: Push) -> None:
    """Refuse a name that would not be a file of the folders that are pulled."""
    parts = name.split("/")
    plain = all(part.isprintable() and "\\" not in part and part[:1] != "." for part in parts)
    if not all(parts) or not plain or len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"{name[:100]!r} is not the name of a file")
    within = parts[0] in STORED and len(parts) > 1
    of_snapshot = any(name.startswith(f"{folder}/") for folder in _snapshot_folders(push))
    if not (within or of_snapshot or name in SINGLE):
        raise ValueError(f"{name[:100]!r} is not a file that web machines need")


def _snapshot_folders(push: Push) -> Iterator[str]:
    yield f"{SNAPSHOTS}/{push.snapshot}"
    if push.calls:
        yield f"{CALLS.home}/{SNAPSHOTS}/{push.calls}"


def unit_of(name: str) -> str:
    """The folder, or the file by itself, that is replaced in one step with a file."""
    parts = name.split("/")
    depth = {SNAPSHOTS: 2, CALLS.home: 3, "models": 3, "layers": 2}.get(parts[0], len(parts))
    return "/".join(parts[: min(depth, len(parts))])


def unpacked(content: bytes, most: int) -> bytes:
    """What was compressed.

    Raises
    ------
    ValueError, zlib.error
        It would have more bytes than `most`, or is damaged.
    """
    unpacking = zlib.decompressobj()
    found = unpacking.decompress(content, most)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise ValueError("it is cut off or too long")
    return found


def differing_formats(push: Push) -> dict[str, tuple[Any, int]]:
    """Kind of stored data → version pushed and version that this program reads, if not the same."""
    return {
        kind: (push.formats.get(kind), known)
        for kind, known in FORMATS.items()
        if push.formats.get(kind) != known
    }
