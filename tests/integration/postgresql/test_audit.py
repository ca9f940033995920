"""The audit log on PostgreSQL: one chain whoever writes, and nothing changed or removed."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from analytics.audit import LOCK, Audit
from analytics.settings import Settings
from analytics.state import State
from tests.unit.analytics.test_audit import (  # noqa: F401 - tests and fixtures
    audit,
    state,
    test_a_hash_can_be_computed_from_the_export_and_the_key,
    test_an_empty_log_is_whole,
    test_an_entry_says_who_what_when_and_why,
    test_more_entries_than_one_read_are_all_there,
)

WRITERS, EACH = 4, 15


def test_writers_at_once_make_one_chain(audit: Audit, settings: Settings) -> None:  # noqa: F811
    before = audit.verify().entries

    def write(number: int) -> None:
        own = State(settings)
        for entry in range(EACH):
            with own.exclusive(LOCK) as connection:
                Audit(own, settings).add(connection, "tested", f"{number} {entry}")
        own.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    written = [one for one in audit.entries() if one.event == "tested"]
    assert sorted(one.subject for one in written) == sorted(
        f"{number} {entry}" for number in range(WRITERS) for entry in range(EACH)
    )
    assert audit.verify().entries == before + WRITERS * EACH


@pytest.mark.parametrize("statement", ["UPDATE audit SET reason = ''", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_remove(
    audit: Audit,  # noqa: F811
    state: State,  # noqa: F811
    statement: str,
) -> None:
    before = list(audit.entries())
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), state.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert list(audit.entries()) == before
