"""What a page is asked: the pinned snapshot, the selection, the gesture, the page's options."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from callbacks.frame.history import KEEPS_SELECTION
from callbacks.frame.page_options import AREA_VIEWS, PageOptions

MOST_RESULTS = 96
"""Results that take a while, for each snapshot; the largest are some 1.5 MB."""


@dataclass(frozen=True)
class Question:
    """One gesture, after the selection it leads to is known.

    Attributes
    ----------
    gesture
        `action`, and for `act` its `name` and `values`; `changed` names options that changed.
    raw
        The page's options as the browser sent them: the address's fragment and more.
    new_data
        The page showed another snapshot before, or none.
    redraw
        Whole figures, not patches: the page was just opened, or data or theme are new.
    """

    services: Services
    pinned: Pinned
    selection: Selection
    gesture: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    new_data: bool = False
    redraw: bool = False

    @property
    def manifest(self) -> Manifest:
        return self.pinned.snapshot.manifest

    @cached_property
    def results(self) -> LruCache:
        """What takes a while to count, by what was asked; shared by all pages of the snapshot."""
        return self.pinned.get_or_compute("results", lambda: LruCache(MOST_RESULTS))

    @cached_property
    def options(self) -> PageOptions:
        """Options of the Explore page; other pages read `raw`.

        Where the source lacks the level of areas that is offered first, the next one it has is.
        """
        options = PageOptions.of(self.raw)
        if self.raw.get("areas") or not self.off(options.areas):
            return options
        known = (level for level in AREA_VIEWS if not self.off(level))
        return replace(options, areas=next(known, options.areas))

    @property
    def changed(self) -> frozenset[str]:
        """Options that this gesture changed."""
        return frozenset(str(name) for name in self.gesture.get("changed") or ())

    def parts(
        self, every: Collection[str], of_option: Mapping[str, Collection[str]]
    ) -> frozenset[str]:
        """Parts of a page that this gesture changes: those of its options, else every one."""
        if self.new_data or self.gesture.get("action") not in KEEPS_SELECTION:
            return frozenset(every)
        return frozenset().union(*(of_option.get(name, ()) for name in self.changed))

    @property
    def act(self) -> str:
        """Name of what is to be done besides choosing, as `promote`; empty for most gestures."""
        return str(self.gesture.get("name") or "") if self.gesture.get("action") == "act" else ""

    @property
    def values(self) -> dict[str, str]:
        """What a form sent with `act`."""
        return {str(key): str(value) for key, value in (self.gesture.get("values") or {}).items()}

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """Names of areas and of labels; chosen zones go by what analysts call them now."""
        names = self.pinned.vocabulary.names
        if self.selection.get("zone") is None or self.services.state_trouble:
            return names
        # SQLAlchemy loads with the first zone that is chosen.
        from analytics.zones.edits import ZoneEdits, names_given  # noqa: PLC0415
        from analytics.zones.zone_list import zone_models  # noqa: PLC0415

        edits = ZoneEdits(self.services.state, self.services.settings)
        given = names_given(edits, zone_models(self.manifest))
        return {**names, "zone": {**names.get("zone", {}), **given}}

    def off(self, dimension: str) -> bool:
        return dimension in self.manifest.views_off
