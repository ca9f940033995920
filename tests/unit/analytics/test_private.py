"""Nobody but the user that runs PatrolIQ reads what it writes."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from analytics.diagnosis import diagnose
from analytics.private import open_to_others
from analytics.settings import Settings


def test_a_command_makes_folders_0700_and_files_0600(tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run(
        [sys.executable, "-m", "analytics.cli", "jobs", "list"],
        env={"PATROLIQ_HOME": str(home), "PATH": ""}, umask=0o022, check=True,
    )  # fmt: skip
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.iterdir()]}
    assert modes.pop("home") == 0o700
    assert set(modes.values()) == {0o600}


def test_what_others_can_read_is_found_and_doctor_says_how_to_close_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)  # whatever the umask of this process
    (home / "state.db").touch()
    (home / "state.db").chmod(0o644)
    assert set(open_to_others(home)) == {home, home / "state.db"}
    checks = {one.name: one for one in diagnose(Settings(home=home), tmp_path, {})}
    assert checks["privacy"].status == "warning"
    assert f"chmod -R go= {home}" in checks["privacy"].message
    home.chmod(0o700)
    assert not list(open_to_others(home))  # nothing below can be reached
