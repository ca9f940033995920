"""`patroliq boundaries`: outlines, residents and population of districts, beats, wards, areas."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option
from analytics.incidents.model import AREA_LEVELS

if TYPE_CHECKING:
    from analytics.areas.outlines import OnRecord
    from analytics.settings import Settings

SHOWN = 10


@click.group()
def command() -> None:
    """Manage outlines, residents and population. Levels without outlines get derived ones."""


@command.command()
@click.argument("level", type=click.Choice(AREA_LEVELS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="Field with the area's key, such as dist_num.")
@click.option("--name", help="Field with the area's name. Default: the key.")
@json_option
def add(level: str, file: Path, key: str, name: str | None, as_json: bool) -> None:
    """Add outlines of LEVEL from the GeoJSON FILE (WGS84)."""
    from analytics.areas.outlines import add_outlines
    from analytics.settings import Settings

    settings = Settings.from_environment()
    added = add_outlines(settings.home, level, file, key, name, on_record=_in_audit_log(settings))

    def lines() -> list[str]:
        text = [f"Added {added.areas} {level} outlines from {file}."]
        if added.without_incidents:
            text.append(f"Without incidents: {_shortened(added.without_incidents)}.")
        if added.without_outline:
            text.append(
                f"In the incidents but not in the file: {_shortened(added.without_outline)}."
            )
        if added.residents_kept:
            text.append(
                f"{added.residents_kept} areas keep their residents. If boundaries moved, add "
                "residents again with `patroliq boundaries residents`."
            )
        if added.residents_gone:
            text.append(
                f"Residents removed with areas that are not in the file: "
                f"{_shortened(added.residents_gone)}."
            )
        where = f"Snapshot {added.snapshot} has them." if added.snapshot else ""
        return [*text, where or "The next snapshot will have them."]

    emit(asdict(added), as_json, lines)


@command.command()
@click.argument("level", type=click.Choice(AREA_LEVELS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="Column with the area's key.")
@click.option("--residents", required=True, help="Column with the number of residents.")
@json_option
def residents(level: str, file: Path, key: str, residents: str, as_json: bool) -> None:
    """Add residents of LEVEL from the CSV FILE. Add the level's outlines first."""
    from analytics.ingest.residents import add_residents
    from analytics.settings import Settings

    settings = Settings.from_environment()
    added = add_residents(settings.home, level, file, key, residents, _in_audit_log(settings))

    def lines() -> list[str]:
        text = [
            f"Added {added.residents:,} residents in {added.areas} outlines of {level} from {file}."
        ]
        if added.without_number:
            text.append(f"Without a number: {_shortened(added.without_number)}.")
        where = f"Snapshot {added.snapshot} has them." if added.snapshot else ""
        return [*text, where or "The next snapshot will have them."]

    emit(asdict(added), as_json, lines)


@command.command()
@click.argument("level", type=click.Choice(AREA_LEVELS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="Column with the area's key.")
@click.option("--residents", required=True, help="Column with the number of residents.")
@click.option(
    "--group",
    "groups",
    type=(str, str, str),
    multiple=True,
    required=True,
    metavar="KIND LABEL COLUMN",
    help='A group and the column that counts it: race "Black" black. Repeat for each group.',
)
@click.option(
    "--whole",
    "wholes",
    type=(str, str),
    multiple=True,
    metavar="KIND COLUMN",
    help="What groups of KIND are parts of, if not the residents: income households.",
)
@click.option("--missing", default="", help="What FILE writes where a number is missing: -999.")
@click.option(
    "--outlines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Outlines of FILE's areas, such as tracts, where they are not those of LEVEL.",
)
@click.option("--outline-key", default="", help="Field with the key of those outlines.")
@json_option
def population(
    *,
    level: str,
    file: Path,
    key: str,
    residents: str,
    groups: tuple[tuple[str, str, str], ...],
    wholes: tuple[tuple[str, str], ...],
    missing: str,
    outlines: Path | None,
    outline_key: str,
    as_json: bool,
) -> None:
    """Add the population of LEVEL by group from the CSV FILE, such as a census table.

    Numbers of smaller areas are divided over those of LEVEL by area (areal weighting). They are
    used to compare patrol between groups of residents, and nowhere else.
    """
    from analytics.ingest.population import GroupColumn, PopulationFile, add_population
    from analytics.settings import Settings

    settings = Settings.from_environment()
    table = PopulationFile(
        file,
        key,
        residents,
        tuple(GroupColumn(*each) for each in groups),
        missing,
        outlines,
        outline_key,
        wholes,
    )
    added = add_population(settings.home, level, table, _in_audit_log(settings))

    def lines() -> list[str]:
        text = [
            f"Added {len(added.groups)} groups of {sum(added.residents.values()):,.0f} residents "
            f"in {len(added.residents)} areas of {level} from {file}."
        ]
        if added.outlines:
            text.append(
                f"Divided {added.parts:,} areas of {added.outlines} by area; {added.left_out:.2%} "
                "of their residents are in no area."
            )
        if added.without_numbers:
            text.append(f"{added.without_numbers:,} lines without all numbers are left out.")
        return text

    emit(asdict(added), as_json, lines)


@command.command(name="list")
@json_option
def list_outlines(as_json: bool) -> None:
    """List the outlines of the current snapshot, and those added for later ones."""
    from analytics.areas.outlines import added_file
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
            f"{row['level']:10}{row['origin']:10}{row['features']:5} areas" + _inhabited(row)
            for row in result["outlines"]
        ]
        return text or ["No snapshot yet; added: " + (", ".join(result["added"]) or "none")]

    emit(result, as_json, lines)


def _in_audit_log(settings: Settings) -> OnRecord:
    from analytics.audit import recorded

    return lambda event, subject, details: recorded(settings, event, subject, details=details)


def _inhabited(row: dict[str, Any]) -> str:
    if row["residents"] is None:
        return ""
    return f", {row['residents']:,} residents in {row['areas_with_residents']}"


def _shortened(keys: tuple[str, ...]) -> str:
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more
