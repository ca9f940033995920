"""How many rows a reader may take away in one file."""

from __future__ import annotations

from analytics.access.reader import Reader
from analytics.access.roles import Role
from analytics.errors import InputError
from analytics.settings import Settings


def most_rows(reader: Reader, settings: Settings) -> int:
    """Most rows of a file for a reader: of several roles, the one that allows the most.

    Raises
    ------
    InputError
        The setting names a role that there is not.
    """
    limits = dict(settings.export_rows_by_role)
    if unknown := limits.keys() - {*Role}:
        raise InputError(f"PATROLIQ_EXPORT_ROWS_BY_ROLE: there is no role {min(unknown)!r}.")
    if not reader.is_person:
        return settings.export_rows
    return max(
        min(limits.get(role, settings.export_rows), settings.export_rows) for role in reader.roles
    )
