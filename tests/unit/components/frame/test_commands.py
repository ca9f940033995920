"""Commands in sentences."""

from __future__ import annotations

from dash import html

from components.frame.commands import with_commands
from components.frame.states import trouble


def test_a_command_between_backticks_is_shown_as_code() -> None:
    before, command, after = with_commands("It is damaged; `patroliq doctor` says why.")
    assert (before, after) == ("It is damaged; ", " says why.")
    assert isinstance(command, html.Code)
    assert command.children == "patroliq doctor"
    (only,) = with_commands("`patroliq worker`")
    assert isinstance(only, html.Code)
    assert isinstance(trouble("Run `patroliq doctor`.").children[1], html.Code)


def test_other_texts_stay_as_they_are() -> None:
    for text in ("", "No incidents match.", "A single ` is only a mark."):
        assert with_commands(text) == text
