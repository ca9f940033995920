"""Fail where a test was skipped for anything but real data, programs or packages that are missing.

Where the real files are there, a test that was skipped for want of them fails too.
"""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = "real data"
BROWSER = "Chromium is missing"
NGINX = "nginx or openssl is not installed"
POSTGRESQL = "PostgreSQL is not installed"
SYSTEMD = "systemd is not installed"
PROMTOOL = "promtool is not installed"
MOUNT = "this machine does not let tests mount a folder"
CONTAINERS = "podman or a daemon of docker is missing"
PEER = "npm"  # missing, or without a registry: the page of a peer cannot be built
EXTRA = "it comes with the extra lstm"  # torch, which is in no lock


def skipped(report: Path) -> dict[str, str]:
    """Test → why it was skipped."""
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - written by our own run
    return {
        f"{case.get('classname')}::{case.get('name')}": skip.get("message") or ""
        for case in cases
        for skip in case.iter("skipped")
    }


def main() -> int:
    folder = Path(os.environ.get("PATROLIQ_REAL_DATA") or ROOT.parent / "shared" / "data")
    allowed = (
        BROWSER,
        NGINX,
        POSTGRESQL,
        SYSTEMD,
        PROMTOOL,
        CONTAINERS,
        MOUNT,
        EXTRA,
        PEER,
        *(() if folder.is_dir() else (REAL_DATA,)),
    )
    wrong = {
        test: why
        for test, why in skipped(Path(sys.argv[1])).items()
        if not any(reason in why for reason in allowed)
    }
    for test, why in wrong.items():
        print(f"{test} was skipped: {why}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
