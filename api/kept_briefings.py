"""Where the pages of briefings find what is kept, and the data that it cites."""

from __future__ import annotations

from analytics.access.reader import current_reader
from analytics.access.restriction import Restriction, restriction_of
from analytics.briefing_store import BriefingStore, BriefingVersion
from analytics.crossfilter.text_hash import text_hash
from analytics.errors import InputError
from analytics.services import Pinned, Services


def limits_of_reader(services: Services) -> Restriction:
    """What the reader does not see."""
    return restriction_of(current_reader(), services.settings)


def store_of_reader(services: Services) -> BriefingStore:
    """The briefings that the reader sees."""
    limits = limits_of_reader(services)
    scope = text_hash(limits.text)[:16] if limits else ""
    return BriefingStore(services.state, services.settings, scope)


def cited_data(services: Services, version: BriefingVersion) -> Pinned:
    """The data that a version cites.

    Raises
    ------
    InputError
        It is not the data being served, of which alone a limited reader sees a part.
    """
    pinned = require_data(services)
    if whole_snapshot(pinned) == version.snapshot:
        return pinned
    if pinned.is_scoped:
        raise InputError("This briefing is of earlier data. Draft it again first.")
    return services.open_snapshot(services.find_snapshot(version.snapshot))


def whole_snapshot(pinned: Pinned) -> str:
    """Id of the snapshot that warehouses keep: of what a limited reader sees, the whole one."""
    return pinned.snapshot.manifest.scoped_from or pinned.id


def require_data(services: Services) -> Pinned:
    """What the reader sees of the served data.

    Raises
    ------
    InputError
        No data is loaded.
    """
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    return pinned
