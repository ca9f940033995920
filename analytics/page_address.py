"""A selection as an address holds it: its text, or the short name of one that is too long."""

from __future__ import annotations

import re

from analytics.crossfilter.dimensions import STORED
from analytics.crossfilter.selection import Selection
from analytics.services import Services

MAX_URL_TEXT = 1_500
"""Characters; gunicorn refuses a request line of more than 4,094, and mail programs cut before."""

_HEAD = re.compile(r"(https?://[^/?#]+)?(/[^?#=]*)?\?")


def pasted_filters(text: str) -> str:
    """The filters of a text that people paste: an address of a page, or its part after `?`."""
    text = text.strip()
    head = _HEAD.match(text)
    return text[head.end() :].partition("#")[0] if head else text


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
