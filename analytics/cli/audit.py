"""`patroliq audit`: verify or export the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option

if TYPE_CHECKING:
    from analytics.audit import Audit


@click.group("audit")
def command() -> None:
    """Verify or export the audit log."""


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
    """Check the whole chain; exit code 4 names the first broken entry."""
    with _audit() as audit:
        found = audit.verify(expect)
    emit(
        {"verified": True, **asdict(found)},
        as_json,
        lambda: [f"The chain of {found.entries} entries is intact. Newest: {found.head}"],
    )


@command.command("export")
@json_option
def export(as_json: bool) -> None:
    """Print every entry, oldest first: one per line, as text or (with --json) as JSON."""
    with _audit() as audit:
        for entry in audit.entries():
            row = asdict(entry)
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _line(row: dict[str, Any]) -> str:
    reason = f" because: {row['reason']}" if row["reason"] else ""
    return (
        f"{row['sequence']:>6}  {row['happened'][:19]}Z  {row['person']}  {row['event']}  "
        f"{row['subject']}{reason}"
    )
