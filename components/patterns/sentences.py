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
class Behaviour:
    """One class of behaviour: incidents of the selection, their share of it, what sets it apart."""

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
COLOURS = {
    "type": "Crime type",
    "behaviour": "Behaviour",
    "hour": "Hour",
    "district": "District",
    "harm": "Harm",
    "zone": "Zone",
    "rhythm": "Rhythm",
}
ABOUT_MAP = (
    "Every incident is nine facts: type, location type, hour, weekday, season, place, arrest, "
    "domestic and harm, each counting the same. Incidents that share most of them lie close. "
    "A sample is drawn; every other incident lies where the drawn ones most like it do, so that a "
    "lasso chooses all of them. Draw around points to choose, with shift to add; a double click "
    "takes the choice away."
)
READING = (
    "Near on the map means alike in facts. That is all that UMAP and t-SNE promise, and the "
    "figures of trust say how well they keep it.",
    "Far does not mean unlike by so much: an island twice as far away is not twice as different, "
    "and which islands are neighbours may change with the next draw.",
    "The size of an island says nothing about how many incidents it has or how varied they are: "
    "both methods spread crowded places and squeeze empty ones. Switch to density for counts.",
    "Gaps can be made by the method where incidents change gradually. Behaviours are therefore "
    "found in the facts, never in the picture, and only drawn here.",
    "Directions mean nothing on UMAP and t-SNE; turned or mirrored the map is the same. On "
    "principal components they do: the words under the bars say what each axis is made of.",
    "Recorded incidents are what was reported and how it was written down. A pattern may be one of "
    "reporting or of policing.",
)
_MEANS = {
    "trustworthiness": "Neighbours on the map are alike. 1 is all of them, 0.5 a map by chance.",
    "continuity": "Incidents alike are neighbours on the map. 1 is all of them, 0.5 by chance.",
    "trustworthiness_placed": "The same of incidents that were placed, not fitted.",
    "trustworthiness_3d": "The same in three axes.",
    "stability": "Neighbours are the same on maps of other draws and seeds, beyond chance (0).",
}
_STABLE_PLANE = "How much of the plane of the first two is there again when incidents are redrawn."
_NAMES = {
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "trustworthiness_placed": "Trustworthiness, placed",
    "trustworthiness_3d": "Trustworthiness, 3-D",
    "stability": "Stability",
}
_PARAMETERS = {
    "neighbours": "{} neighbours",
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
        said = f"Fitted on all {incidents} incidents, {fitted} drawn"
    else:
        said = f"Fitted on {fitted} of {incidents} incidents, the others placed"
    return f"{METHODS[method]} version {version}. {said}; {', '.join(parts)}."
