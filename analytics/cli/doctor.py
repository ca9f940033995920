"""`patroliq doctor`: is the installation as it should be, and the data whole?"""

from __future__ import annotations

import os
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import click

from analytics.cli.output import emit, json_option
from analytics.errors import IntegrityError, PatrolIQError
from analytics.settings import Settings

SIGNS = {"ok": "ok     ", "warning": "WARNING", "failed": "FAILED ", "damaged": "DAMAGED"}


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check the installation and the data.

    Exit codes: 0 all is well or only warnings, 1 something keeps the app from working,
    4 stored data is damaged.
    """
    from analytics.diagnosis import diagnose

    spec = find_spec("app")
    root = Path(spec.origin).parent if spec and spec.origin else Path.cwd()
    checks = list(diagnose(Settings.from_environment(), root, os.environ))
    found = {check.status for check in checks}
    emit(
        {"ok": not found & {"failed", "damaged"}, "checks": [asdict(check) for check in checks]},
        as_json,
        lambda: [f"{SIGNS[check.status]}  {check.name}: {check.message}" for check in checks],
    )
    if "damaged" in found:
        raise IntegrityError("Stored data is damaged; see above.")
    if "failed" in found:
        raise PatrolIQError("The app cannot work like this; see above.")
