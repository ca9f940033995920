"""The documentation names every setting and every command, and its links lead somewhere."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from analytics.cli import COMMANDS, patroliq
from analytics.diagnosis import NOT_SETTINGS
from analytics.settings import PREFIX, Settings
from tests import ROOT

DOCS = sorted((ROOT / "docs").glob("*.md"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", [setting.name for setting in fields(Settings)])
def test_every_setting_is_in_the_table_with_its_default(setting: str) -> None:
    row = re.search(rf"^\| `{PREFIX}{setting.upper()}` \| (.+?) \| (.+) \|$", OPERATIONS, re.M)
    assert row, f"docs/operations.md does not name {PREFIX}{setting.upper()}"
    field = next(field for field in fields(Settings) if field.name == setting)
    if isinstance(field.default, int | Path) or (isinstance(field.default, str) and field.default):
        assert row[1] == f"`{field.default}`"
    assert row[2] == field.metadata["description"]


def test_no_setting_is_documented_that_is_none() -> None:
    known = {PREFIX + setting.name.upper() for setting in fields(Settings)} | {*NOT_SETTINGS}
    for path in [*DOCS, ROOT / "README.md", ROOT / "Makefile"]:
        named = set(re.findall(r"\bPATROLIQ_[A-Z_]+", path.read_text(encoding="utf-8")))
        assert named <= known, path.name


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    assert f"`patroliq {command}`" in OPERATIONS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_subcommand_says_what_it_does_and_prints_json(name: str) -> None:
    command = patroliq.get_command(click.Context(patroliq), name)
    assert command is not None
    for one in without_groups(command):
        assert one.help, one.name
        assert "--json" in {option for param in one.params for option in param.opts}, one.name


def without_groups(command: click.Command) -> list[click.Command]:
    """The command, or those of a group, of its groups too."""
    if not isinstance(command, click.Group):
        return [command]
    return [one for each in command.commands.values() for one in without_groups(each)]


def test_links_in_the_documentation_lead_to_files() -> None:
    for path in [*DOCS, ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            made_later = "images/" in target and not (ROOT / "docs" / "images").exists()
            if "://" not in target and not made_later:
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_makefile_has_the_targets_the_documentation_names() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {
        name
        for path in [*DOCS, ROOT / "README.md"]
        for name in re.findall(r"(?:^\s*|`)make ([a-z]+)\b", path.read_text(encoding="utf-8"), re.M)
    }
    assert named
    assert named <= targets
