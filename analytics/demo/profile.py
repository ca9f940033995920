"""Statistics that calibrate the demo city; `calibrate.py` computes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.demo.families import FAMILIES, family

PROFILE_FILE = Path(__file__).resolve().parents[2] / "data" / "demo" / "profile.json"
FAMILY_WEIGHT = 300  # a rare type borrows its family's clock with this many incidents' weight

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DemoOffense:
    """One offense: its frequency, outcomes and location types."""

    code: str
    fbi_code: str
    type: str
    description: str
    incidents: int
    outcomes: Floats  # shares of neither, arrest only, domestic only, both
    no_point: float
    location_types: tuple[str | None, ...]
    location_shares: Floats


@dataclass(frozen=True)
class Clock:
    """Distribution of a type over time."""

    week_hours: Floats  # (7, 24), Monday first, shares of the week
    months: Floats  # (12,), incidents per day relative to the mean
    first_of_month: float
    first_of_year: float


@dataclass(frozen=True)
class DemoProfile:
    """Statistics of the real city for the generator."""

    source: Mapping[str, Any]
    offenses: tuple[DemoOffense, ...]  # ordered by family, then type
    clocks: Mapping[str, Clock]
    minutes: Mapping[str, tuple[Floats, Floats]]  # family → (1440,) on other days, on first days
    blocks: int
    block_ranks: Floats
    block_counts: Mapping[str, Floats]  # place kind → incidents of the block at each rank
    points_per_block: Floats
    point_weights: Floats
    near_repeats: Mapping[str, float]
    updated_after_days: Floats
    missing: Mapping[str, float]
    further_victims: float  # share of homicides under another one's case number
    concentration: Mapping[str, Mapping[str, float]]

    @classmethod
    def load(cls, path: Path = PROFILE_FILE) -> DemoProfile:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            source=raw["source"],
            offenses=_offenses(raw["offenses"]),
            clocks=_clocks(raw),
            minutes={
                name: (
                    np.array(pair["other_days"], dtype=float),
                    np.array(pair["first_of_month"], dtype=float),
                )
                for name, pair in raw["minutes"].items()
            },
            blocks=raw["blocks"],
            block_ranks=np.array(raw["block_ranks"], dtype=float),
            block_counts={
                kind: np.array(counts, dtype=float) for kind, counts in raw["block_counts"].items()
            },
            points_per_block=np.array(raw["points_per_block"]),
            point_weights=np.array(raw["point_weights"]),
            near_repeats=raw["near_repeats"],
            updated_after_days=np.array(raw["updated_after_days"]),
            missing=raw["missing"],
            further_victims=raw["further_victims"],
            concentration=raw["concentration"],
        )


def _offenses(rows: list[dict[str, Any]]) -> tuple[DemoOffense, ...]:
    ordered = sorted(
        rows, key=lambda row: (FAMILIES.index(family(row["type"])), row["type"], row["code"])
    )
    return tuple(_offense(row) for row in ordered)


def _offense(row: dict[str, Any]) -> DemoOffense:
    known = row["arrests"] + row["domestics"] + row["both"]
    outcomes = np.array(
        [row["incidents"] - known, row["arrests"], row["domestics"], row["both"]], dtype=float
    )
    places = row["location_types"] or {"OTHER": 1}
    shares = np.array(list(places.values()), dtype=float)
    return DemoOffense(
        code=row["code"],
        fbi_code=row["fbi_code"],
        type=row["type"],
        description=row["description"],
        incidents=row["incidents"],
        outcomes=outcomes / outcomes.sum(),
        no_point=row["no_point"] / row["incidents"],
        location_types=tuple(name or None for name in places),
        location_shares=shares / shares.sum(),
    )


def _clocks(raw: dict[str, Any]) -> dict[str, Clock]:
    hours = {name: np.array(counts, dtype=float) for name, counts in raw["week_hours"].items()}
    shared: dict[str, Floats] = {name: np.zeros(168) for name in FAMILIES}
    for name, counts in hours.items():
        shared[family(name)] += counts
    clocks = {}
    for name, counts in hours.items():
        pooled = shared[family(name)]
        mixed = counts + FAMILY_WEIGHT * pooled / pooled.sum()
        clocks[name] = Clock(
            (mixed / mixed.sum()).reshape(7, 24), *_season(raw["seasons"].get(name))
        )
    return clocks


def _season(season: dict[str, Any] | None) -> tuple[Floats, float, float]:
    """Factors of months and first days, shrunk toward 1 for few incidents."""
    if season is None:
        return np.ones(12), 1.0, 1.0
    trust = season["incidents"] / (season["incidents"] + FAMILY_WEIGHT)
    months = 1 + trust * (np.array(season["months"]) - 1)
    of_month = 1 + trust * (season["first_of_month"] - 1)
    of_year = 1 + trust * (season["first_of_year"] - 1)
    return months, of_month, of_year
