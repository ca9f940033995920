"""What people paste where filters are asked for."""

from __future__ import annotations

import pytest

from analytics.page_address import pasted_filters


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("type=THEFT&hour=22-04", "type=THEFT&hour=22-04"),
        (" ?type=THEFT ", "type=THEFT"),
        ("/explore?type=THEFT#areas=beat", "type=THEFT"),
        ("http://10.0.0.7:8050/explore?type=THEFT", "type=THEFT"),
        ("https://patroliq.example/?type=THEFT", "type=THEFT"),
        ("description=WHERE?&type=THEFT", "description=WHERE?&type=THEFT"),
        ("description=BAR/CLUB?", "description=BAR/CLUB?"),
        ("", ""),
    ],
)
def test_filters_are_read_from_an_address_and_nothing_else_is_cut(text: str, filters: str) -> None:
    assert pasted_filters(text) == filters
