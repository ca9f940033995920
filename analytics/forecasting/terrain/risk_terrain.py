"""A risk terrain: the ratios of layers of places, and what they tell out of area and of time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.statistics.interval_estimate import IntervalEstimate


class FeatureKind(StrEnum):
    """How a layer acts on a cell."""

    NEAR = "near"
    DENSE = "dense"


class WhereModel(StrEnum):
    """A rule of where incidents will be."""

    AREA_ONLY = "area_only"
    TERRAIN_OUT_OF_AREA = "terrain_out_of_area"
    TERRAIN = "terrain"
    COUNTS = "counts"
    COUNTS_TERRAIN = "counts_terrain"
    NEIGHBORS = "counts_neighbors"
    NEIGHBORS_TERRAIN = "counts_neighbors_terrain"


@dataclass(frozen=True)
class WhereScore:
    """How well a rule says where incidents were on the later days.

    Attributes
    ----------
    deviance_explained : share of the deviance of equal risk everywhere
    capture : hit rate averaged over 1, 2, …, 10% of the cells
    pai_1, pai_5, pei_1 : at 1% and 5% of the cells
    """

    model: WhereModel
    deviance_explained: float
    capture: float
    pai_1: float
    pai_5: float
    pei_1: float


@dataclass(frozen=True)
class TerrainGain:
    """What the terrain adds to a rule, paired: deviance over areas, capture over weeks."""

    deviance_explained: IntervalEstimate
    capture: IntervalEstimate

    @property
    def clear(self) -> bool:
        """Whether both gains are above 0 beyond chance."""
        return self.deviance_explained.low > 0 and self.capture.low > 0


@dataclass(frozen=True)
class LayerRisk:
    """One layer; without a kind it was not chosen, and has no ratio.

    Attributes
    ----------
    places : distinct positions
    cells, incidents : share of the area near its places, and of the incidents of the fit there
    alone, beside, within : rate ratios (`ratios`)
    folds : number of the fits out of area that chose the layer
    """

    layer: str
    title: str
    places: int
    kind: FeatureKind | None = None
    radius_m: int | None = None
    cells: float = 0.0
    incidents: float = 0.0
    alone: IntervalEstimate | None = None
    beside: IntervalEstimate | None = None
    within: IntervalEstimate | None = None
    folds: int = 0


@dataclass(frozen=True)
class RiskTerrain:
    """The outcome; `gain_over_counts` and `gain` are of the terrain beside past counts.

    Attributes
    ----------
    folds : fits out of area
    gain : over past counts of the cell and its neighbors, which decides
    """

    areas: int
    folds: int
    cells: int
    incidents: int
    test_incidents: int
    layers: tuple[LayerRisk, ...]
    scores: tuple[WhereScore, ...]
    gain_over_counts: TerrainGain
    gain: TerrainGain

    @property
    def gains(self) -> bool:
        """Whether the terrain adds to past counts out of time, beyond chance."""
        return self.gain.clear
