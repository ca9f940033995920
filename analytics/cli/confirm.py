"""Option `--confirm` of commands whose first load may be doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from analytics.cli.output import emit

confirm_option = click.option(
    "--confirm", is_flag=True, help="Publish a first load even if many rows or places are lost."
)


@contextmanager
def showing_unconfirmed(as_json: bool) -> Iterator[None]:
    """Print the report of a load that waits for confirmation, before the error ends the command."""
    from analytics.ingest.report import UnconfirmedError
    from analytics.ingest.report_sentences import report_dict, report_lines

    try:
        yield
    except UnconfirmedError as error:
        report = error.report
        emit(report_dict(report), as_json, lambda: report_lines(report))
        raise
