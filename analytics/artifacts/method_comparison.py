"""A stored comparison of methods: what each would have caught later, and how it divides the city.

Made by the worker (`patroliq evaluate methods`) and read by web workers; the newest of each target:

<home>/comparisons/<target>.json
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from analytics.access.stored_results import seen_results
from analytics.stored import damaged, read_object, replace_text

FOLDER = "comparisons"
MEND = "`patroliq evaluate methods` makes it again."
Measure = Literal["street", "area"]


@dataclass(frozen=True)
class Caught:
    """What a method caught at one size: hit rate and PAI with their 95% intervals.

    `places` is how many it took, the last one counted in full.
    """

    measure: Measure
    places: int
    hit_rate: float
    hit_low: float
    hit_high: float
    pai: float
    pai_low: float
    pai_high: float

    def overlaps(self, other: Caught) -> bool:
        """Whether the intervals share a value, so that the difference may be chance."""
        return self.hit_low <= other.hit_high and other.hit_low <= self.hit_high


@dataclass(frozen=True)
class ZoneFacts:
    """How zones of a method divide the incidents before, and how long fitting them took.

    `stability` has the mean Jaccard index and its 95% bootstrap interval, None where there was no
    zone; shares are of all incidents.
    """

    zones: int
    stability: tuple[float, float, float] | None
    silhouette: float | None
    largest_zone_share: float
    noise_share: float
    seconds: float


@dataclass(frozen=True)
class ComparedMethod:
    """One method.

    Attributes
    ----------
    name : as `patroliq evaluate zones` prints it
    model : of the catalog, where it is one that can be registered
    parameters : of that model
    caught : by measure; one is missing where the method is smaller than the size in all
    zones : of that model
    """

    name: str
    model: str
    parameters: Mapping[str, Any]
    caught: Mapping[Measure, Caught]
    zones: ZoneFacts | None


@dataclass(frozen=True)
class Best:
    """The method that caught most at one size.

    `tied` are those whose interval shares a value with its own, `next` the best of the others.
    """

    method: ComparedMethod
    caught: Caught
    tied: tuple[ComparedMethod, ...]
    next: ComparedMethod | None


@dataclass(frozen=True)
class MethodComparison:
    """All methods on the same incidents and days.

    Attributes
    ----------
    snapshot, made, person : data, time (ISO 8601) and person of the comparison
    since, first, last : methods chose from `since` to the day before `first`, and were evaluated
        from `first` to `last`
    incidents_before, incidents : number of incidents of both periods with a place; None where the
        reader sees no counts
    street_share, area_km2 : the sizes; `street_share` is None where streets are not known
    """

    target: str
    snapshot: str
    made: str
    person: str
    since: str
    first: str
    last: str
    incidents_before: int | None
    incidents: int | None
    street_share: float | None
    area_km2: float
    area_share: float
    methods: tuple[ComparedMethod, ...] = field(repr=False)

    @property
    def measures(self) -> tuple[Measure, ...]:
        return ("area",) if self.street_share is None else ("street", "area")

    def best(
        self, measure: Measure, among: Callable[[ComparedMethod], bool] = lambda _one: True
    ) -> Best | None:
        """The method that caught most at a size; None if none of them has the size."""
        known = [one for one in self.methods if measure in one.caught and among(one)]
        if not known:
            return None
        ordered = sorted(known, key=lambda one: -one.caught[measure].hit_rate)
        first = ordered[0]
        caught = first.caught[measure]
        tied = tuple(one for one in ordered[1:] if caught.overlaps(one.caught[measure]))
        clearly = [one for one in ordered[1:] if one not in tied]
        return Best(first, caught, tied, next(iter(clearly), None))

    def method(self, name: str) -> ComparedMethod | None:
        return next((one for one in self.methods if one.name == name), None)


def write_comparison(home: Path, found: MethodComparison) -> None:
    """Store a comparison as the newest of its target."""
    path = _path(home, found.target)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(asdict(found), ensure_ascii=False))


def read_comparison(home: Path, target: str) -> MethodComparison | None:
    """The newest comparison of a target; None where there is none that the reader may see.

    Raises
    ------
    DamagedError
        The file cannot be read; comparing again replaces it.
    """
    path, seen = _path(home, target), seen_results()
    if not seen.has(f"{FOLDER}.{target}"):
        return None
    try:
        raw = read_object(path, MEND)
    except FileNotFoundError:
        return None
    if not seen.counts:
        raw |= {"incidents": None, "incidents_before": None}
    try:
        return MethodComparison(**{**raw, "methods": _methods(raw["methods"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(path, error, MEND) from error


def comparison_state(home: Path, target: str) -> int | None:
    """A value that changes whenever `read_comparison` does."""
    path = _path(home, target)
    if not seen_results().has(f"{FOLDER}.{target}"):
        return None
    return path.stat().st_mtime_ns if path.exists() else None


def _methods(rows: Sequence[Mapping[str, Any]]) -> tuple[ComparedMethod, ...]:
    return tuple(
        ComparedMethod(
            row["name"],
            row["model"],
            row["parameters"],
            {measure: Caught(**one) for measure, one in row["caught"].items()},
            row["zones"] and _zone_facts(row["zones"]),
        )
        for row in rows
    )


def _zone_facts(row: Mapping[str, Any]) -> ZoneFacts:
    stability = row["stability"]
    return ZoneFacts(**{**row, "stability": stability and tuple(stability)})


def _path(home: Path, target: str) -> Path:
    return home / FOLDER / f"{target}.json"
