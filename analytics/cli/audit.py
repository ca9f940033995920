"""`patroliq audit`: verify, export and look after the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option

if TYPE_CHECKING:
    from analytics.audit import Audit


@click.group("audit")
def command() -> None:
    """Verify, export and look after the audit log."""


@contextmanager
def _audit() -> Iterator[Audit]:
    from analytics.audit import Audit
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield Audit(state, settings)


@command.command("verify")
@click.option("--expect", default="", help="A hash noted earlier that must still be in the log.")
@json_option
def verify(expect: str, as_json: bool) -> None:
    """Check the whole chain and its anchor; exit code 4 names the first broken entry."""
    with _audit() as audit:
        found = audit.verify(expect)
    emit(
        {"verified": True, **asdict(found)},
        as_json,
        lambda: [
            f"The chain of {found.entries} entries is intact"
            f"{' and matches its anchor' if found.signed else ', but not signed yet'}. "
            f"Newest: {found.head}"
        ],
    )


@command.command("export")
@json_option
def export(as_json: bool) -> None:
    """Print every entry, oldest first: one per line, as text or (with --json) as JSON."""
    with _audit() as audit:
        for entry in audit.entries():
            row = asdict(entry)
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


reason_option = click.option("--reason", required=True, help="Reason, for the audit log.")


@command.command("accept")
@reason_option
@json_option
def accept(reason: str, as_json: bool) -> None:
    """Anchor the log as it is, such as after a backup of the state database was restored.

    The chain must be intact. An entry says what did not match, and who answers for it.
    """
    with _audit() as audit:
        entry = audit.accept(reason)
    emit(
        {"accepted": asdict(entry)},
        as_json,
        lambda: [f"Entry {entry.sequence} accepts: {entry.details['fault'] or 'no difference'}"],
    )


@command.command("rotate")
@reason_option
@json_option
def rotate(reason: str, as_json: bool) -> None:
    """Sign with a new key from now on. Earlier keys stay in the file of the key."""
    with _audit() as audit:
        entry = audit.rotate(reason)
    emit({"key": entry.key}, as_json, lambda: [f"The key {entry.key} signs from now on."])


@command.command("prune")
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day (UTC) whose entries stay; at least a year ago.",
)
@click.option(
    "--to",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="New file for the removed entries, one JSON object on each line.",
)
@json_option
def prune(before: datetime, to: Path, as_json: bool) -> None:
    """Move entries of more than a year ago to a file; an entry says which, with its checksum."""
    from analytics.audit.retention import prune
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        done = prune(state, settings, before.date(), to)
    emit(
        asdict(done),
        as_json,
        lambda: [
            f"{done.entries:,} entries, up to {done.through}, are in {to} now.",
            f"SHA-256: {done.sha256}",
        ],
    )


@command.command("forward")
@json_option
def forward(as_json: bool) -> None:
    """Send what was not forwarded yet to the syslog PATROLIQ_AUDIT_SYSLOG, as the server does."""
    from analytics.audit.forwarding import AuditForwarder
    from analytics.errors import InputError
    from analytics.settings import Settings

    settings = Settings.from_environment()
    if not settings.audit_syslog:
        raise InputError("Name a syslog in PATROLIQ_AUDIT_SYSLOG.")
    with _audit() as audit:
        sent = AuditForwarder(audit, settings).forward()
    emit({"forwarded": sent}, as_json, lambda: [f"{sent:,} entries were forwarded."])


def _line(row: dict[str, Any]) -> str:
    reason = f" because: {row['reason']}" if row["reason"] else ""
    return (
        f"{row['sequence']:>6}  {row['happened'][:19]}Z  {row['person']}  {row['event']}  "
        f"{row['subject']}{reason}"
    )
