"""What a command prints: the result on standard output, everything else on standard error."""

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
from analytics.errors import PatrolIQError
from analytics.redaction import Redaction

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Advance = Callable[[str, float], None]
"""Called with what is being done and the share done so far, 0 to 1."""

listener: Advance | None = None  # set in a job's process: its worker wants to know

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def emit(result: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print a command's result: JSON for programs, `lines()` for people."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines():
            click.echo(line)


def warn(message: str) -> None:
    """A line on standard error, without secrets."""
    click.echo(Redaction.of_process().of_text(message), err=True)


def raise_if(failure: PatrolIQError | None) -> None:
    """End with the failure's exit code, after its result was printed."""
    if failure is not None:
        raise failure


def report_failure(error: PatrolIQError) -> None:
    warn(f"patroliq: {error}")


def report_crash(error: Exception) -> None:
    """Say what no command foresaw: a failing disk in words, a fault of ours with its traceback."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        where = f" ({error.filename})" if error.filename else ""
        said = f"Writing failed: there is no room on the disk{where}. Make room and try again."
        warn(f"patroliq: {said}")
    elif isinstance(error, OSError):  # a folder that may not be written
        warn(f"patroliq: Reading or writing failed: {error}")
    else:
        warn(logs.crash_report(error).rstrip())


@contextmanager
def progress_bar() -> Iterator[Advance]:
    """A progress bar on standard error; silent where that is not a terminal."""
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
