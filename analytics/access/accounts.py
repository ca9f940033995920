"""Whether people sign in. Without accounts, whoever is on this machine may do everything."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from analytics.settings import Settings
from analytics.state_file import StateFile

MARK = "accounts"


def are_kept(settings: Settings) -> bool:
    """Whether people must sign in: an account was ever added, or a setting asks for it.

    A file in the home folder says so, not the database: an installation whose database is lost or
    replaced by an empty one stays closed.
    """
    return bool(
        settings.sign_in == "required"
        or settings.oidc_issuer
        or settings.proxy_header
        or (settings.home / MARK).exists()
    )


def notice(settings: Settings) -> None:
    """Keep the mark if the database has accounts: it may be restored alone, or shared by machines.

    Raises
    ------
    StateError
        The database does not answer.
    """
    there = settings.state_url or StateFile(settings.home).path.exists()
    if are_kept(settings) or not there:
        return
    import sqlalchemy as sa  # noqa: PLC0415 - loads with the first use of the database

    from analytics.state import State  # noqa: PLC0415 - as above
    from analytics.state_tables import people  # noqa: PLC0415 - as above

    with closing(State(settings)) as state, state.engine.connect() as connection:
        if connection.execute(sa.select(people.c.id).limit(1)).first() is not None:
            keep(settings.home)


def keep(home: Path) -> None:
    """Note that accounts are kept from now on."""
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).touch()
