"""What somebody may have meant by a name that is not known."""

from __future__ import annotations

import pytest

from analytics.near_name import near_name

KNOWN = ("robbery", "theft", "burglary")


@pytest.mark.parametrize(
    ("name", "near"),
    [("robery", "robbery"), ("teft", "theft"), ("burglry", "burglary"), ("zzz", None), ("", None)],
)
def test_the_most_similar_name_is_found(name: str, near: str | None) -> None:
    assert near_name(name, KNOWN) == near


def test_keys_of_a_table_are_names_too() -> None:
    assert near_name("robery", {"robbery": "ROBBERY"}) == "robbery"


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert near_name("robbery", ()) is None
