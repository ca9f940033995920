"""`patroliq snapshots push` and `pull`: what one machine serves, on other machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar, warn
from analytics.errors import (
    BusyError,
    InputError,
    IntegrityError,
    PatrolIQError,
    UnavailableError,
)

if TYPE_CHECKING:
    from analytics.machines.pull import PullReport
    from analytics.machines.push import PushReport

LEAST_WATCH_S = 1.0
PASSING = (BusyError, IntegrityError, UnavailableError)
"""Failures that may be over at the next look."""

watch_option = click.option(
    "--watch",
    type=click.FloatRange(LEAST_WATCH_S, 86_400),
    metavar="SECONDS",
    help="Go on until stopped, and look every so many seconds.",
)


@click.command("push")
@click.argument("address")
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Pushes that stay, besides those replaced within the last hour.",
)
@watch_option
@click.option(
    "--force", is_flag=True, help="Also over a newer snapshot that another machine pushed."
)
@json_option
def push(address: str, keep: int, watch: float | None, force: bool, as_json: bool) -> None:
    """Copy what is served to a storage, from which web machines pull it.

    ADDRESS is a folder (file:///srv/patroliq) or an object store (s3://bucket/patroliq), with
    credentials from the environment. Only blocks that the storage lacks are sent.
    """
    from analytics.machines.push import Pusher
    from analytics.settings import Settings

    pusher = Pusher(Settings.from_environment(), address, keep)

    def once() -> None:
        report = pusher.push(force=force)
        if report.is_new or watch is None:
            emit(asdict(report), as_json, lambda: _push_lines(report))

    _repeat(once, watch)


@click.command("pull")
@click.argument("address", required=False)
@watch_option
@click.option(
    "--force",
    is_flag=True,
    help="Also into a home folder with snapshots of its own, which publishes no more.",
)
@json_option
def pull(address: str | None, watch: float | None, force: bool, as_json: bool) -> None:
    """Serve what another machine pushed to a storage.

    ADDRESS is that of the push, by default PATROLIQ_PULL_FROM. Only blocks that this machine lacks
    are read. Each file is verified before the new snapshot is served; without --watch, those that
    are here already too.
    """
    from analytics.machines.pull import Puller
    from analytics.settings import Settings

    settings = Settings.from_environment()
    if not (where := address or settings.pull_from):
        raise InputError("Name the address to pull from, or set PATROLIQ_PULL_FROM.")
    puller = Puller(settings, where, watch)

    def once() -> None:
        with progress_bar() as advance:
            report = puller.pull(verifies=watch is None, force=force, advance=advance)
        if report.is_new or watch is None:
            emit(asdict(report), as_json, lambda: _pull_lines(report))

    _repeat(once, watch)


def _repeat(once: Callable[[], None], watch: float | None) -> None:
    """Do it once, or every `watch` seconds; then a failure that may pass is said once."""
    if watch is None:
        once()
        return
    said = ""
    while True:
        try:
            once()
            said = ""
        except PASSING as error:
            said = _say(error, said)
        time.sleep(watch)


def _say(error: PatrolIQError, said: str) -> str:
    if str(error) != said:
        warn(f"patroliq: {error}")
    return str(error)


def _push_lines(report: PushReport) -> list[str]:
    if not report.is_new:
        return [f"{report.address} has snapshot {report.snapshot} already."]
    return [
        f"Pushed snapshot {report.snapshot} to {report.address}: {report.sent_blocks:,} blocks, "
        f"{_megabytes(report.sent_bytes)} for {report.files:,} files of "
        f"{_megabytes(report.bytes)}."
    ]


def _pull_lines(report: PullReport) -> list[str]:
    of = f"snapshot {report.snapshot} of {report.publisher}, pushed {report.pushed}"
    if not (report.is_new or report.written_files):
        return [f"Serving {of}; nothing newer in {report.address}."]
    return [
        f"Serving {of}. Read {report.read_blocks:,} blocks, {_megabytes(report.read_bytes)}, and "
        f"wrote {report.written_files:,} of {report.files:,} files in {report.seconds:.1f} s."
    ]


def _megabytes(number: float) -> str:
    return f"{number / 1e6:,.1f} MB"


def pulled_lines(pulled: dict[str, Any] | None) -> list[str]:
    """Where the snapshots of this machine come from; nothing where it publishes."""
    if pulled is None:
        return []
    if not pulled["push"]:
        return [f"Nothing of {pulled['address']} was pulled whole yet."]
    return [
        f"Pulled {pulled['pulled']} from {pulled['address']}, where {pulled['publisher']} pushed "
        f"it {pulled['pushed']} ({pulled['age_s'] / 60:,.0f} minutes ago)."
    ]
