"""What the metrics of a version are called, and what each says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from components.variables import sentence_case


@dataclass(frozen=True)
class MetricWords:
    """Label, unit (`share` is shown in percent), and which metric is its baseline."""

    label: str
    unit: str = ""
    baseline: str = ""


WORDS = {
    "pai": MetricWords("PAI of the densest zones", baseline="pai_baseline"),
    "pai_1": MetricWords("PAI on 1 % of the area", baseline="baseline_pai_1"),
    "pai_5": MetricWords("PAI on 5 % of the area", baseline="baseline_pai_5"),
    "pai_10": MetricWords("PAI on 10 % of the area", baseline="baseline_pai_10"),
    "gain": MetricWords("Gain over plain counts, PAI"),
    "gain_1": MetricWords("Gain over the best simple one, PAI, 1 %"),
    "gain_5": MetricWords("Gain over the best simple one, PAI, 5 %"),
    "gain_10": MetricWords("Gain over the best simple one, PAI, 10 %"),
    "hit_rate": MetricWords("Later incidents in the densest zones", "share"),
    "hit_rate_1": MetricWords("Later incidents on 1 % of the area", "share"),
    "hit_rate_5": MetricWords("Later incidents on 5 % of the area", "share"),
    "hit_rate_10": MetricWords("Later incidents on 10 % of the area", "share"),
    "pei_1": MetricWords("Of what 1 % could catch at best", "share"),
    "pei_5": MetricWords("Of what 5 % could catch at best", "share"),
    "pei_10": MetricWords("Of what 10 % could catch at best", "share"),
    "stability": MetricWords("Stability of the zones, Jaccard"),
    "largest_zone_share": MetricWords("Incidents in the largest zone", "share"),
    "noise_share": MetricWords("Incidents in no zone", "share"),
    "area_share": MetricWords("Area of the densest zones", "share"),
    "silhouette": MetricWords("Silhouette"),
    "davies_bouldin": MetricWords("Davies-Bouldin"),
    "calinski_harabasz": MetricWords("Calinski-Harabasz"),
    "zones": MetricWords("Zones"),
    "incidents": MetricWords("Incidents fitted on"),
    "places": MetricWords("Places fitted on"),
    "test_incidents": MetricWords("Later incidents it was judged by"),
    "test_weeks": MetricWords("Later weeks it was judged by"),
    "folds": MetricWords("Forecasts it was judged by"),
    "without_place": MetricWords("Left out: no coordinates"),
    "at_default_addresses": MetricWords("Left out: at default addresses"),
    "silhouette_sample": MetricWords("Incidents in the silhouette's sample"),
}
HIDDEN = frozenset(words.baseline for words in WORDS.values() if words.baseline)
"""Shown beside the metric they are the baseline of."""


def in_order(names: Iterable[str]) -> list[str]:
    """Names in the order of the words, those without any last."""
    known = list(WORDS)
    return sorted(
        names, key=lambda name: (known.index(name) if name in WORDS else len(known), name)
    )


def metric_words(name: str) -> MetricWords:
    """Words of a metric; its name in sentence case where it has none."""
    return WORDS.get(name) or MetricWords(
        sentence_case(name.replace("_", " ")), "share" if name.endswith("_share") else ""
    )
