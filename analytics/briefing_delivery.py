"""Scheduled briefings: each due time is delivered once, whatever dies meanwhile.

What will be delivered is recorded first: the name of the file, the snapshot and the checksum. The
file appears whole, by renaming, under a name that follows from schedule and due time; who is killed
and begins again makes the same file from the same snapshot. A mail carries an id that follows from
both, so that a second one, sent because nobody can tell whether the first was, is recognized by
mail systems as the same.
"""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.audit import LOCK, Audit
from analytics.briefing.document import BriefingDocument
from analytics.briefing.files import MEDIA_TYPES, FileFormat, briefing_file
from analytics.errors import InputError
from analytics.outbox.mail import Attachment, send_mail
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import briefing_deliveries
from analytics.stored import replacing

DELIVERED, SCHEDULED, UNSCHEDULED = (
    "briefing.delivered", "briefing.scheduled", "briefing.unscheduled",
)  # fmt: skip
DELIVER = ("briefing", "deliver")
PLANNED, SENDING, DONE = "planned", "sending", "done"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,59}")


@dataclass(frozen=True)
class BriefingDelivery:
    """What is delivered where.

    Attributes
    ----------
    schedule : its name
    due : `2026-11-30T06:00Z`
    to_folder : whether a file is written
    to_mail : addresses of mail
    """

    schedule: str
    due: str
    made_as: FileFormat
    paper: str = "letter"
    to_folder: bool = False
    to_mail: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.schedule):
            raise InputError(
                "A schedule's name has at most 60 letters, digits, blanks, hyphens and underscores."
            )
        if not self.to_folder and not self.to_mail:
            raise InputError("Say where the briefing goes: --to-folder, --to-mail or both.")

    @property
    def file(self) -> str:
        """`monday-briefing-2026-11-30T0600Z.pdf`."""
        slug = re.sub(r"[ _]+", "-", self.schedule.strip()).lower()
        return f"{slug}-{self.due.replace(':', '')}.{self.made_as}"

    @property
    def message_id(self) -> str:
        """The same for the same schedule and due time."""
        return hashlib.sha256(f"{self.schedule}\n{self.due}".encode()).hexdigest()[:32]


def deliver_command(delivery: BriefingDelivery, request: Mapping[str, Any]) -> list[str]:
    """The `patroliq` command that a schedule queues; `request` has what the briefing is of."""
    options = {
        "name": delivery.schedule,
        **{name: request.get(name) for name in ("template", "selection", "title", "audience")},
        "format": delivery.made_as,
        "paper": delivery.paper,
    }
    words = [f"--{option}={value}" for option, value in options.items() if value]
    words += [f"--to-mail={address}" for address in delivery.to_mail]
    return [*DELIVER, *words, *(["--to-folder"] if delivery.to_folder else [])]


@dataclass(frozen=True)
class DeliveryRecord:
    """What is known of a delivery; `state` is planned, sending or done."""

    schedule: str
    due: str
    at: str
    snapshot: str
    file: str
    sha256: str
    state: str


Draft = Callable[[str | None], tuple[str, BriefingDocument]]
"""Drafts a document from the snapshot of an id, or the one being served; returns its id too."""
Keep = Callable[[sa.Connection, BriefingDocument, str], None]
"""Keeps a document of a snapshot in the transaction that records its delivery."""


class BriefingDeliveries:
    """BriefingDeliveries of scheduled briefings, recorded in the state database."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self._audit = Audit(state, settings)

    @property
    def folder(self) -> Path:
        """Where files go."""
        return self._settings.briefings_folder or self._settings.home / "briefings"

    def all(self, most: int = 50) -> list[DeliveryRecord]:
        """The newest ones, the newest first."""
        rows = sa.select(briefing_deliveries).order_by(briefing_deliveries.c.id.desc()).limit(most)
        with self._state.engine.connect() as connection:
            return [_record(row) for row in connection.execute(rows).mappings()]

    def deliver(
        self, delivery: BriefingDelivery, draft: Draft, keep: Keep | None = None
    ) -> tuple[DeliveryRecord, bool]:
        """Deliver once; returns the record, and whether this call delivered it.

        Raises
        ------
        InputError
            The briefing cannot be made, or mail is not set up or refused.
        UnavailableError
            The mail server does not answer; called again, it goes on.
        """
        known = self._find(delivery)
        if known is not None and known.state == DONE:
            return known, False
        snapshot, document = draft(known.snapshot if known else None)
        content = briefing_file(document, delivery.made_as, delivery.paper)
        record = self._plan(delivery, snapshot, hashlib.sha256(content).hexdigest())
        if delivery.to_folder:
            self._write(record.file, content)
        if delivery.to_mail:
            self._move(delivery, SENDING)
            self._send(delivery, document, content)
        self._finish(delivery, record, document, keep)
        return replace(record, state=DONE), True

    def _write(self, name: str, content: bytes) -> None:
        """Write a file whole, and remove what was begun before and killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for begun in self.folder.glob(f"{glob.escape(name)}.????????"):
            begun.unlink(missing_ok=True)
        with replacing(self.folder / name) as temporary:
            temporary.write_bytes(content)

    def _send(self, delivery: BriefingDelivery, document: BriefingDocument, content: bytes) -> None:
        attachment = Attachment(delivery.file, content, MEDIA_TYPES[delivery.made_as])
        lines = [document.title, *document.facts, *document.warnings]
        send_mail(
            self._settings,
            to=delivery.to_mail,
            subject=document.title,
            text="\n".join(lines) + "\n",
            attachments=(attachment,),
            message_id=delivery.message_id,
        )

    def _find(self, delivery: BriefingDelivery) -> DeliveryRecord | None:
        with self._state.engine.connect() as connection:
            row = connection.execute(sa.select(briefing_deliveries).where(_of(delivery)))
            found = row.mappings().first()
        return None if found is None else _record(found)

    def _plan(self, delivery: BriefingDelivery, snapshot: str, sha256: str) -> DeliveryRecord:
        """Record what will be delivered; a plan of before, whose data is gone, is replaced."""
        values = {
            "schedule": delivery.schedule,
            "due": delivery.due,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "snapshot": snapshot,
            "file": delivery.file,
            "sha256": sha256,
            "state": PLANNED,
        }
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.delete(briefing_deliveries).where(_of(delivery)))
            connection.execute(sa.insert(briefing_deliveries).values(values))
        return DeliveryRecord(**values)

    def _move(self, delivery: BriefingDelivery, state: str) -> None:
        with self._state.exclusive(LOCK) as connection:
            moved = sa.update(briefing_deliveries).where(_of(delivery)).values(state=state)
            connection.execute(moved)

    def _finish(
        self,
        delivery: BriefingDelivery,
        record: DeliveryRecord,
        document: BriefingDocument,
        keep: Keep | None,
    ) -> None:
        """Record that it is done, with its entry in the audit log."""
        details = {"file": record.file, "snapshot": record.snapshot, "sha256": record.sha256}
        if delivery.to_mail:
            details["mail"] = ", ".join(delivery.to_mail)
        with self._state.exclusive(LOCK) as connection:
            done = sa.update(briefing_deliveries).where(_of(delivery)).values(state=DONE)
            connection.execute(done)
            subject = f"{delivery.schedule}, due {delivery.due}"
            self._audit.add(connection, DELIVERED, subject, details=details)
            if keep is not None:
                keep(connection, document, record.snapshot)


def _of(delivery: BriefingDelivery) -> sa.ColumnElement[bool]:
    table = briefing_deliveries
    return sa.and_(table.c.schedule == delivery.schedule, table.c.due == delivery.due)


def _record(row: sa.RowMapping) -> DeliveryRecord:
    return DeliveryRecord(**{name: value for name, value in row.items() if name != "id"})
