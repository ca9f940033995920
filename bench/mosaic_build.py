"""Mosaic's scripts: npm installs the locked versions for a run, and esbuild bundles the page."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "mosaic"
INSTALLS_WITHIN_S = 300


class NotInstalledError(RuntimeError):
    """Mosaic could not be installed."""


def version() -> str:
    """Release of vgplot."""
    package = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    found: str = package["dependencies"]["@uwdata/vgplot"]
    return found


@contextmanager
def built_page() -> Iterator[Path]:
    """Folder of the built page; removed afterwards.

    Raises
    ------
    NotInstalledError
        npm is missing, or does not get the packages.
    """
    if shutil.which("npm") is None:
        raise NotInstalledError("npm is missing; install Node.js 20 or newer to measure Mosaic.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mosaic"
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
        _run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run(folder, "node", "build.js", "built")
        yield folder / "built"


def _run(folder: Path, *command: str) -> None:
    try:
        subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=INSTALLS_WITHIN_S,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip()[-1000:]
        raise NotInstalledError(f"`{' '.join(command[:2])}` failed for Mosaic: {said}") from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(
            f"`{' '.join(command[:2])}` took more than {INSTALLS_WITHIN_S} s; is npm's registry "
            "within reach?"
        ) from error
