"""Patterns as registered models: PCA, UMAP and t-SNE of incidents, and offense profiles.

Embeddings are stored as arrays: the fitted incidents with their coordinates, and the cell of every
other incident. Their estimators cannot be stored safely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.patterns.features import (
    CELL_M,
    FEATURES,
    Codes,
    FeatureSpace,
    count_values,
    fit_space,
    read_features,
)
from analytics.patterns.grid import Grid
from analytics.patterns.latent_classes import (
    EXCLUDED_FEATURES,
    OffenseProfiles,
    fit_offense_profiles,
)
from analytics.patterns.maps import Embed, fit_map
from analytics.patterns.pca import describe, fit_components
from analytics.patterns.profiles import profile
from analytics.patterns.projection import Reference, project
from analytics.patterns.quality import map_metrics, mean_metric
from analytics.patterns.sample import stratified
from analytics.patterns.tsne import embed_tsne
from analytics.patterns.umap import embed_umap
from analytics.training.fitting import Explained, FittedModel, Training

Floats = npt.NDArray[np.float32]

FEWEST = 500
SAMPLE_COLUMNS = ("id", "district")
"""Columns stored of a sampled incident besides its features."""


@dataclass(frozen=True, eq=False)
class _Incidents:
    """Training incidents: their space, and their codes of shape (incidents, features)."""

    training: Training
    space: FeatureSpace
    codes: Codes = field(repr=False)

    def at(self, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Id, district and features of the incidents at some positions, in order."""
        frames, start = [], 0
        for batch in _batches(self.training, SAMPLE_COLUMNS):
            here = positions[(positions >= start) & (positions < start + batch.height)] - start
            frames.append(batch[here])
            start += batch.height
        return pl.concat(frames)


def fit_pca(training: Training) -> FittedModel:
    """Fit principal components of all incidents, with parallel analysis and a sample to show."""
    incidents = _incidents(training)
    space, codes = incidents.space, incidents.codes
    found = fit_components(
        space, codes, permutations=int(training.parameters["permutations"]), seed=training.seed
    )
    sample = _sample(incidents)
    scores = found.project(codes[sample], 3)
    tables = [
        pl.DataFrame({"block": block.name, "value": [*block.values, None], **_axes(table)})
        for block, table in zip(space.blocks, found.contributions(), strict=True)
    ]
    ranks = np.arange(1, len(found.explained) + 1)
    scree = {"component": ranks, "explained": found.explained, "noise": found.noise}
    return FittedModel(
        parameters=_parameters(incidents),
        rule=_rule("pca", found.project(codes)),
        tables={
            "features": space.frame,
            "sample": incidents.at(sample).with_columns(**_axes(scores)),
            "adds": pl.concat(tables),
            "scree": pl.DataFrame({**scree, "noise_high": found.noise_high}),
            "axes": describe(found),
        },
        metrics=(
            *_counts(incidents, sample),
            Metric("components_beyond_noise", found.retained),
            mean_metric("stability", found.stability, training.seed),
            Metric("explained_2", float(found.explained[:2].sum())),
            Metric("noise_2", float(found.noise_high[:2].sum())),
            *map_metrics(
                space.matrix(codes[sample]), {"": scores[:, :2], "_3d": scores}, training.seed
            ),
        ),
    )


def fit_embedding(
    method: str, embed: Callable[[Training], Embed]
) -> Callable[[Training], FittedModel]:
    """The `fit` of an embedding; all incidents that are not in the sample are projected."""

    def fit(training: Training) -> FittedModel:
        incidents = _incidents(training)
        space, codes = incidents.space, incidents.codes
        size = int(training.parameters["sample"])
        found = fit_map(space, codes, embed(training), size=size, seed=training.seed)
        keys, first = np.unique(space.keys(codes), return_index=True)
        reference = Reference(space, codes[found.sample], found.xy)
        projected = project(reference, codes[first])
        rule = _rule(method, projected)
        cells = Grid(**rule["grid"]).cells(projected)
        coordinates = np.hstack([found.xy, found.xyz])
        names = ("x", "y", "x3", "y3", "z3")
        return FittedModel(
            parameters=_parameters(incidents),
            rule=rule,
            tables={
                "features": space.frame,
                "sample": incidents.at(found.sample).with_columns(**_axes(coordinates, names)),
                "placed": pl.DataFrame({"key": keys, "cell": cells}),
            },
            metrics=(*_counts(incidents, found.sample), *found.metrics),
        )

    return fit


def fit_offense_profile(training: Training) -> FittedModel:
    """Fit latent classes of offenses and name them."""
    incidents = _incidents(training)
    space, codes = exclude_features(incidents.space, incidents.codes, EXCLUDED_FEATURES)
    found = fit_offense_profiles(
        space, codes, classes=int(training.parameters["classes"]), seed=training.seed
    )
    labels = found.classes.labels(codes)
    profiles = profile(space, codes, labels)
    return FittedModel(
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


def evaluate_patterns(training: Training, fitted: FittedModel) -> list[Metric]:
    """No further metrics: patterns describe incidents and do not predict."""
    del training, fitted
    return []


def explain_patterns(training: Training, fitted: FittedModel) -> Explained:
    """No further tables: the Patterns page reads those of the fit."""
    del training, fitted
    return {}


def umap_of(training: Training) -> Embed:
    """Return UMAP with the parameters of a training."""
    given = training.parameters
    return lambda features, axes, seed: embed_umap(
        features,
        axes=axes,
        neighbors=int(given["neighbors"]),
        min_dist=float(given["min_dist"]),
        seed=seed,
    )


def tsne_of(training: Training) -> Embed:
    """Return t-SNE with the parameters of a training."""
    given = training.parameters
    return lambda features, axes, seed: embed_tsne(
        features, axes=axes, perplexity=float(given["perplexity"]), seed=seed
    )


fit_umap = fit_embedding("umap", umap_of)
fit_tsne = fit_embedding("tsne", tsne_of)


def exclude_features(
    space: FeatureSpace, codes: Codes, names: tuple[str, ...]
) -> tuple[FeatureSpace, Codes]:
    """A space and its codes without some features."""
    kept = [number for number, name in enumerate(space.names) if name not in names]
    return space.without(names), codes[:, kept]


def _incidents(training: Training) -> _Incidents:
    space = fit_space(count_values(_batches(training)))
    codes = np.vstack([space.codes(batch) for batch in _batches(training)])
    if len(codes) < FEWEST:
        raise InputError(
            f"{training.selection.text or 'The data'} has {len(codes)} incidents; patterns need "
            f"at least {FEWEST}."
        )
    return _Incidents(training, space, codes)


def _batches(training: Training, columns: tuple[str, ...] = ()) -> Iterator[pl.DataFrame]:
    return read_features(training.reader, training.selection, columns=columns)


def _sample(incidents: _Incidents) -> npt.NDArray[np.int64]:
    space, training = incidents.space, incidents.training
    strata = incidents.codes[:, space.names.index("type") if "type" in space.names else 0]
    return stratified(strata, int(training.parameters["sample"]), training.seed)


def _axes(
    coordinates: npt.NDArray[Any], names: tuple[str, ...] = ("x", "y", "z")
) -> dict[str, pl.Series]:
    return {
        name: pl.Series(name, coordinates[:, number].astype(np.float32))
        for number, name in enumerate(names[: coordinates.shape[1]])
    }


def _rule(method: str, coordinates: Floats) -> dict[str, Any]:
    grid = asdict(Grid.around(coordinates[:, :2]))
    return {"kind": "pattern", "method": method, "grid": grid, "cell_m": CELL_M}


def _parameters(incidents: _Incidents) -> dict[str, Any]:
    constant = [name for name in FEATURES if name not in incidents.space.names]
    return {
        **incidents.training.parameters,
        "features": " ".join(incidents.space.names),
        "constant_features": " ".join(constant),
        "columns": incidents.space.columns,
    }


def _counts(incidents: _Incidents, sample: npt.NDArray[np.int64]) -> list[Metric]:
    distinct = len(np.unique(incidents.space.keys(incidents.codes)))
    return [
        Metric("incidents", len(incidents.codes)),
        Metric("unlike_incidents", distinct),
        Metric("sample", len(sample)),
    ]


def _chosen_stability(found: OffenseProfiles) -> Metric:
    row = found.choice.filter(pl.col("classes") == len(found.classes.log_shares))
    value, low, high = row.select("stability", "low", "high").row(0)
    return Metric("stability", value, low, high)
