"""Who reads, and what roles allow."""

from __future__ import annotations

import contextvars
import threading

import pytest

from analytics.access.reader import Reader, current_reader, open_access, reading
from analytics.access.roles import GRANTS, Permission, Role, granted
from analytics.errors import NotAllowedError, NotSignedInError


def test_every_role_gives_something_and_every_permission_is_given_by_one() -> None:
    assert all(GRANTS[role] for role in Role)
    assert granted(Role) == frozenset(Permission)


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.OFFICER, Permission.PHONE),
        (Role.ADMIN, Permission.PEOPLE),
    ],
)
def test_officers_and_admins_have_one_permission_each(role: Role, permission: Permission) -> None:
    assert granted([role]) == {permission}


def test_who_trains_does_not_promote_unless_given_both_roles() -> None:
    assert not any({Permission.TRAIN, Permission.PROMOTE} <= GRANTS[role] for role in Role)
    both = Reader("Kim", frozenset({Role.ANALYST, Role.APPROVER}))
    assert both.may(Permission.TRAIN)
    assert both.may(Permission.PROMOTE)


def test_a_permission_that_no_role_gives_is_denied() -> None:
    viewer = Reader("Kim", frozenset({Role.VIEWER}))
    viewer.require(Permission.PAGES)
    with pytest.raises(NotAllowedError, match="permission: export"):
        viewer.require(Permission.EXPORT)
    assert not Reader("nobody", frozenset()).may(Permission.PAGES)


def test_open_access_allows_everything_and_is_no_person() -> None:
    anyone = open_access("kim")
    assert all(anyone.may(permission) for permission in Permission)
    assert not anyone.is_person


def test_a_thread_of_its_own_reads_for_nobody() -> None:
    found: list[object] = []

    def look() -> None:
        try:
            found.append(current_reader())
        except NotSignedInError as error:
            found.append(error)

    with reading(open_access("kim")):
        assert current_reader().name == "kim"
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert isinstance(found[0], NotSignedInError)
    with pytest.raises(NotSignedInError):
        contextvars.Context().run(current_reader)
