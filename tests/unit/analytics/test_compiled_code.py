"""Compiled code is a pickle: it is loaded only from where nobody else can write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.compiled_code import VARIABLE, distrust, folder_of
from tests import ROOT

CACHE = """
from analytics.crossfilter import scan_kernels
print(type(scan_kernels.SIGNATURES[0][0]._cache).__name__)
"""


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A folder with a file of compiled code."""
    folder = tmp_path / "numba"
    (folder / "module").mkdir(parents=True, mode=0o755)
    path = folder / "module" / "scan.nbi"
    path.write_bytes(b"code")
    path.chmod(0o644)
    folder.chmod(0o755)
    return path


def test_a_folder_of_our_own_is_trusted_and_made_closed(stored: Path, tmp_path: Path) -> None:
    assert distrust(stored.parents[1]) == ""
    assert distrust(tmp_path / "new") == ""
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_what_others_can_write_is_not_trusted(stored: Path, mode: int) -> None:
    folder = stored.parents[1]
    folder.chmod(mode)
    assert f"chmod -R go-w {folder}" in distrust(folder)
    folder.chmod(0o755)
    stored.chmod(mode)
    assert str(stored) in distrust(folder)


def test_what_another_user_wrote_is_not_trusted(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(stored, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert "another user" in distrust(stored.parents[1])


def test_the_folder_is_numbas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "kernels.py"
    monkeypatch.delenv(VARIABLE, raising=False)
    assert folder_of(source) == tmp_path / "__pycache__"
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert folder_of(source) == Path("/caches/numba")
    monkeypatch.setenv(VARIABLE, "/given")
    assert folder_of(source) == Path("/given")


@pytest.mark.parametrize(("mode", "cache"), [(0o700, "FunctionCache"), (0o777, "NullCache")])
def test_numba_keeps_code_only_where_it_is_trusted(tmp_path: Path, mode: int, cache: str) -> None:
    tmp_path.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", CACHE],
        cwd=ROOT, env={**os.environ, VARIABLE: str(tmp_path)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == cache
    assert ("not loaded" in done.stderr) is (cache == "NullCache")
