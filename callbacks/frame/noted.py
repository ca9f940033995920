"""Notes for the audit log about the gestures of all pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.access_notes import note
from analytics.crossfilter.selection import Selection
from analytics.services import Pinned
from callbacks.frame.redraws import LATER, POLL

SHOWS_NOTHING = ("act", "dismiss")
"""Actions that show no data: a form is recorded by `work.perform`."""
LONGEST_OPTION = 300
VIEWED = "page.viewed"


def note_view(
    page: str, gesture: Mapping[str, Any], pinned: Pinned, selection: Selection, own: str
) -> None:
    """Note what a gesture showed: page, selection, snapshot, and the options that it changed."""
    action = str(gesture.get("action") or "")
    changed = {str(name) for name in gesture.get("changed") or ()} - {LATER, POLL, "theme"}
    if action in SHOWS_NOTHING or (action == "page" and not changed):
        return
    options = gesture.get("page") or {}
    note(
        VIEWED,
        page,
        gesture=action,
        selection=selection.text,
        snapshot=pinned.id,
        own=own or None,
        options={name: str(options.get(name))[:LONGEST_OPTION] for name in sorted(changed)} or None,
    )


def note_refused_view(page: str, gesture: Mapping[str, Any], outcome: str, reason: str) -> None:
    """Note that a gesture showed nothing, and why; forms note their own failures."""
    action = str(gesture.get("action") or "")
    if action not in SHOWS_NOTHING:
        note(VIEWED, page, outcome, gesture=action, reason=reason or None)
