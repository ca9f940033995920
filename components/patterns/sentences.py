"""Words of the Patterns page: what a figure of quality means, what distances do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from analytics.formats import number, numbers


class MetricLike(Protocol):
    """A number with its interval, where it has one."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class Quality:
    """One figure of quality in words."""

    name: str
    figures: str
    means: str


@dataclass(frozen=True)
class OffenseProfile:
    """One offense profile: its incidents of the selection, their share, what sets it apart."""

    name: str
    incidents: int
    share: float
    words: str
    chosen: bool


METHODS = {
    "umap": "UMAP",
    "tsne": "t-SNE",
    "pca": "Principal components",
}
COLORS = {
    "type": "Crime type",
    "offense_profile": "Offense profile",
    "hour": "Hour",
    "district": "District",
    "harm": "Harm",
    "zone": "Zone",
    "temporal_profile": "Temporal profile",
}
ABOUT_MAP = (
    "Each incident has nine features: type, location type, hour, weekday, season, place, "
    "arrest, domestic and harm, equally weighted. Similar incidents are close together. A "
    "sample is shown; every other incident is projected to its most similar sampled ones, so a "
    "lasso selects all of them. Draw around points to select, with Shift to add; double-click "
    "to clear."
)
READING = (
    "Near on the map means similar features. UMAP and t-SNE promise no more than that; the "
    "quality metrics say how well they keep it.",
    "Far does not measure how different: a cluster twice as far away is not twice as different, "
    "and which clusters are neighbors may change with the next sample.",
    "The size of a cluster says nothing about how many incidents it has or how varied they are: "
    "both methods spread dense regions and compress sparse ones. Switch to density for counts.",
    "The method can create gaps where incidents change gradually. Offense profiles are "
    "therefore found from the features, never from the picture, and only shown here.",
    "Directions mean nothing on UMAP and t-SNE; turned or mirrored the map is the same. On "
    "principal components they do: the text under the bars names each axis.",
    "Recorded incidents are what was reported and how it was written down. A pattern may "
    "reflect reporting or policing.",
)
_MEANS = {
    "trustworthiness": "Are neighbors on the map similar? 1: all of them; 0.5: a random map.",
    "continuity": "Are similar incidents neighbors on the map? 1: all of them; 0.5: a random map.",
    "trustworthiness_placed": "The same for projected incidents.",
    "trustworthiness_3d": "The same in three dimensions.",
    "stability": (
        "Neighborhood preservation: same neighbors with other samples and seeds, corrected for "
        "chance (0)."
    ),
}
_STABLE_PLANE = (
    "How much of the plane of the first two components is the same in bootstrap samples."
)
_NAMES = {
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "trustworthiness_placed": "Trustworthiness, projected",
    "trustworthiness_3d": "Trustworthiness, 3-D",
    "stability": "Stability",
}
_PARAMETERS = {
    "neighbors": "{} neighbors",
    "min_dist": "least distance {}",
    "perplexity": "perplexity {}",
    "permutations": "{} permutations",
}


def qualities(metrics: Mapping[str, MetricLike], method: str) -> list[Quality]:
    """Those that were measured, in the order they matter."""
    found = []
    for name, title in _NAMES.items():
        if name in metrics:
            means = _STABLE_PLANE if (name, method) == ("stability", "pca") else _MEANS[name]
            found.append(Quality(title, with_interval(metrics[name]), means))
    return found


def with_interval(metric: MetricLike) -> str:
    """`0.95 (0.94 to 0.96)`."""
    text = number(metric.value, 3)
    if metric.low is None or metric.high is None:
        return text
    return f"{text} ({numbers(metric.low, metric.high, 3)})"


def parameters_said(
    parameters: Mapping[str, object], metrics: Mapping[str, MetricLike], version: int, method: str
) -> str:
    """What was fitted, on how many, with which parameters."""
    parts = [
        words.format(parameters[name]) for name, words in _PARAMETERS.items() if name in parameters
    ]
    fitted = number(metrics["sample"].value) if "sample" in metrics else ""
    incidents = number(metrics["incidents"].value)
    if method == "pca":
        said = f"Trained on all {incidents} incidents, {fitted} shown"
    else:
        said = f"Trained on {fitted} of {incidents} incidents, the rest projected"
    return f"{METHODS[method]} version {version}. {said}; {', '.join(parts)}."
