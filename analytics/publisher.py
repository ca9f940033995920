"""Which machine publishes: one does, and the others show what they pulled of it.

    <home>/pulled.json    on a machine that pulls: what it pulled, from where and when

The file's time of change is when it last looked for something newer. Its presence keeps everything
that would publish from this home folder, and so does `PATROLIQ_PULL_FROM` before the first pull.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import DamagedError, NotPublisherError
from analytics.settings import Settings
from analytics.stored import damaged, read_object, replace_text

MARK = "pulled.json"
REMEDY = "Pull again with `patroliq snapshots pull`."
LATE_LOOKS = 10
LEAST_LATE_S = 300.0


@dataclass(frozen=True)
class Pulled:
    """What a home folder last pulled whole.

    Attributes
    ----------
    address : of the storage
    publisher : name of the machine that pushed it; empty before the first pull was complete
    push : id of what was pushed; empty as above
    snapshot : id of the snapshot
    pushed, pulled : ISO 8601 in UTC; when it was complete in the storage, and here
    retracted : digest of the retractions that it honors
    every_s : seconds between two looks; None if a person pulls
    """

    address: str
    publisher: str = ""
    push: str = ""
    snapshot: str = ""
    pushed: str = ""
    pulled: str = ""
    retracted: str = ""
    every_s: float | None = None

    def age_s(self, now: float) -> float:
        """Seconds since it was pushed; `now` is seconds since 1970."""
        return now - datetime.fromisoformat(self.pushed).timestamp() if self.pushed else 0.0


def read_pulled(home: Path) -> Pulled | None:
    """What a home folder pulled; None if it publishes by itself.

    Raises
    ------
    DamagedError
        The file cannot be read; nothing is published from this home folder until it is.
    """
    path = home / MARK
    try:
        return Pulled(**read_object(path, REMEDY))
    except FileNotFoundError:
        return None
    except TypeError as error:
        raise damaged(path, error, REMEDY) from error


def note_pulled(home: Path, pulled: Pulled) -> None:
    """Note what was pulled, and that it was looked for now."""
    replace_text(home / MARK, json.dumps(asdict(pulled), indent=1))


def note_look(home: Path) -> None:
    """Note that nothing newer was found now."""
    os.utime(home / MARK)


def late_pull(home: Path) -> str:
    """That newer snapshots do not arrive any more, as a sentence; empty while they may."""
    try:
        pulled = read_pulled(home)
    except DamagedError as error:
        return str(error)
    if pulled is None or pulled.every_s is None:
        return ""
    looked = (home / MARK).stat().st_mtime
    if time.time() - looked <= max(LATE_LOOKS * pulled.every_s, LEAST_LATE_S):
        return ""
    return (
        "New snapshots have not arrived since "
        f"{datetime.fromtimestamp(looked, UTC):%Y-%m-%d %H:%M} UTC: see the log of "
        "`patroliq snapshots pull --watch` on this machine."
    )


def require_own(home: Path, to: str) -> None:
    """Refuse what only a publisher does, where a home folder was pulled.

    Raises
    ------
    NotPublisherError
        It was; the message says which machine publishes.
    """
    if not (home / MARK).exists():
        return
    pulled = read_pulled(home)
    raise NotPublisherError(to, pulled.publisher if pulled else "")


def require_publisher(settings: Settings, to: str) -> None:
    """Refuse what only the publisher does on a machine that pulls, or is to.

    Parameters
    ----------
    to : str
        What is refused, such as "load files".

    Raises
    ------
    NotPublisherError
        Another machine publishes.
    """
    require_own(settings.home, to)
    if settings.pull_from:
        raise NotPublisherError(to)
