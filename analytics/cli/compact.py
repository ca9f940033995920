"""`patroliq compact`: move the rows of many small loads into a few folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option

if TYPE_CHECKING:
    from analytics.ingest.compact import Compacted


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Move the rows of many small loads into a few folders.

    A worker does it every hour where there are many. Nothing is lost.
    """
    from dataclasses import asdict

    from analytics.ingest.compact import compact
    from analytics.settings import Settings

    found = compact(Settings.from_environment())
    emit({"kinds": [asdict(one) for one in found]}, as_json, lambda: _lines(found))


def _lines(found: list[Compacted]) -> list[str]:
    done = [
        f"{one.kind}: {one.loads:,} loads are in {one.packs:,} new folders; "
        f"{one.removed:,} folders removed."
        for one in found
        if one.loads or one.removed
    ]
    return done or ["There are too few small loads of a past hour to compact."]
