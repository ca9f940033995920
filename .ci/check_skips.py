"""Fail where tests on real files were skipped although the files are there."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def skipped_for_data(report: Path) -> list[str]:
    """Names of tests that were skipped for want of real data."""
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - written by our own run
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if any("real data" in (skip.get("message") or "") for skip in case.iter("skipped"))
    ]


def main() -> int:
    folder = Path(os.environ.get("PATROLIQ_REAL_DATA") or ROOT.parent / "shared" / "data")
    skipped = skipped_for_data(Path(sys.argv[1]))
    if skipped and folder.is_dir():
        print(f"Real data is in {folder}, but these tests were skipped:", file=sys.stderr)
        print("\n".join(skipped), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
