"""The data as a whole is for people from whom nothing of it is kept."""

from __future__ import annotations

from analytics.access.reader import current_reader
from analytics.access.restriction import restriction_of
from analytics.errors import OutsideScopeError
from analytics.services import Services


def require_all_data(services: Services) -> None:
    """Check that the current reader sees all incidents.

    Raises
    ------
    OutsideScopeError
        The reader is limited to some of them, or sees some less exactly.
    """
    if restriction_of(current_reader(), services.settings):
        raise OutsideScopeError(
            "Loading and looking after data needs all of it, and you may see only part of it. Ask "
            "an administrator."
        )
