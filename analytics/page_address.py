"""A selection as an address holds it: its text, or the short name of one that is too long."""

from __future__ import annotations

from analytics.crossfilter.dimensions import STORED
from analytics.crossfilter.selection import Selection
from analytics.services import Services

MAX_URL_TEXT = 1_500
"""Characters; gunicorn refuses a request line of more than 4,094, and mail programs cut before."""


def query_of(services: Services, selection: Selection) -> str:
    """The query of an address that opens the selection; a long one is stored.

    While nothing can be stored, it is the text of any length: pages show why.
    """
    if len(selection.text) <= MAX_URL_TEXT or services.state_trouble:
        return selection.text
    return f"{STORED}={services.selections.store(selection.text)}"


def page_address(services: Services, path: str, selection: Selection) -> str:
    """Address of a page with a selection."""
    query = query_of(services, selection)
    return f"{path}?{query}" if query else path
