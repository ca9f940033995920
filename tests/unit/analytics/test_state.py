"""The state database: stored selections and migrations."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics import state as state_module
from analytics import state_tables
from analytics.errors import InputError, IntegrityError
from analytics.settings import Settings
from analytics.state import HEAD, MIGRATIONS, State
from analytics.state_tables import metadata, selections


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


def test_a_stored_selection_is_found_by_its_hash(state: State) -> None:
    text = "polygon=" + ";".join(f"41.{n:05d},-87.65432" for n in range(64))
    assert state.fetch(state.store(text)) == text


def test_the_same_text_is_stored_once(state: State) -> None:
    assert state.store("type=THEFT") == state.store("type=THEFT")
    assert state.store("type=THEFT") != state.store("type=ROBBERY")
    with state.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT count(*) FROM selections")).scalar()
    assert rows == 2


def test_selections_are_forgotten_by_their_last_use(state: State) -> None:
    keys = [state.store(f"type={name}") for name in ("OPENED", "STORED", "NEVER")]

    def age(*days: int) -> None:
        with state.engine.begin() as connection:
            for key, number in zip(keys, days, strict=True):
                used = datetime.now(UTC) - timedelta(days=number)
                change = sa.update(selections).where(selections.c.hash == key)
                connection.execute(change.values(used=used))

    age(399, 401, 401)
    assert state.fetch(keys[0]) == "type=OPENED"  # used again
    assert state.store("type=STORED") == keys[1]
    assert state.forget_selections(timedelta(days=400)) == 1
    with pytest.raises(InputError, match="nobody had used it"):
        state.fetch(keys[2])
    assert state.forget_selections(timedelta(days=1)) == 0


def test_an_unknown_hash_is_refused_in_words(state: State) -> None:
    with pytest.raises(InputError, match="Stored selection not found: 'deadbeef'"):
        state.fetch("deadbeef")


def test_what_is_stored_outlives_the_process(settings: Settings) -> None:
    first = State(settings)
    key = first.store("hour=22-02")
    first.close()
    second = State(settings)
    assert second.fetch(key) == "hour=22-02"
    second.close()


def test_sqlite_lets_readers_in_while_one_writes(state: State) -> None:
    with state.engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"


def test_migrations_make_the_tables_the_program_declares(state: State) -> None:
    inspector = sa.inspect(state.engine)
    for table in metadata.sorted_tables:
        found = {column["name"] for column in inspector.get_columns(table.name)}
        assert found == set(table.columns.keys())
    assert set(inspector.get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_newest_migration_is_the_one_the_program_expects(state: State) -> None:
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert newest.startswith(HEAD + "_")
    state.store("")
    assert state.version() == HEAD


def test_several_processes_may_open_an_empty_database_at_once(settings: Settings) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from analytics.settings import Settings; from analytics.state import State\n"
        "print(State(Settings(home=Path(sys.argv[1]))).store('type=THEFT'))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(settings.home)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], outputs
    assert len({output for output, _ in outputs}) == 1


def test_a_database_of_a_newer_program_is_left_alone(settings: Settings) -> None:
    state = State(settings)
    state.store("type=THEFT")
    state.close()
    with sqlite3.connect(settings.home / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    newer = State(settings)
    with pytest.raises(IntegrityError, match="newer version"):
        newer.store("type=ROBBERY")
    newer.close()


def test_an_address_takes_the_place_of_the_file(settings: Settings) -> None:
    elsewhere = settings.home.parent / "elsewhere.db"
    state = State(replace(settings, state_url=f"sqlite:///{elsewhere}"))
    state.store("type=THEFT")
    state.close()
    assert elsewhere.exists()
    assert not (settings.home / "state.db").exists()


def test_statements_are_written_for_postgresql_too() -> None:
    insert = state_module.postgresql.insert(state_tables.selections)
    text = str(
        insert.on_conflict_do_nothing(index_elements=["hash"]).compile(
            dialect=state_module.postgresql.dialect()
        )
    )
    assert "ON CONFLICT (hash) DO NOTHING" in text


def test_threads_may_open_several_databases_at_once(tmp_path: Path) -> None:
    states = [State(Settings(home=tmp_path / str(number))) for number in range(4)]
    with ThreadPoolExecutor() as pool:
        engines = [*pool.map(lambda state: state.engine, states)]
    assert len(engines) == 4
    assert {state.version() for state in states} == {HEAD}
    for state in states:
        state.close()
