"""The input of a page's answer: pinned snapshot, selection, gesture and the page's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from analytics.crossfilter.all_but import LeftOut, few_left_out
from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from callbacks.frame.history import KEEPS_SELECTION
from callbacks.frame.redraws import LATER, POLL, Redraws
from components.frame.theme import Theme, as_theme

MOST_RESULTS = 96
"""Slow results kept for each snapshot; the largest are some 1.5 MB."""


@dataclass(frozen=True)
class Question:
    """One gesture and the selection it leads to.

    Attributes
    ----------
    page
        Key of the page, such as `hotspots`.
    gesture
        `action`, and for `act` its `name` and `values`; `changed` names options that changed.
    raw
        The page's options as the browser sent them: the address's fragment and more.
    new_data
        Whether the page showed another snapshot before, or none.
    redraw
        Whether figures are sent whole rather than patched: the page was just opened, or the data
        or the theme changed.
    """

    services: Services
    pinned: Pinned
    selection: Selection
    page: str = ""
    gesture: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    new_data: bool = False
    redraw: bool = False

    @property
    def manifest(self) -> Manifest:
        return self.pinned.snapshot.manifest

    @cached_property
    def results(self) -> LruCache:
        """Cache of slow results, shared by all pages of the snapshot."""
        return self.pinned.get_or_compute("results", lambda: LruCache(MOST_RESULTS))

    @property
    def theme(self) -> Theme:
        return as_theme(self.raw.get("theme"))

    @property
    def changed(self) -> frozenset[str]:
        """Options that this gesture changed."""
        return frozenset(str(name) for name in self.gesture.get("changed") or ())

    @property
    def is_automatic(self) -> bool:
        """Whether the page asked by itself: for its later parts, or for the progress of jobs."""
        asked_for = self.changed or {""}
        return self.gesture.get("action") == "page" and asked_for <= {LATER, POLL}

    def parts(self, redraws: Redraws, *, ended: bool = False) -> frozenset[str]:
        """Parts of a page that this gesture redraws; `ended` tells whether a job has ended."""
        action = self.gesture.get("action")
        if self.new_data or action == "open":
            found = [redraws.opened]
        else:
            kept = action in KEEPS_SELECTION
            found = [redraws.acts.get(self.act, ())] if kept else [redraws.selected]
            found += [redraws.options.get(name, ()) for name in self.changed]
            found += [redraws.ended] if ended and POLL in self.changed else []
        return frozenset(redraws.always).union(*found)

    @property
    def act(self) -> str:
        """Name of the submitted form, such as `promote`; empty for most gestures."""
        return str(self.gesture.get("name") or "") if self.gesture.get("action") == "act" else ""

    @property
    def values(self) -> dict[str, str]:
        """Fields of the submitted form."""
        return {str(key): str(value) for key, value in (self.gesture.get("values") or {}).items()}

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """Names of areas and labels; a chosen zone has the name that analysts last gave it."""
        names = self.pinned.vocabulary.names
        if self.selection.get("zone") is None or self.services.state_trouble:
            return names
        # SQLAlchemy loads with the first zone that is chosen.
        from analytics.zones.edits import ZoneEdits, names_given  # noqa: PLC0415
        from analytics.zones.zone_list import zone_models  # noqa: PLC0415

        edits = ZoneEdits(self.services.state, self.services.settings)
        given = names_given(edits, zone_models(self.manifest))
        return {**names, "zone": {**names.get("zone", {}), **given}}

    @cached_property
    def left_out(self) -> LeftOut:
        """The few values that long lists of the selection lack."""
        return few_left_out(self.selection, self.pinned.vocabulary)

    def lacks(self, dimension: str) -> bool:
        """Whether the source has no data for a dimension."""
        return dimension in self.manifest.views_off
