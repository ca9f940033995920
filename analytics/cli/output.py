"""Output of commands: the result on standard output, everything else on standard error."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from analytics import logs
from analytics.artifacts.catalog import ALL
from analytics.errors import PatrolIQError
from analytics.redaction import Redaction

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Advance = Callable[[str, float], None]
"""Called with the present step and the share done, 0 to 1."""

listener: Advance | None = None  # set in a job's process, to report progress to its worker

target_option = click.option(
    "--target",
    default=ALL,
    show_default=True,
    help="The model's incidents: all, or a target of `patroliq models targets`.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def emit(result: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print a command's result: JSON for programs, `lines()` for people."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines():
            click.echo(line)


def warn(message: str) -> None:
    """Print a line to standard error, without secrets."""
    click.echo(Redaction.of_process().of_text(message), err=True)


def raise_if(failure: PatrolIQError | None) -> None:
    """End with the failure's exit code, after the result was printed."""
    if failure is not None:
        raise failure


def report_failure(error: PatrolIQError) -> None:
    warn(f"patroliq: {error}")


def report_crash(error: Exception) -> None:
    """Print an unexpected error: disk failures as a message, others with their traceback."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        where = f" ({error.filename})" if error.filename else ""
        warn(f"patroliq: Writing failed: the disk is full{where}. Make room and try again.")
    elif isinstance(error, OSError):  # such as a folder without permission to write
        warn(f"patroliq: Reading or writing failed: {error}")
    else:
        warn(logs.crash_report(error).rstrip())


@contextmanager
def progress_bar() -> Iterator[Advance]:
    """A progress bar on standard error; silent if that is not a terminal."""
    if listener is not None:
        yield listener
        return
    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def advance(what: str, share: float) -> None:
            progress.update(task, description=what, completed=share)

        yield advance
