"""Removal of old entries: to a file first, and with a signed entry from which the chain goes on."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import sqlalchemy as sa

from analytics.audit import LOCK, PRUNED, Audit
from analytics.errors import InputError
from analytics.retention_rules import AUDIT_LEAST_DAYS as FEWEST_DAYS
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import audit as table


@dataclass(frozen=True)
class Pruned:
    """What was removed: number of entries; number, hash and key of the last; the file with them."""

    entries: int
    through: int
    hash: str
    key: str
    file: str
    sha256: str


def prune(state: State, settings: Settings, before: date, to: Path) -> Pruned:
    """Move entries from before a day to a new file of JSON lines.

    Raises
    ------
    InputError
        The day is not at least a year ago, no entry is that old, or the file exists.
    IntegrityError
        The log is not intact, or does not match its anchor.
    """
    newest = datetime.now(UTC).date() - timedelta(days=FEWEST_DAYS)
    if before > newest:
        raise InputError(
            f"Entries are kept for at least {FEWEST_DAYS} days; choose {newest} or an earlier day."
        )
    audit = Audit(state, settings)
    audit.verify()
    audit.anchor()  # it must not name an entry that is removed
    through, _ = last_before(state, before)
    if not through:
        raise InputError(f"No entry is older than {before}.")
    removed = _write(audit, through, to)
    with state.exclusive(LOCK) as connection:
        audit.add(connection, PRUNED, f"up to {through}", details=asdict(removed))
        connection.execute(sa.delete(table).where(table.c.sequence <= through))
    return removed


def last_before(state: State, before: date) -> tuple[int, int]:
    """The last entry of those that are all older, and how many they are; zeros if there is none.

    Entries of one moment may be stored in another order, so that an older one can be left.
    """
    young = sa.select(sa.func.min(table.c.sequence)).where(table.c.happened >= before.isoformat())
    bounds = sa.select(sa.func.min(table.c.sequence), sa.func.max(table.c.sequence))
    with state.engine.connect() as connection:
        first_young = connection.execute(young).scalar()
        first, last = connection.execute(bounds).one()
    through = last if first_young is None else first_young - 1
    if first is None or through < first:
        return 0, 0
    return int(through), int(through) - int(first) + 1


def _write(audit: Audit, through: int, to: Path) -> Pruned:
    checksum, number, last = hashlib.sha256(), 0, None
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{to} exists; name a new file.") from None
    with os.fdopen(descriptor, "wb") as file:
        for entry in takewhile(lambda one: one.sequence <= through, audit.entries()):
            line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
            file.write(line)
            checksum.update(line)
            number, last = number + 1, entry
        file.flush()
        os.fsync(file.fileno())
    if last is None:
        raise InputError("The entries were removed meanwhile.")
    return Pruned(number, last.sequence, last.hash, last.key, to.name, checksum.hexdigest())
