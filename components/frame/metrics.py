"""Labels and formats of the metrics of a version, and why promotion checks refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analytics.artifacts.catalog import model_of
from analytics.artifacts.gates import Gate, Verdict
from analytics.formats import number, percent
from components.frame.intervals import percent_with_interval, with_interval
from components.frame.variables import sentence_case


@dataclass(frozen=True)
class MetricWords:
    """Label, unit (`share` is shown in percent), baseline metric and number of decimals."""

    label: str
    unit: str = ""
    baseline: str = ""
    decimals: int = 2


WORDS = {
    "pai": MetricWords("PAI of the densest zones", baseline="pai_baseline"),
    "capture": MetricWords("Mean capture on 1 to 10% of the area", "share"),
    "capture_gain": MetricWords("Mean capture gain over the best baseline", "share"),
    "first_gain": MetricWords("Gain on 1% of the area, in % of the baseline's catch", "share"),
    "pai_1": MetricWords("PAI on 1% of the area", baseline="baseline_pai_1"),
    "pai_5": MetricWords("PAI on 5% of the area", baseline="baseline_pai_5"),
    "pai_10": MetricWords("PAI on 10% of the area", baseline="baseline_pai_10"),
    "pai_street_1": MetricWords("PAI per street length on that 1%"),
    "pai_street_5": MetricWords("PAI per street length on that 5%"),
    "pai_street_10": MetricWords("PAI per street length on that 10%"),
    "band_pai_1": MetricWords("PAI by place and four hours, at the patrol hours of 1%"),
    "band_gain_1": MetricWords("PAI gain by place and four hours over all day"),
    "interval_coverage": MetricWords("Counts of the top 1% inside the 95% interval", "share"),
    "pinball_gain": MetricWords("Pinball loss saved against four weekdays", "share"),
    "pinball_gain_last_week": MetricWords("Pinball loss saved against last week", "share"),
    "pinball": MetricWords("Pinball loss", baseline="baseline_pinball", decimals=3),
    "coverage_50": MetricWords("Counts inside the 50% interval", "share"),
    "coverage_80": MetricWords("Counts inside the 80% interval", "share"),
    "coverage_95": MetricWords("Counts inside the 95% interval", "share"),
    "sum_coverage_80": MetricWords("Sums by area inside the 80% interval", "share"),
    "sum_coverage_95": MetricWords("Sums by area inside the 95% interval", "share"),
    "mase": MetricWords("MASE of the median", decimals=3),
    "bias": MetricWords("Bias (expected over counted, minus 1)", "share"),
    "gain": MetricWords("PAI gain over plain counts"),
    "gain_1": MetricWords("PAI gain over the best baseline at 1%"),
    "gain_5": MetricWords("PAI gain over the best baseline at 5%"),
    "gain_10": MetricWords("PAI gain over the best baseline at 10%"),
    "hit_rate": MetricWords("Hit rate of the densest zones", "share"),
    "hit_rate_1": MetricWords("Hit rate on 1% of the area", "share"),
    "hit_rate_5": MetricWords("Hit rate on 5% of the area", "share"),
    "hit_rate_10": MetricWords("Hit rate on 10% of the area", "share"),
    "pei_1": MetricWords("PEI at 1%", "share"),
    "pei_5": MetricWords("PEI at 5%", "share"),
    "pei_10": MetricWords("PEI at 10%", "share"),
    "stability": MetricWords("Zone stability (Jaccard)"),
    "grid_agreement": MetricWords("Agreement with and without the grid (adjusted Rand)"),
    "seed_agreement": MetricWords("Agreement between seeds (adjusted Rand)"),
    "largest_zone_share": MetricWords("Incidents in the largest zone", "share"),
    "noise_share": MetricWords("Noise (incidents in no zone)", "share"),
    "area_share": MetricWords("Area of the densest zones", "share"),
    "silhouette": MetricWords("Silhouette"),
    "davies_bouldin": MetricWords("Davies-Bouldin"),
    "calinski_harabasz": MetricWords("Calinski-Harabasz"),
    "zones": MetricWords("Zones"),
    "incidents": MetricWords("Training incidents"),
    "places": MetricWords("Training places"),
    "test_incidents": MetricWords("Test incidents"),
    "test_weeks": MetricWords("Test weeks"),
    "folds": MetricWords("Test forecasts"),
    "without_place": MetricWords("Left out: no coordinates"),
    "at_default_addresses": MetricWords("Left out: at default addresses"),
    "silhouette_sample": MetricWords("Silhouette sample size"),
    "grid_sample": MetricWords("Grid effect sample size"),
    "largest_profile_share": MetricWords("Incidents of the most common profile", "share"),
    "least_stability": MetricWords("Lowest profile stability (Jaccard)"),
    "profiles": MetricWords("Temporal profiles"),
    "cells": MetricWords("Cells with a profile"),
    "components_beyond_noise": MetricWords("Retained components (parallel analysis)"),
    "explained_2": MetricWords("Explained by the first two components", "share"),
    "noise_2": MetricWords("Explained by two components of permuted data", "share"),
    "trustworthiness": MetricWords("Trustworthiness", decimals=3),
    "trustworthiness_placed": MetricWords("Trustworthiness, projected incidents", decimals=3),
    "trustworthiness_3d": MetricWords("Trustworthiness, 3-D", decimals=3),
    "continuity": MetricWords("Continuity", decimals=3),
    "continuity_3d": MetricWords("Continuity, 3-D", decimals=3),
    "classes": MetricWords("Classes"),
    "largest_class_share": MetricWords("Incidents in the largest class", "share"),
    "unlike_incidents": MetricWords("Distinct incidents"),
    "sample": MetricWords("Sample size"),
}
OF_MODEL = {
    **{
        ("hotspot_forecast_street", name): replace(
            words, label=words.label.replace("the area", "the street length or area")
        )
        for name, words in WORDS.items()
        if "of the area" in words.label
    },
    ("temporal_kmeans", "gain"): MetricWords("Gain over the citywide week (bits)", decimals=3),
    ("temporal_kmeans", "stability"): MetricWords("Profile stability (Jaccard)"),
    ("patterns_pca", "stability"): MetricWords("Stability of the plane", decimals=3),
    ("patterns_umap", "stability"): MetricWords("Neighborhood preservation", decimals=3),
    ("patterns_tsne", "stability"): MetricWords("Neighborhood preservation", decimals=3),
    ("patterns_offense_profile", "stability"): MetricWords("Split-half agreement (adjusted Rand)"),
}
"""Metrics that mean something else for one model."""
HIDDEN = frozenset(words.baseline for words in WORDS.values() if words.baseline)
"""Baselines, which are shown beside their metric."""


def in_order(names: Iterable[str]) -> list[str]:
    """Names in the order of `WORDS`, unknown ones last."""
    known = list(WORDS)
    return sorted(
        names, key=lambda name: (known.index(name) if name in WORDS else len(known), name)
    )


def metric_words(name: str, model: str) -> MetricWords:
    """Words of a model's metric; its name in sentence case if it has none."""
    return (
        OF_MODEL.get((model_of(model), name))
        or WORDS.get(name)
        or MetricWords(
            sentence_case(name.replace("_", " ")), "share" if name.endswith("_share") else ""
        )
    )


def refusal_words(verdict: Verdict, model: str) -> str:
    """Why a version failed a promotion check; an earlier program stored the sentence."""
    if verdict.written:
        return verdict.written
    words = metric_words(verdict.metric, model)
    if verdict.measured is None:
        return f"{words.label} was not measured."
    ends = {"low": ", low end of the interval,", "high": ", high end of the interval,"}
    name = words.label + ends.get(verdict.at, "")
    bound = "at most" if verdict.least is None else "at least"
    limit = verdict.most if verdict.least is None else verdict.least
    return (
        f"{name} is {_plain(verdict.measured, words)}; {bound} {_plain(limit or 0.0, words)} is "
        f"required. {verdict.because}"
    )


def bound_text(bound: float, name: str, model: str) -> str:
    """The threshold of a promotion check in the unit of its metric."""
    return _plain(bound, metric_words(name, model))


def _plain(value: float, words: MetricWords) -> str:
    """A number with three significant digits, or a percentage."""
    if words.unit == "share":
        return percent(value, 0 if round(100 * value, 1).is_integer() else 1)
    text = f"{value:.3g}"
    if "e" in text:
        return number(value, 0 if abs(value) > 1 else 5)
    return number(value, len(text.partition(".")[2]))


def key_metric_text(
    model: str, metrics: Mapping[str, Mapping[str, float | None]], gates: Iterable[Gate]
) -> str:
    """The metric of a model's first promotion check with its interval; empty if not measured.

    A forecast has its PAI instead where it has no gain in mean capture: the gain of a baseline
    over itself is 0, and versions of earlier programs did not measure it.
    """
    name = next((gate.metric for gate in gates if gate.model == model_of(model)), "")
    metric = metrics.get(name)
    if name == "capture_gain" and not (metric and metric["value"]):
        name, metric = "pai_1", metrics.get("pai_1")
    if metric is None:
        return ""
    ends = metric["value"], metric.get("low"), metric.get("high")
    return f"{metric_words(name, model).label} {metric_text(name, model, *ends)}"


def metric_text(
    name: str, model: str, value: float | None, low: float | None, high: float | None
) -> str:
    """Format a metric with its interval, in its unit."""
    words = metric_words(name, model)
    if words.unit == "share":
        return percent_with_interval(value, low, high)
    whole = value is not None and (abs(value) >= 1_000 or (value == int(value) and low is None))
    return with_interval(value, low, high, 0 if whole else words.decimals)
