"""Stored risk terrains, the newest of each target; made by the worker and read by web workers:

<home>/risk_terrain/<target>.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics.access.stored_results import seen_results
from analytics.forecasting.terrain.risk_terrain import (
    FeatureKind,
    LayerRisk,
    RiskTerrain,
    TerrainGain,
    WhereModel,
    WhereScore,
)
from analytics.statistics.interval_estimate import IntervalEstimate
from analytics.stored import damaged, read_object, replace_text

FOLDER = "risk_terrain"
MEND = "`patroliq evaluate risk-terrain --save` makes it again."


@dataclass(frozen=True)
class StoredTerrain:
    """A risk terrain, and what it is of.

    Attributes
    ----------
    snapshot, made, person : data, time (ISO 8601) and person of the evaluation
    first, last, test_last : it was fitted on [first, last] and tested until `test_last`
    added : day on which each layer was added, by layer; what day its places are of is not known
    """

    snapshot: str
    made: str
    person: str
    target: str
    level: str
    cell_m: int
    first: date
    last: date
    test_last: date
    added: Mapping[str, str]
    found: RiskTerrain

    def as_json(self) -> dict[str, Any]:
        """As plain values, apart from dates."""
        return asdict(self)


def write_terrain(home: Path, terrain: StoredTerrain) -> None:
    """Store a terrain as the newest of its target."""
    path = _path(home, terrain.target)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(terrain.as_json(), ensure_ascii=False, default=str))


def read_terrain(home: Path, target: str) -> StoredTerrain | None:
    """The newest terrain of a target; None where there is none that the current reader may see.

    Raises
    ------
    DamagedError
        The file cannot be read; evaluating again replaces it.
    """
    path = _path(home, target)
    if not seen_results().has(f"terrain.{target}"):
        return None
    try:
        raw = read_object(path, MEND)
    except FileNotFoundError:
        return None
    try:
        return _terrain(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, error, MEND) from error


def _path(home: Path, target: str) -> Path:
    return home / FOLDER / f"{target}.json"


def _terrain(raw: Mapping[str, Any]) -> StoredTerrain:
    days = {name: date.fromisoformat(raw[name]) for name in ("first", "last", "test_last")}
    return StoredTerrain(**{**raw, **days, "found": _found(raw["found"])})


def _found(raw: Mapping[str, Any]) -> RiskTerrain:
    return RiskTerrain(
        **{
            **raw,
            "layers": tuple(_layer(one) for one in raw["layers"]),
            "scores": tuple(
                WhereScore(**{**one, "model": WhereModel(one["model"])}) for one in raw["scores"]
            ),
            "gain_over_counts": _gain(raw["gain_over_counts"]),
            "gain": _gain(raw["gain"]),
        }
    )


def _layer(raw: Mapping[str, Any]) -> LayerRisk:
    ratios = {
        name: raw[name] and IntervalEstimate(**raw[name]) for name in ("alone", "beside", "within")
    }
    return LayerRisk(**{**raw, **ratios, "kind": raw["kind"] and FeatureKind(raw["kind"])})


def _gain(raw: Mapping[str, Any]) -> TerrainGain:
    return TerrainGain(**{name: IntervalEstimate(**one) for name, one in raw.items()})
