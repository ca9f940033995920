"""Places that may be default addresses, for the agency to decide on.

A place is proposed if it has at least `FULL` times the incidents of a place on average, and one of

- institution: at least half of its incidents have location types whose names say police, jail,
  court or hospital, and on which the agency's table has not decided;
- mixed: its location types are as mixed as the city's, or its incidents name many blocks. One
  place is of one kind and on one block; a point for what a geocoder cannot find is not;
- beyond the tail: if its count were like those of the other places, fewer than `TAIL_EXPECTED`
  this large would be expected in the whole city.

Incidents already at a default address are not counted. Places that were decided on are left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np
import polars as pl

from analytics.incidents.default_places import DefaultPlace, read_default_places
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import address_key, decided_location_types
from analytics.settings import Settings
from analytics.statistics.tail import expected_above
from sql import load

FULL = 10
LEAST_INCIDENTS = 30
MIXED_INCIDENTS = 100
"""Fewest incidents of which a mixture can be told from a few kinds."""
OVERLAP = 0.8
"""Least overlap of a mixture with the city's: 1 less half the sum of differences of shares."""
MANY_BLOCKS = 10
TAIL_EXPECTED = 0.05
MOST = 50
"""Most places proposed at once, the fullest."""
SHOWN_TYPES = 3
_INSTITUTION = re.compile(
    r"POLICE|SHERIFF|JAIL|LOCK-?UP|PRISON|DETENTION|CORRECTION|COURT ?HOUSE|HOSPITAL|CITY HALL",
    re.IGNORECASE,
)


@unique
class Evidence(StrEnum):
    INSTITUTION = "institution"
    MIXED = "mixed"
    BEYOND_TAIL = "beyond the tail"


@dataclass(frozen=True)
class AddressProposal:
    """One place; `times` is its count relative to a place on average, `types` its location types
    with their incidents, most first, and `blocks` how many blocks its incidents name."""

    lat: float
    lon: float
    incidents: int
    times: float
    types: tuple[tuple[str, int], ...]
    block: str | None
    blocks: int
    evidence: tuple[Evidence, ...]

    @property
    def text(self) -> str:
        return f"{self.lat},{self.lon}"


def decided_addresses(
    manifest: Manifest, settings: Settings
) -> tuple[frozenset[str], tuple[DefaultPlace, ...]]:
    """What the agency has decided: location types in its table, and places.

    Raises
    ------
    DamagedError
        The file of decisions cannot be read.
    InputError
        The table is missing or not valid.
    """
    tables = manifest.settings.get("tables", {})
    return decided_location_types(tables, settings.own_tables), read_default_places(settings.home)


def address_proposals(
    reader: SnapshotReader,
    decided_types: Collection[str],
    decided_places: Collection[DefaultPlace],
) -> tuple[AddressProposal, ...]:
    """Propose places, the fullest first.

    Parameters
    ----------
    decided_types
        Location types in the agency's table, by `address_key`.
    decided_places
        Places that were accepted or declined.
    """
    places = reader.frame(load("default_addresses/places"))
    if places.is_empty():
        return ()
    counts = places["incidents"].to_numpy().astype(np.float64)
    average = float(counts.mean())
    places = places.with_columns(
        expected=pl.Series(expected_above(counts)), times=pl.Series(counts / average)
    ).filter((pl.col("times") >= FULL) & (pl.col("incidents") >= LEAST_INCIDENTS))
    if places.is_empty():
        return ()
    points = places["point_id"].to_list()
    kinds = _types(reader, points)
    city = dict(reader.frame(load("default_addresses/city")).iter_rows())
    about = reader.frame(load("default_addresses/blocks"), {"places": points})
    decided = {(place.lat, place.lon) for place in decided_places}
    found = []
    for row in places.join(about, on="point_id").iter_rows(named=True):
        if (row["lat"], row["lon"]) in decided:
            continue
        types = kinds[row["point_id"]]
        evidence = tuple(_evidence(row, types, city, decided_types))
        if evidence:
            found.append(
                AddressProposal(
                    row["lat"],
                    row["lon"],
                    row["incidents"],
                    row["times"],
                    types[:SHOWN_TYPES],
                    row["block"],
                    row["blocks"],
                    evidence,
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.incidents, one.lat, one.lon))[:MOST])


def _types(reader: SnapshotReader, points: list[int]) -> dict[int, tuple[tuple[str, int], ...]]:
    """Location types with their incidents by point, most first."""
    found: dict[int, tuple[tuple[str, int], ...]] = {}
    rows = reader.frame(load("default_addresses/location_types"), {"places": points})
    for point, kind, incidents in rows.iter_rows():
        found[point] = (*found.get(point, ()), (kind, incidents))
    return found


def _evidence(
    row: Mapping[str, float],
    types: tuple[tuple[str, int], ...],
    city: Mapping[str, int],
    decided_types: Collection[str],
) -> list[Evidence]:
    incidents = int(row["incidents"])
    evidence = []
    institution = sum(
        count
        for kind, count in types
        if _INSTITUTION.search(kind) and address_key(kind) not in decided_types
    )
    if 2 * institution >= incidents:
        evidence.append(Evidence.INSTITUTION)
    if incidents >= MIXED_INCIDENTS and (
        row["blocks"] >= MANY_BLOCKS or (len(city) > 1 and overlap(dict(types), city) >= OVERLAP)
    ):
        evidence.append(Evidence.MIXED)
    if row["expected"] < TAIL_EXPECTED:
        evidence.append(Evidence.BEYOND_TAIL)
    return evidence


def overlap(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """1 where two mixtures are the same, 0 where they share nothing."""
    whole, of = sum(one.values()), sum(other.values())
    return sum(min(count / whole, other.get(kind, 0) / of) for kind, count in one.items())
