"""Info texts of technical terms, and search for terms in a text. docs/glossary.md has more."""

from __future__ import annotations

import re
from functools import cache

TERMS = {
    "PAI": "Predictive accuracy index: share of later incidents in the flagged area, divided by "
    "the area's share of the whole. 1 is no better than chance.",
    "PEI": "Predictive efficiency index: PAI as a share of the best PAI any map of that area could "
    "have had.",
    "Hit rate": "Share of later incidents in the flagged area.",
    "Out-of-time accuracy": "Measured on incidents that came after those the model was trained on.",
    "False discovery rate": "Expected share of false alarms among the findings called significant "
    "(FDR, Benjamini-Hochberg).",
    "FDR": "False discovery rate: expected share of false alarms among the findings called "
    "significant (Benjamini-Hochberg).",
    "Significant": "Larger than the past variation of the same counts explains, at a level of 5%; "
    "where many are tested together, at a false discovery rate of 5%.",
    "95% interval": "Range that holds the true value in 95 of 100 such estimates.",
    "Prediction interval": "Range that holds the count to come in 95 of 100 forecasts.",
    "Dispersion": "Variance of counts divided by that of independent events, which is 1.",
    "Gi*": "Getis-Ord statistic: whether a cell and its neighbors together hold more or fewer "
    "incidents than expected at random.",
    "Local Moran": "Statistic of clusters (cells like their neighbors) and outliers (cells unlike "
    "them).",
    "Conditional permutation": "The other cells' counts are shuffled around each cell to see what "
    "chance alone would produce there.",
    "KDE": "Kernel density estimate: each incident is spread smoothly over the bandwidth.",
    "Bandwidth": "Distance over which a density spreads each incident.",
    "Time decay": "Older incidents weigh less: half as much after each half-life.",
    "Emerging hot spots": "Patterns of a cell's significance over time, after Esri's definitions; "
    "trends are tested allowing for autocorrelation.",
    "DBSCAN": "Clusters where many incidents lie within a radius; the rest is noise.",
    "HDBSCAN": "Clusters that persist over many densities; the rest is noise.",
    "K-means": "Partition into compact groups around centers.",
    "Ward": "Hierarchical clustering that merges the two groups whose merger adds the least "
    "variance.",
    "Silhouette": "How much closer incidents are to their own zone than to the next, from -1 to "
    "1. It describes zones; it is not used for promotion.",
    "Davies-Bouldin": "Spread within clusters relative to the distance between them; lower is "
    "tighter.",
    "Calinski-Harabasz": "Variance between clusters relative to that within them; higher is "
    "tighter.",
    "Jaccard": "Overlap of two sets divided by their union: 1 is the same set.",
    "Adjusted Rand": "Agreement of two groupings, corrected for chance: 1 is the same, 0 is "
    "chance.",
    "Pinball loss": "Mean miss of a forecast's quantiles, weighted by their probability: lower is "
    "better, 0 is perfect.",
    "PIT coverage": "Share of counts inside an interval by their place in the forecast "
    "distribution (probability integral transform), which allows for whole numbers.",
    "Calibration": "Whether intervals hold as many counts as they state.",
    "Bootstrap": "Estimates repeated on samples drawn from the data with replacement.",
    "Baseline": "The best simple method on the same days and the same area.",
    "Champion": "The version of a model that the pages use.",
    "Target": "Kind of incidents that a model is about: all, or one such as robbery.",
    "Promotion checks": "Requirements that a version must meet to become champion.",
    "Harm index": "Minimum sentence for a first offense in days, summed over incidents.",
    "Provisional": "Recent days are incomplete: reports are still coming in.",
    "Rounded times": "Full hours, noon and midnight, often recorded where the time is unknown.",
    "Aoristic": "An incident with a time span counts in each hour by the share of its span there.",
    "Near repeat": "Another incident close by soon after a first one.",
    "Knox test": "Counts pairs of incidents close in space and time against permuted dates; "
    "permuted within four weeks, seasons and changing levels of places do not count.",
    "Temporal profile": "Distribution of incidents over the hours of the week.",
    "Offense profile": "Latent class of incidents with typical type, place and time.",
    "Change point": "Date at which the level of a series changed significantly.",
    "Circular mean": "Mean hour on the clock, where 11 PM and 1 AM average to midnight.",
    "Trustworthiness": "Share of neighbors in the embedding that are truly similar: 1 is all, 0.5 "
    "is random.",
    "Continuity": "Share of similar incidents that are neighbors in the embedding: 1 is all, 0.5 "
    "is random.",
    "Neighborhood preservation": "How many neighbors stay the same with other samples and seeds, "
    "corrected for chance.",
    "Parallel analysis": "Keeps the components that explain more than those of permuted data.",
    "PCA": "Principal component analysis: the directions along which incidents vary most.",
    "UMAP": "Embedding that keeps near neighbors near; far distances mean nothing.",
    "t-SNE": "Embedding that keeps near neighbors near; far distances mean nothing.",
    "Lift": "Share here divided by the citywide share: 2 is twice as common.",
    "Surrogate tree": "Small decision tree that approximates what a model does.",
    "Permutation importance": "Accuracy lost when one feature is shuffled.",
    "Partial dependence": "Mean prediction when one feature is set to a value.",
    "R²": "Share of the variation in a left-out year that trend or season predicts from the "
    "others: 1 is all, 0 or below is none.",
    "Lorenz curve": "Share of incidents held by the busiest share of places.",
}
"""Term → definition, in a sentence or two."""


@cache
def terms_in(text: str) -> tuple[str, ...]:
    """Terms in a text, in the order of `TERMS`; the longer one where two overlap."""
    left, found = text, []
    for term in sorted(TERMS, key=len, reverse=True):
        pattern = rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w*])"
        if re.search(pattern, left, re.IGNORECASE if term[1:].islower() else 0):
            found.append(term)
            left = re.sub(pattern, " ", left, flags=re.IGNORECASE if term[1:].islower() else 0)
    return tuple(term for term in TERMS if term in found)


def info_text(text: str) -> str | None:
    """Info texts of the terms in a label, for its `title`; None without any."""
    return "\n".join(f"{term}: {TERMS[term]}" for term in terms_in(text)) or None
