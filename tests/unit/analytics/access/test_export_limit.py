"""Rows that people may take away in one file, by their roles."""

from __future__ import annotations

import pytest

from analytics.access.export_limit import most_rows
from analytics.access.reader import Reader, open_access
from analytics.access.roles import Role
from analytics.errors import InputError
from analytics.settings import Settings

ENVIRONMENT = {
    "PATROLIQ_EXPORT_ROWS": "1000",
    "PATROLIQ_EXPORT_ROWS_BY_ROLE": "analyst=100, steward=5000, approver=0",
}


@pytest.mark.parametrize(
    ("roles", "rows"),
    [
        ([Role.ANALYST], 100),
        ([Role.STEWARD], 1000),
        ([Role.APPROVER], 0),
        ([Role.VIEWER], 1000),
        ([Role.ANALYST, Role.APPROVER], 100),
        ([Role.ANALYST, Role.VIEWER], 1000),
    ],
)
def test_of_several_roles_the_most_counts_and_never_more_than_for_all(
    roles: list[Role], rows: int
) -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert most_rows(Reader("Kim", frozenset(roles)), settings) == rows


def test_open_access_has_the_limit_for_all() -> None:
    assert most_rows(open_access("kim"), Settings.from_environment(ENVIRONMENT)) == 1000


def test_an_unknown_role_is_said() -> None:
    settings = Settings(export_rows_by_role=(("king", 3),))
    with pytest.raises(InputError, match="no role 'king'"):
        most_rows(open_access("kim"), settings)


def test_a_number_that_cannot_be_read_is_said() -> None:
    with pytest.raises(InputError, match="not a role and a number"):
        Settings.from_environment({"PATROLIQ_EXPORT_ROWS_BY_ROLE": "analyst=many"})
