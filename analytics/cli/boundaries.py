"""`patroliq boundaries`: outlines of districts, beats, wards and areas."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from analytics.cli.output import emit, json_option
from analytics.incidents.model import AREA_LEVELS

SHOWN = 10


@click.group()
def command() -> None:
    """Area outlines: added from a file, else derived from the incidents."""


@command.command()
@click.argument("level", type=click.Choice(AREA_LEVELS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="Field that holds the area's key, as dist_num.")
@click.option("--name", help="Field that holds the area's name. Default: the key.")
@json_option
def add(level: str, file: Path, key: str, name: str | None, as_json: bool) -> None:
    """Add outlines of LEVEL from the GeoJSON FILE (WGS84)."""
    from analytics.audit import record
    from analytics.incidents.outlines import add_outlines
    from analytics.settings import Settings

    settings = Settings.from_environment()
    added = add_outlines(settings.home, level, file, key, name)
    details = {"level": level, "areas": added.areas, "file": file.name}
    record(settings, "outlines.added", added.snapshot or "", details=details)

    def lines() -> list[str]:
        text = [f"Added {added.areas} {level} outlines from {file}."]
        if added.without_incidents:
            text.append(f"Without incidents: {_shortened(added.without_incidents)}.")
        if added.without_outline:
            text.append(
                f"In the incidents but not in the file: {_shortened(added.without_outline)}."
            )
        where = f"Snapshot {added.snapshot} shows them." if added.snapshot else ""
        return [*text, where or "The next snapshot will show them."]

    emit(asdict(added), as_json, lines)


@command.command(name="list")
@json_option
def list_outlines(as_json: bool) -> None:
    """List the outlines of the current snapshot and those added for the next ones."""
    from analytics.incidents.outlines import added_file
    from analytics.incidents.warehouse import Warehouse
    from analytics.settings import Settings

    home = Settings.from_environment().home
    current = Warehouse(home).current()
    shown = {
        level: asdict(outline)
        for level, outline in (current.manifest.outlines if current else {}).items()
    }
    result: dict[str, Any] = {
        "snapshot": current.id if current else None,
        "outlines": [shown[level] for level in AREA_LEVELS if level in shown],
        "added": [level for level in AREA_LEVELS if added_file(home, level).exists()],
    }

    def lines() -> list[str]:
        text = [
            f"{row['level']:10}{row['origin']:10}{row['features']:5} areas"
            for row in result["outlines"]
        ]
        return text or ["No snapshot yet; added: " + (", ".join(result["added"]) or "none")]

    emit(result, as_json, lines)


def _shortened(keys: tuple[str, ...]) -> str:
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more
