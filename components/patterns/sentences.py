"""Words of the Patterns page: quality metrics, offense profiles, components, distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from analytics.formats import hour_name, number, numbers, percent, weekday_name
from components.frame.variables import sentence_case


class MetricLike(Protocol):
    """A number with its interval, where it has one."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class QualityMetric:
    """One quality metric in words: its name, its value and what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True)
class OffenseProfile:
    """One offense profile: its selected incidents, their share, and what sets it apart."""

    name: str
    incidents: int
    share: float
    words: str
    chosen: bool


METHODS = {
    "umap": "UMAP",
    "tsne": "t-SNE",
    "pca": "PCA",
}
SHOW_AS = {"auto": "Density when dense", "points": "Incidents", "density": "Density"}
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
    "Incidents that are close on the map have similar features. UMAP and t-SNE guarantee no more; "
    "the quality metrics show how well they preserve neighbors.",
    "Long distances do not measure difference: a cluster twice as far away is not twice as "
    "different, and which clusters are neighbors may change with the next sample.",
    "The size of a cluster does not show how many incidents it has or how varied they are: both "
    "methods spread dense regions and compress sparse ones. Switch to density for counts.",
    "The method can create gaps where incidents change gradually. Offense profiles are therefore "
    "found from the features, never from the map, and only shown here.",
    "Directions have no meaning in UMAP and t-SNE: a rotated or mirrored map is the same. In PCA "
    "they do: the text under the bars describes each axis.",
    "The data holds reported incidents, as they were recorded. A pattern may reflect reporting or "
    "policing.",
)
FEATURES = {
    "type": "crime type",
    "location_type": "location type",
    "hour": "hour",
    "weekday": "weekday",
    "season": "season",
    "place": "place",
    "arrest": "arrest",
    "domestic": "domestic",
    "harm": "harm",
}
MOST_LIFTS = 5
_FLAGS = {
    "arrest": {"yes": "an arrest", "no": "no arrest"},
    "domestic": {"yes": "domestic", "no": "not domestic"},
}
_MEANINGS = {
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
    "min_dist": "minimum distance {}",
    "perplexity": "perplexity {}",
    "permutations": "{} permutations",
}


def quality_metrics(metrics: Mapping[str, MetricLike], method: str) -> list[QualityMetric]:
    """Quality metrics that were measured, most important first."""
    found = []
    for name, title in _NAMES.items():
        if name in metrics:
            meaning = _STABLE_PLANE if (name, method) == ("stability", "pca") else _MEANINGS[name]
            found.append(QualityMetric(title, with_interval(metrics[name]), meaning))
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
    """Version, number of incidents and parameters of an embedding."""
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


def density_note(selected: int) -> str:
    """What the density map shows."""
    return (
        f"{number(selected)} selected incidents by cell of the embedding, on a logarithmic scale."
    )


def points_note(selected: int, shown: int, chosen: int) -> str:
    """How many incidents are shown, and how many of them are selected."""
    if chosen == shown:
        return f"Showing {number(shown)} of {number(selected)} incidents."
    return (
        f"{number(selected)} incidents selected, including {number(chosen)} of the {number(shown)} "
        "shown; the others are faint."
    )


def offense_profiles_note(classes: int, stability: float) -> str:
    """What offense profiles are, and how stable their number is."""
    return (
        "Latent classes of type, location type, hour, weekday and domestic; in parentheses, how "
        "many times as frequent as among all incidents. Two halves of the incidents agree on "
        f"{classes} classes with an adjusted Rand index of {number(stability, 2)} (0: chance)."
    )


def value_words(feature: str, value: str) -> str:
    """A value as part of a list: `theft`, `10 PM`, `Friday`, `no arrest`."""
    if feature == "hour":
        return hour_name(int(value))
    if feature == "weekday":
        return weekday_name(int(value))
    if feature == "season":
        return value.lower()
    if feature == "harm":
        return f"harm of {number(float(value))} days"
    if feature in _FLAGS:
        return _FLAGS[feature][value]
    return value.lower() if value.isupper() else value


def profile_words(row: Mapping[str, Any]) -> str:
    """What sets an offense profile apart, from a row of table `profiles`.

    Versions of an earlier program stored the words.
    """
    if "words" in row:
        return sentence_case(str(row["words"]))
    parts = [
        f"{value_words(one['feature'], one['value'])} {percent(one['share'], 0)} "
        f"({number(one['lift'], 1)} times)"
        for one in row["lifts"][:MOST_LIFTS]
    ]
    return sentence_case("; ".join(parts) or "like the city")


def end_words(values: Sequence[Mapping[str, str]]) -> str:
    """The values at one end of a component."""
    return ", ".join(value_words(one["feature"], one["value"]) for one in values)


def features_words(row: Mapping[str, Any]) -> str:
    """The features of a component with their shares."""
    return ", ".join(
        f"{FEATURES[one['feature']]} {percent(one['share'], 0)}" for one in row["features"]
    )
