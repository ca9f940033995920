"""A lost or damaged pointer, manifest, champion or index: a sentence from every command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from analytics.artifacts.bundle import cited_snapshots
from analytics.artifacts.index import read_index
from analytics.audit import Audit
from analytics.cli import main, serve
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.state import State
from analytics.training.registry import Registry
from app import create_app
from tests.integration.damage import MODEL, STATES, TOWN, build_warehouse, copied, flip, incidents

FILES = ("pointer", "manifest", "champion", "index")
COMMANDS = (
    *("doctor", "snapshots list", "snapshots verify", "snapshots rollback OTHER"),
    *("ingest FILE --source SOURCE", "query", "quarantine list", "boundaries list"),
    *("models list", "serve", "audit verify", "jobs list", "demo --incidents 1000"),
)
DAMAGED = 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = build_warehouse(tmp_path_factory.mktemp("whole"))
    Registry(Settings(home=home)).write_index()
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATROLIQ_HOME", str(tmp_path / "home"))
    return copied(whole, tmp_path)


def path_of(home: Path, file: str) -> Path:
    current = Warehouse(home).current()
    assert current
    return {
        "pointer": home / "current",
        "manifest": current.path / "manifest.json",
        "champion": home / "models" / MODEL / "champion.json",
        "index": home / "models" / "index.json",
    }[file]


def snapshots(home: Path) -> list[str]:
    """Ids, newest first."""
    return [manifest.id for manifest in Warehouse(home).list()]


def run(command: str, home: Path, monkeypatch: pytest.MonkeyPatch, **words: str) -> int:
    """Exit code of a command; an exception of another kind is a traceback, and fails the test."""
    arguments = [words.get(word, word) for word in command.split()]
    monkeypatch.setattr(sys, "argv", ["patroliq", *arguments])
    monkeypatch.setattr(serve, "_become_gunicorn", lambda _settings: None)
    monkeypatch.setattr(serve, "require_free_port", lambda _host, _port: None)
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def expected(command: str, file: str, state: str) -> int:
    name = command.split(maxsplit=1)[0]
    if file in {"champion", "index"}:
        # A model without champion.json or an index was never trained.
        damaged = name == "doctor" and state != "missing"
        return DAMAGED if damaged else 2 if name == "demo" else 0
    goes_on = name in {"models", "serve", "audit", "jobs"} or "rollback" in command
    return 0 if goes_on else DAMAGED


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("file", FILES)
def test_every_command_says_it_in_a_sentence(  # noqa: PLR0917
    home: Path,
    tmp_path: Path,
    file: str,
    state: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "town.toml").write_text(TOWN)
    words = {
        "OTHER": snapshots(home)[1],
        "FILE": str(incidents(tmp_path / "more.csv", 100)),
        "SOURCE": str(tmp_path / "town.toml"),
    }
    for number, command in enumerate(COMMANDS):
        place = copied(home, tmp_path / str(number))
        monkeypatch.setenv("PATROLIQ_HOME", str(place))
        path = path_of(place, file)
        STATES[state](path)
        code = run(command, place, monkeypatch, **words)
        said = capsys.readouterr()
        assert code == expected(command, file, state), (command, said.err)
        if code == DAMAGED:
            assert str(path) in said.out + said.err, command
            assert "patroliq" in said.out + said.err, command


@pytest.mark.parametrize("state", STATES)
def test_a_damaged_pointer_makes_the_app_not_ready_and_says_why(home: Path, state: str) -> None:
    STATES[state](home / "current")
    client = create_app(Settings(home=home)).server.test_client()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json["status"] == "failing"
    assert "doctor --repair" in answer.json["reason"]
    assert str(home) not in answer.text
    assert client.get("/_dash-layout").status_code == 200
    export = client.get("/export/view.csv")
    assert export.status_code == 503
    assert str(home) not in export.text
    assert "doctor --repair" in export.text


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("file", ["pointer", "manifest"])
def test_ingest_refuses_and_keeps_every_raw_row(
    home: Path, tmp_path: Path, file: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "town.toml").write_text(TOWN)
    path = path_of(home, file)
    before = sorted(path.name for path in (home / "raw").iterdir())
    assert len(before) == 2
    STATES[state](path)
    more = str(incidents(tmp_path / "more.csv", 100))
    arguments = f"ingest {more} --source {tmp_path / 'town.toml'}"
    assert run(arguments, home, monkeypatch) == DAMAGED
    assert sorted(path.name for path in (home / "raw").iterdir()) == before
    assert len(list((home / "snapshots").iterdir())) == 2
    if file == "pointer":  # which snapshot is left behind is not known
        assert run(f"{arguments} --replace", home, monkeypatch) == DAMAGED


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("file", ["pointer", "manifest"])
def test_repair_serves_the_newest_intact_snapshot_and_logs_it(
    home: Path, file: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, older = snapshots(home)
    STATES[state](path_of(home, file))
    code = run("doctor --repair", home, monkeypatch)
    wanted = newest if file == "pointer" else older
    assert Warehouse(home).current_id() == wanted
    # A manifest that cannot be read stays, and keeps what it may cite.
    assert code == (0 if file == "pointer" else DAMAGED)
    settings = Settings(home=home)
    (entry,) = Audit(State(settings), settings).latest(9, "snapshot.repaired")
    assert entry.subject == wanted
    assert entry.details["before"] == (None if file == "pointer" else newest)


def test_repair_of_a_whole_warehouse_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, _ = snapshots(home)
    assert run("doctor --repair", home, monkeypatch) == 0
    assert Warehouse(home).current_id() == newest
    settings = Settings(home=home)
    assert not Audit(State(settings), settings).latest(9, "snapshot.repaired")


def test_repair_passes_over_snapshots_that_are_damaged_themselves(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, older = snapshots(home)
    (home / "current").unlink()
    (home / "snapshots" / newest / "codes" / "point.bin").write_bytes(b"")
    assert run("doctor --repair", home, monkeypatch) == 0
    assert Warehouse(home).current_id() == older


@pytest.mark.parametrize("file", ["manifest.json", "codes/point.bin"])
def test_repair_after_a_rollback_goes_back_and_not_forward(
    home: Path, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    middle, oldest = snapshots(home)
    (tmp_path / "town.toml").write_text(TOWN)
    more = incidents(tmp_path / "more.csv", 100)
    assert run(f"ingest {more} --source {tmp_path / 'town.toml'}", home, monkeypatch) == 0
    assert run(f"snapshots rollback {middle}", home, monkeypatch) == 0
    flip(home / "snapshots" / middle / file, 0)
    run("doctor --repair", home, monkeypatch)
    assert Warehouse(home).current_id() == oldest


def test_an_unreadable_champion_keeps_all_snapshots(home: Path) -> None:
    current = Warehouse(home).current_id()
    assert cited_snapshots(home) == {current}
    for state, damage in STATES.items():
        path = home / "models" / MODEL / "champion.json"
        if not path.is_file():
            path.rmdir() if path.is_dir() else None
            path.write_text("{}")
        damage(path)
        assert cited_snapshots(home) == (set() if state == "missing" else None)


@pytest.mark.parametrize("state", STATES)
def test_listing_models_writes_a_damaged_index_again(
    home: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    STATES[state](home / "models" / "index.json")
    assert run("models list", home, monkeypatch) == 0
    assert read_index(home)["versions"] == []


def test_the_list_shows_what_can_be_read_beside_what_is_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newest, older = snapshots(home)
    STATES["binary"](home / "snapshots" / newest / "manifest.json")
    assert run("snapshots list --json", home, monkeypatch) == DAMAGED
    listed = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in listed["snapshots"]] == [older]
    assert newest in listed["damaged"][0]
