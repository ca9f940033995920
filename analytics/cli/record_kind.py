"""The option that says which data set a command is about, and its warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from analytics.incidents.warehouse import Warehouse
    from analytics.settings import Settings

kind_option = click.option(
    "--kind",
    type=click.Choice(["incidents", "calls"]),
    default="incidents",
    show_default=True,
    help="Incidents, or calls for service.",
)


def warehouse_of(settings: Settings, kind: str) -> Warehouse:
    """The warehouse of a kind of record."""
    from analytics.incidents.warehouse import Warehouse
    from analytics.sources.record_kinds import RECORD_KINDS

    return Warehouse(settings.home / RECORD_KINDS[kind].home)
