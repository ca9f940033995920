"""Uploaded files, each in a folder of its own, until they are loaded or too old."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.errors import DamagedError, InputError
from analytics.one_line import HIDDEN
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.stored import read_object, replace_text

FOLDER = "uploads"
MOST_UPLOADS = 20
SETTLED_S = 20
"""A file of the drop folder that changed in this time may still be written."""
NOT_FOLLOWED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file of the drop folder is opened: no link is followed, and no pipe waited for."""
LONGEST_NAME = 120
KEPT_FREE = 0.1
"""Share of the disk that stays free."""
CHOICES, PROPOSAL, TRIED, LOADED = "choices", "proposal", "tried", "loaded"
"""Under these names an upload notes what a person chose, and what the steps found."""
ID = re.compile("[0-9a-f]{16}")
REMEDY = "Remove the upload and send the file again."
_ABOUT = "about.json"
_FILE = "file"
_NOT_IN_NAMES = re.compile(f"[{HIDDEN}/\\\\]")


@dataclass(frozen=True)
class Upload:
    """A file that somebody is sending or has sent.

    Attributes
    ----------
    name
        Of the file, without folders.
    size
        Bytes that the sender announced.
    person
        Who sends it.
    created
        Seconds since the epoch.
    folder
        Holds the file and what was found out about it.
    dropped_at
        Where in the drop folder it is taken from; empty if it is sent.
    """

    id: str
    name: str
    size: int
    person: str
    created: float
    folder: Path
    dropped_at: str = ""

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / _FILE / self.name

    @property
    def source_file(self) -> Path:
        """The source that was proposed, with the changes of a person."""
        return self.folder / "source.toml"

    @property
    def received(self) -> int:
        """Bytes that have arrived."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def is_whole(self) -> bool:
        return self.received == self.size

    @property
    def is_loaded(self) -> bool:
        """Whether its rows are in the data; the file itself is gone then."""
        return (self.folder / f"{LOADED}.json").exists()

    def take(self) -> None:
        """Copy a file of the drop folder, unless that was done.

        Raises
        ------
        InputError
            It cannot be read, or has changed since it was chosen.
        """
        if not self.dropped_at or self.is_whole or self.is_loaded:
            return
        try:
            descriptor = os.open(self.dropped_at, NOT_FOLLOWED)
            with os.fdopen(descriptor, "rb") as source, self.path.open("wb") as target:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    shutil.copyfileobj(source, target)
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror}.") from error
        if not self.is_whole:
            raise InputError(f"{self.name} has changed since it was chosen. Choose it again.")

    def read(self, name: str) -> dict[str, Any]:
        """What was noted under a name; empty if nothing was.

        Raises
        ------
        DamagedError
            It cannot be read.
        """
        try:
            return read_object(self.folder / f"{name}.json", REMEDY)
        except FileNotFoundError:
            return {}

    def note(self, name: str, values: Mapping[str, Any]) -> None:
        """Note something about the file under a name, in place of what was there.

        Nothing is noted about an upload that was removed meanwhile.
        """
        text = json.dumps(values, ensure_ascii=False, default=str)
        with suppress(FileNotFoundError):
            replace_text(self.folder / f"{name}.json", text)

    def forget(self, *names: str) -> None:
        """Drop what was noted under some names."""
        for name in names:
            (self.folder / f"{name}.json").unlink(missing_ok=True)


class Uploads:
    """The uploads of an installation."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._folder = settings.home / FOLDER
        self._most_bytes = settings.upload_mb * 1_000_000
        self._drop = settings.drop
        self._clock = clock
        self._keep_s = (settings.days_kept("uploads") or 0) * 86_400

    def begin(self, name: str, size: int, person: str, dropped_at: str = "") -> Upload:
        """Make room for a file that will be sent in parts, or copied by the worker.

        Raises
        ------
        InputError
            The name or the size is not acceptable, there are too many uploads, or the disk is full.
        NotPublisherError
            Another machine publishes: send it there.
        """
        require_publisher(self._settings, "take files")
        self.prune()
        name = file_name(name)
        if not 0 < size <= self._most_bytes:
            raise InputError(
                f"{name} has {size:,} bytes; a file of 1 to {self._most_bytes:,} bytes can be "
                "loaded here. Larger ones are loaded on the server with `patroliq ingest`."
            )
        if sum(not one.is_loaded for one in self.all()) >= MOST_UPLOADS:
            raise InputError(
                f"There are {MOST_UPLOADS} uploads already. Load or remove some of them first."
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        disk = shutil.disk_usage(self._folder)
        if disk.free - size < KEPT_FREE * disk.total:
            raise InputError(f"The server's disk has no room for {name}. Ask its operator.")
        upload = self._made(name, size, person, dropped_at)
        upload.path.touch()
        return upload

    def take_dropped(self, name: str, person: str) -> Upload:
        """Take a file of the drop folder, which stays there; the worker copies it.

        Raises
        ------
        InputError
            It is not there, or cannot be taken.
        """
        source = next((path for path in self.dropped() if shown_name(path.name) == name), None)
        if source is None:
            raise InputError(f"{name} is not in the drop folder any more.")
        return self.begin(name, source.stat().st_size, person, str(source))

    def dropped(self) -> list[Path]:
        """Files in the drop folder that nobody is writing any more, by name."""
        if self._drop is None or not self._drop.is_dir():
            return []
        newest = self._clock() - SETTLED_S
        return sorted(path for path in self._drop.iterdir() if _is_data(path, newest))

    def append(self, id: str, start: int, part: bytes) -> Upload:
        """Add a part to a file that is being sent; the same part again changes nothing.

        Raises
        ------
        InputError
            There is no such upload, a part is missing before this one, or it is longer than
            announced.
        """
        upload = self.get(id)
        received = upload.received
        if start > received:
            raise InputError(f"The part of {upload.name} from byte {received:,} is missing.")
        if start + len(part) > upload.size:
            raise InputError(f"{upload.name} is longer than the {upload.size:,} bytes announced.")
        if upload.is_loaded or upload.dropped_at:
            raise InputError(f"{upload.name} is not being sent.")
        with upload.path.open("r+b") as file:
            file.seek(start)
            if start < received:
                if file.read(len(part)) != part:
                    raise InputError(f"The part of {upload.name} differs from the one sent before.")
            else:
                file.write(part)
        return upload

    def get(self, id: str) -> Upload:
        """An upload by id.

        Raises
        ------
        InputError
            There is none.
        """
        folder = self._folder / id
        if ID.fullmatch(id):
            try:
                values = read_object(folder / _ABOUT, REMEDY)
                return Upload(**values, folder=folder)
            except (FileNotFoundError, DamagedError, TypeError):
                pass
        raise InputError("This upload is not there any more. Send the file again.")

    def all(self) -> list[Upload]:
        """Uploads, the newest first."""
        found = []
        for id in self._ids():
            try:
                found.append(self.get(id))
            except InputError:  # removed meanwhile, or damaged
                continue
        return sorted(found, key=lambda one: -one.created)

    def remove(self, id: str) -> None:
        """Remove an upload with its file."""
        if ID.fullmatch(id):
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def clear(self) -> int:
        """Remove all uploads; returns how many there were."""
        ids = list(self._ids())
        for id in ids:
            self.remove(id)
        return len(ids)

    def prune(self) -> None:
        """Remove uploads that nobody loaded for long, and what is left of damaged ones."""
        for folder in self.prunable():
            self.remove(folder.name)

    def prunable(self) -> list[Path]:
        """Folders of the uploads that need not be kept."""
        oldest, found = self._clock() - self._keep_s, []
        for id in self._ids():
            with suppress(FileNotFoundError):  # removed meanwhile
                if (self._folder / id).stat().st_mtime < oldest:
                    found.append(self._folder / id)
        return found

    def _ids(self) -> Iterator[str]:
        if self._folder.is_dir():
            yield from (path.name for path in self._folder.iterdir() if ID.fullmatch(path.name))

    def _made(self, name: str, size: int, person: str, dropped_at: str) -> Upload:
        id = secrets.token_hex(8)
        folder = self._folder / id
        upload = Upload(id, name, size, person, self._clock(), folder, dropped_at)
        upload.path.parent.mkdir(parents=True)
        values = asdict(upload)
        del values["folder"]
        replace_text(upload.folder / _ABOUT, json.dumps(values))
        return upload


def shown_name(entry: str) -> str:
    """The name of a file in the drop folder; bytes that are not UTF-8 are written as `\\xe4`."""
    return os.fsencode(entry).decode("utf-8", "backslashreplace")


def file_name(given: str) -> str:
    """The name under which a file is kept.

    Raises
    ------
    InputError
        The name cannot be that of a file.
    """
    name = given.strip()
    if _NOT_IN_NAMES.search(name):
        raise InputError("The file's name has a slash or an invisible character. Rename it.")
    if not name or name.startswith(".") or len(name.encode()) > LONGEST_NAME:
        raise InputError(
            f"A file needs a name of at most {LONGEST_NAME} bytes that does not begin with a dot."
        )
    return name


def _is_data(path: Path, newest: float) -> bool:
    if path.name.startswith(".") or path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_mtime <= newest
