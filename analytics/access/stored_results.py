"""Which stored results a reader sees: bundles, forecasts, evaluations and plans.

They were made from all incidents. A reader who sees only some kinds of incidents sees none of
them, one who sees only some whole areas what can be cut to these; one to whom some incidents are
hidden or shown coarsely sees those whose target is not hidden, without those that hold single
incidents. All of them see no counts: a stored count less the one that the reader's own pages give
is the number that is hidden. Zones are counted again from what the reader sees. Everything that
reads a stored result asks here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.access.reader import Reader, reader_now
from analytics.access.roles import SEES_SENSITIVE
from analytics.errors import OutsideScopeError
from analytics.incidents.warehouse import Snapshot

ALL = "all"
_HOLD_INCIDENTS = "patterns_"
"""Models whose bundles have samples of single incidents."""
_CUT_TO_AREAS = ("zones_", "hotspot_forecast", "demand_forecast")
"""What names of models begin with whose results have a place each."""
ZONE_MODELS = "zones_"
"""What names of models of zones begin with."""
OF_WHOLE_CITY = "Its metrics are of the whole city, of which you see only some areas."
COUNTS_WITHHELD = (
    "This counts incidents, some of which are outside what you may see, so it is withheld."
)


@dataclass(frozen=True)
class SeenAreas:
    """Areas of a reader who sees only these, keys by level.

    Attributes
    ----------
    named
        Those that the rules name, each of which a thing must be in.
    inside
        Those of every level that are within them whole.
    """

    named: Mapping[str, frozenset[str]]
    inside: Mapping[str, frozenset[str]]

    @property
    def as_json(self) -> dict[str, dict[str, list[str]]]:
        """As plain values."""
        return {
            name: {level: sorted(keys) for level, keys in areas.items()}
            for name, areas in (("named", self.named), ("inside", self.inside))
        }

    @classmethod
    def of_json(cls, raw: Mapping[str, Mapping[str, list[str]]]) -> SeenAreas:
        """The inverse of `as_json`."""
        return cls(
            *(
                {level: frozenset(keys) for level, keys in raw[name].items()}
                for name in ("named", "inside")
            )
        )


@dataclass(frozen=True)
class SeenResults:
    """Which stored results are shown, and how.

    Attributes
    ----------
    targets
        Names of the targets whose results are shown; None for all.
    plans
        Names of the targets whose patrol plans are shown, unless `targets` is None.
    areas
        The areas whose units are shown of a plan, whose calls, and what of models is in them; None
        for all.
    counts
        Whether counts of incidents in stored results are shown.
    own
        Folder of the reader's scoped snapshot, where counts are not shown: it has the zones that
        were counted again, and which cells and blocks are in the areas.
    """

    targets: frozenset[str] | None = None
    plans: frozenset[str] = frozenset()
    areas: SeenAreas | None = None
    counts: bool = True
    own: Path | None = None

    def has(self, model: str) -> bool:
        """Whether results of a model, with its target, are shown."""
        if self.targets is None:
            return True
        name, _, target = model.partition(".")
        if self.areas is not None and not name.startswith(_CUT_TO_AREAS):
            return False
        return not name.startswith(_HOLD_INCIDENTS) and (target or ALL) in self.targets

    def has_plans(self, target: str, selection: str = "") -> bool:
        """Whether patrol plans for the incidents of a target are shown, or parts of them.

        A selection may narrow a plan to incidents that are hidden, so that it is not shown.
        """
        return self.targets is None or (target in self.plans and not selection)

    def has_version(self, model: str, version: int) -> bool:
        """Whether a version is shown; of zones only those that were counted again."""
        if self.counts or not model.startswith(ZONE_MODELS):
            return self.has(model)
        own = self.own_zones(model, version)
        return self.has(model) and own is not None and own.exists()

    def own_zones(self, model: str, version: int) -> Path | None:
        """The file with the zones of a version, counted again; None where counts are shown."""
        return None if self.own is None else own_zones_file(self.own, model, version)

    def units_inside(self, kind: str) -> Path | None:
        """The file with the units of forecasts that are in the areas; None for all."""
        if self.own is None or self.areas is None:
            return None
        return units_inside_file(self.own, kind)


EVERY = SeenResults()
NONE = SeenResults(frozenset(), counts=False)
_SEEN: ContextVar[tuple[Reader | None, SeenResults] | None] = ContextVar("seen", default=None)

OWN_ZONES, UNITS_INSIDE = "own_zones", "units_inside"
"""Folders of a scoped snapshot."""
SEEN_TARGETS = "seen_targets"
"""Setting of a scoped snapshot's manifest: names of the targets whose results are shown."""
SEEN_PLANS = "seen_plans"
"""The same: names of the targets whose patrol plans are shown."""
SEEN_AREAS = "seen_areas"
"""The same: `SeenAreas` of a reader who sees only these; missing for all."""
SMALL_COUNTS = "small_counts"
"""Setting of a scoped snapshot's manifest: that of the installation when it was made."""


def own_zones_file(folder: Path, model: str, version: int) -> Path:
    """Where the zones of a version are that were counted again."""
    return folder / OWN_ZONES / f"{model}.{version}.parquet"


def units_inside_file(folder: Path, kind: str) -> Path:
    """Where the units of forecasts of a kind are that are in the areas: `block`, or `cell-250`."""
    return folder / UNITS_INSIDE / f"{kind}.parquet"


def results_of(scoped: Snapshot) -> SeenResults:
    """What the readers of a scoped snapshot see."""
    stored = scoped.manifest.settings
    areas = stored.get(SEEN_AREAS)
    seen = SeenResults(
        frozenset(stored.get(SEEN_TARGETS, ())),
        frozenset(stored.get(SEEN_PLANS, ())),
        None if areas is None else SeenAreas.of_json(areas),
    )
    if areas is None and not stored.get(SMALL_COUNTS):
        return seen
    return replace(seen, counts=False, own=scoped.path)


@contextmanager
def every_result() -> Iterator[None]:
    """Read stored results as they are, to make from them what a reader sees."""
    token = _SEEN.set((reader_now(), EVERY))
    try:
        yield
    finally:
        _SEEN.reset(token)


def show_results(reader: Reader, seen: SeenResults) -> None:
    """Say which results a reader sees in the snapshot that this thread answers from."""
    _SEEN.set((reader, seen))


def seen_results() -> SeenResults:
    """What the current reader sees: nothing, where it was not said for a restricted one."""
    reader = reader_now()
    if reader is None:
        return EVERY
    known = _SEEN.get()
    if known is not None and known[0] == reader:
        return known[1]
    restricted = bool(reader.rules) or not reader.roles & SEES_SENSITIVE
    return NONE if restricted else EVERY


def whole_city_note() -> str:
    """Says, to a reader of some areas, what metrics and explanations of models are of."""
    return "" if seen_results().areas is None else OF_WHOLE_CITY


def require_results(model: str) -> None:
    """Check that the current reader sees the results of a model, with its target.

    Raises
    ------
    OutsideScopeError
        They were made from incidents that this reader may not see.
    """
    if not seen_results().has(model):
        raise OutsideScopeError(
            "This was made from incidents outside what you may see. Ask an administrator."
        )
