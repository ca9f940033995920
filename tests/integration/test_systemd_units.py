"""The units of systemd are valid, start commands that exist, and write to the home folder alone."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from analytics.cli import patroliq

UNITS = Path(__file__).parents[2] / "docs" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")


def read(path: Path) -> ConfigParser:
    found = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(path)
    return found


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_starts_a_command_with_options_that_it_has(path: Path) -> None:
    service = read(path)["Service"]
    program, name, *rest = shlex.split(service["ExecStart"])
    assert program == f"{service['WorkingDirectory']}/.venv/bin/patroliq"
    context = click.Context(patroliq)
    command = patroliq.get_command(context, name)
    assert command is not None
    command.make_context(name, list(rest))  # raises for an option that it lacks


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_runs_without_rights(path: Path) -> None:
    service = read(path)["Service"]
    assert service["User"] != "root"
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    assert f"/var/lib/{service['StateDirectory']}" in path.read_text().split("PATROLIQ_HOME=")[1]
    assert not re.search("SECRET|PASSWORD|TOKEN", path.read_text())


def test_the_timers_start_backups_and_copies_of_the_state_between_them() -> None:
    times = {path.stem: read(path)["Timer"]["OnCalendar"] for path in UNITS.glob("*.timer")}
    assert times == {"patroliq-backup": "hourly", "patroliq-backup-state": "*:2/5"}
    assert all((UNITS / f"{name}.service").is_file() for name in times)
    starts = {name: read(UNITS / f"{name}.service")["Service"]["ExecStart"] for name in times}
    assert [name for name, one in starts.items() if "--state-only" in one] == [
        "patroliq-backup-state"
    ]


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_reads_every_line(tmp_path: Path) -> None:
    assert ANALYZE is not None
    for path in UNITS.iterdir():  # the program need not be installed
        text = re.sub(
            r"/opt/patroliq/\.venv/bin/patroliq|/opt/patroliq", "/bin/true", path.read_text()
        )
        (tmp_path / path.name).write_text(text.replace("WorkingDirectory=/bin/true", ""))
    names = [str(tmp_path / path.name) for path in SERVICES]
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *names], check=False, capture_output=True, text=True
    )
    own = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert own == []
