"""Every id that a portal has, page by page."""

from __future__ import annotations

from analytics.errors import UnavailableError
from analytics.fetch.portal import Portal
from analytics.fetch.socrata import Socrata
from analytics.fetch.web import Patience
from analytics.fetch.window import id_literal

PAGE_SIZE = 50_000


def all_ids(portal: Portal, token: str, patience: Patience | None = None) -> set[str]:
    """The ids of all incidents of a portal, as it writes them.

    Raises
    ------
    InputError
        The portal refuses the query.
    UnavailableError
        It does not answer, or does not go on from page to page.
    """
    found: set[str] = set()
    last: str | None = None
    with Socrata(portal, token, patience) as client:
        while True:
            after = {} if last is None else {"$where": f"{portal.id} > {id_literal(portal, last)}"}
            parameters = {"$select": portal.id, "$order": portal.id, "$limit": str(PAGE_SIZE)}
            page = [str(row.get(portal.id, "")) for row in client.rows({**parameters, **after})]
            if not page:
                return found
            if not all(page) or page[-1] in found:
                raise UnavailableError(f"{portal.url} does not list its ids in order.")
            found.update(page)
            last = page[-1]
