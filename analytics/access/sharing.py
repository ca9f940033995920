"""Sharing with roles: what a person keeps is hers alone, or also of everyone who has a role."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.access.reader import Reader
from analytics.access.roles import Permission, Role


def roles_text(roles: Iterable[Role], reader: Reader) -> str:
    """Roles that a reader shares something with, as they are stored; empty for nobody.

    Raises
    ------
    NotAllowedError
        The reader may not share.
    """
    chosen = sorted(set(roles))
    if chosen:
        reader.require(Permission.SHARE)
    return ",".join(chosen)


def roles_of(text: str) -> frozenset[Role]:
    """The inverse of `roles_text`."""
    return frozenset(Role(one) for one in text.split(",") if one)
