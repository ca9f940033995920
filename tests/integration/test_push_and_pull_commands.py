"""`patroliq snapshots push` and `pull`: once, or again and again."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics.cli.snapshots import command
from analytics.errors import InputError, UnavailableError
from tests.integration.small_snapshot import publish_small


class EndError(Exception):
    """Ends a command that would go on."""


def run(home: Path, *words: str, **settings: str) -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home), **settings}).invoke(command, [*words])


def test_a_push_a_pull_and_the_list_say_what_they_did(tmp_path: Path) -> None:
    home, web, address = tmp_path / "home", tmp_path / "web", f"file://{tmp_path / 'store'}"
    snapshot = publish_small(home).id
    pushed = json.loads(run(home, "push", address, "--json").stdout)
    assert (pushed["snapshot"], pushed["is_new"]) == (snapshot, True)
    assert snapshot in run(home, "push", address).stdout
    pulled = json.loads(run(web, "pull", "--json", PATROLIQ_PULL_FROM=address).stdout)
    assert (pulled["snapshot"], pulled["files"]) == (snapshot, pushed["files"])
    assert snapshot in run(web, "pull", address).stdout
    listed = json.loads(run(web, "list", "--json").stdout)
    assert (listed["current"], listed["pulled"]["address"]) == (snapshot, address)
    assert address in run(web, "list").stdout
    assert json.loads(run(home, "list", "--json").stdout)["pulled"] is None
    assert isinstance(run(web, "pull").exception, InputError)  # without an address


def test_a_watch_waits_for_the_first_push_and_says_a_failure_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, web, address = tmp_path / "home", tmp_path / "web", f"file://{tmp_path / 'store'}"
    snapshot, waits = publish_small(home).id, []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            assert run(home, "push", address).exit_code == 0
        if len(waits) == 5:
            raise EndError

    monkeypatch.setattr(time, "sleep", wait)
    watched = run(web, "pull", address, "--watch", "7", "--json")
    assert isinstance(watched.exception, EndError)
    assert waits == [7.0] * 5
    assert watched.stderr.count("has nothing yet") == 1
    (said,) = watched.stdout.splitlines()
    assert json.loads(said)["snapshot"] == snapshot
    once = run(tmp_path / "other", "pull", f"file://{tmp_path / 'nothing'}")
    assert isinstance(once.exception, UnavailableError)
