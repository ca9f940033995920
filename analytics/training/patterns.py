"""Patterns as registered models: PCA, UMAP and t-SNE of incidents, and offense profiles.

Maps are kept as arrays: the fitted incidents with their places, and which cell of the map every
other incident was given. No estimator of a map can be stored safely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.patterns.features import (
    CELL_M,
    FACTS,
    Codes,
    FeatureSpace,
    count_facts,
    fit_space,
    read_facts,
)
from analytics.patterns.grid import Grid
from analytics.patterns.latent_classes import LEFT_OUT, OffenseProfiles, fit_offense_profiles
from analytics.patterns.maps import Embed, fit_map
from analytics.patterns.pca import describe, fit_components
from analytics.patterns.profiles import profile
from analytics.patterns.projection import Reference, place
from analytics.patterns.quality import map_metrics, mean_metric
from analytics.patterns.sample import stratified
from analytics.patterns.tsne import embed_tsne
from analytics.patterns.umap import embed_umap
from analytics.training.fitting import Explained, Fitted, Training

Floats = npt.NDArray[np.float32]

FEWEST = 500
DRAWN = ("id", "district")
"""What a drawn incident keeps beside its facts."""


@dataclass(frozen=True, eq=False)
class _Incidents:
    """Incidents of a training: their space, and their codes of shape (incidents, facts)."""

    training: Training
    space: FeatureSpace
    codes: Codes = field(repr=False)

    def drawn(self, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Id, district and facts of some of them, in order."""
        frames, start = [], 0
        for batch in _batches(self.training, DRAWN):
            here = positions[(positions >= start) & (positions < start + batch.height)] - start
            frames.append(batch[here])
            start += batch.height
        return pl.concat(frames)


def fit_pca(training: Training) -> Fitted:
    """Principal components of all incidents, parallel analysis, and a sample to draw."""
    incidents = _incidents(training)
    space, codes = incidents.space, incidents.codes
    found = fit_components(
        space, codes, permutations=int(training.parameters["permutations"]), seed=training.seed
    )
    sample = _sample(incidents)
    places = found.places(codes[sample], 3)
    tables = [
        pl.DataFrame({"block": block.name, "value": [*block.values, None], **_axes(table)})
        for block, table in zip(space.blocks, found.tables(), strict=True)
    ]
    ranks = np.arange(1, len(found.explained) + 1)
    scree = {"component": ranks, "explained": found.explained, "noise": found.noise}
    return Fitted(
        parameters=_parameters(incidents),
        rule=_rule("pca", found.places(codes)),
        tables={
            "features": space.frame,
            "sample": incidents.drawn(sample).with_columns(**_axes(places)),
            "adds": pl.concat(tables),
            "scree": pl.DataFrame({**scree, "noise_high": found.noise_high}),
            "axes": describe(found),
        },
        metrics=(
            *_counts(incidents, sample),
            Metric("components_beyond_noise", found.kept),
            mean_metric("stability", found.stability, training.seed),
            Metric("explained_2", float(found.explained[:2].sum())),
            Metric("noise_2", float(found.noise_high[:2].sum())),
            *map_metrics(
                space.matrix(codes[sample]), {"": places[:, :2], "_3d": places}, training.seed
            ),
        ),
    )


def fit_embedding(method: str, embed: Callable[[Training], Embed]) -> Callable[[Training], Fitted]:
    """The `fit` of a map by neighbors, every incident placed."""

    def fit(training: Training) -> Fitted:
        incidents = _incidents(training)
        space, codes = incidents.space, incidents.codes
        size = int(training.parameters["sample"])
        found = fit_map(space, codes, embed(training), size=size, seed=training.seed)
        keys, first = np.unique(space.keys(codes), return_index=True)
        reference = Reference(space, codes[found.sample], found.plane)
        placed = place(reference, codes[first])
        rule = _rule(method, placed)
        cells = Grid(**rule["grid"]).cells(placed)
        places = np.hstack([found.plane, found.space])
        names = ("x", "y", "x3", "y3", "z3")
        return Fitted(
            parameters=_parameters(incidents),
            rule=rule,
            tables={
                "features": space.frame,
                "sample": incidents.drawn(found.sample).with_columns(**_axes(places, names)),
                "placed": pl.DataFrame({"key": keys, "cell": cells}),
            },
            metrics=(*_counts(incidents, found.sample), *found.metrics),
        )

    return fit


def fit_offense_profile(training: Training) -> Fitted:
    """Offense profiles, their profiles and names."""
    incidents = _incidents(training)
    space, codes = without(incidents.space, incidents.codes, LEFT_OUT)
    found = fit_offense_profiles(
        space, codes, classes=int(training.parameters["classes"]), seed=training.seed
    )
    labels = found.classes.labels(codes)
    profiles = profile(space, codes, labels)
    return Fitted(
        parameters={**_parameters(incidents), "classes": len(found.classes.log_shares)},
        rule={"kind": "offense_profile", "method": "lca"},
        tables={
            "features": space.frame,
            "classes": found.frame,
            "choice": found.choice,
            "profiles": profiles,
        },
        metrics=(
            Metric("incidents", len(codes)),
            Metric("classes", profiles.height),
            Metric("largest_class_share", float(profiles["share"].max())),  # type: ignore[arg-type]
            _chosen_stability(found),
        ),
    )


def evaluate_patterns(training: Training, fitted: Fitted) -> list[Metric]:
    """Nothing more: a map says how incidents are alike, it foretells none."""
    del training, fitted
    return []


def explain_patterns(training: Training, fitted: Fitted) -> Explained:
    """Nothing more: its page reads the tables of the fit."""
    del training, fitted
    return {}


def umap_of(training: Training) -> Embed:
    """UMAP with the parameters of a training."""
    given = training.parameters
    return lambda features, axes, seed: embed_umap(
        features,
        axes=axes,
        neighbors=int(given["neighbors"]),
        min_dist=float(given["min_dist"]),
        seed=seed,
    )


def tsne_of(training: Training) -> Embed:
    """t-SNE with the parameters of a training."""
    given = training.parameters
    return lambda features, axes, seed: embed_tsne(
        features, axes=axes, perplexity=float(given["perplexity"]), seed=seed
    )


fit_umap = fit_embedding("umap", umap_of)
fit_tsne = fit_embedding("tsne", tsne_of)


def without(
    space: FeatureSpace, codes: Codes, names: tuple[str, ...]
) -> tuple[FeatureSpace, Codes]:
    """A space and codes without some facts."""
    kept = [number for number, name in enumerate(space.names) if name not in names]
    return space.without(names), codes[:, kept]


def _incidents(training: Training) -> _Incidents:
    space = fit_space(count_facts(_batches(training)))
    codes = np.vstack([space.codes(batch) for batch in _batches(training)])
    if len(codes) < FEWEST:
        raise InputError(
            f"{training.selection.text or 'everything'} has {len(codes)} incidents; patterns need "
            f"{FEWEST} at least."
        )
    return _Incidents(training, space, codes)


def _batches(training: Training, columns: tuple[str, ...] = ()) -> Iterator[pl.DataFrame]:
    return read_facts(training.reader, training.selection, columns=columns)


def _sample(incidents: _Incidents) -> npt.NDArray[np.int64]:
    space, training = incidents.space, incidents.training
    strata = incidents.codes[:, space.names.index("type") if "type" in space.names else 0]
    return stratified(strata, int(training.parameters["sample"]), training.seed)


def _axes(
    places: npt.NDArray[Any], names: tuple[str, ...] = ("x", "y", "z")
) -> dict[str, pl.Series]:
    return {
        name: pl.Series(name, places[:, number].astype(np.float32))
        for number, name in enumerate(names[: places.shape[1]])
    }


def _rule(method: str, places: Floats) -> dict[str, Any]:
    grid = Grid.around(places[:, :2])
    middle = {"left": grid.left, "bottom": grid.bottom, "size": grid.size}
    return {"kind": "pattern", "method": method, "grid": middle, "cell_m": CELL_M}


def _parameters(incidents: _Incidents) -> dict[str, Any]:
    left_out = [name for name in FACTS if name not in incidents.space.names]
    return {
        **incidents.training.parameters,
        "facts": " ".join(incidents.space.names),
        "never_vary": " ".join(left_out),
        "columns": incidents.space.columns,
    }


def _counts(incidents: _Incidents, sample: npt.NDArray[np.int64]) -> list[Metric]:
    unlike = len(np.unique(incidents.space.keys(incidents.codes)))
    return [
        Metric("incidents", len(incidents.codes)),
        Metric("unlike_incidents", unlike),
        Metric("sample", len(sample)),
    ]


def _chosen_stability(found: OffenseProfiles) -> Metric:
    row = found.choice.filter(pl.col("classes") == len(found.classes.log_shares))
    value, low, high = row.select("stability", "low", "high").row(0)
    return Metric("stability", value, low, high)
