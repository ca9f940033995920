"""Types of model training: its input, its result, and what makes a model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

from analytics.artifacts.catalog import model_of
from analytics.artifacts.metric import Metric
from analytics.artifacts.parameters import read_parameter
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.proposals import Proposal
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.two_periods import Period

Explained = Mapping[str, pl.DataFrame]
"""Tables of a bundle that explain a version."""


@dataclass(frozen=True)
class Training:
    """Input of a fit: one snapshot, one selection, parameters and a seed.

    `notes` are remarks on the selection, such as a crime type that the data does not have; `given`
    are the names of parameters that were set, `proposed` those read from the incidents. The rest
    are defaults.
    """

    reader: SnapshotReader
    selection: Selection
    parameters: Mapping[str, Any]
    seed: int = 1
    notes: tuple[str, ...] = ()
    given: Collection[str] = ()
    proposed: Mapping[str, Proposal] = field(default_factory=dict)

    @property
    def complete_days(self) -> Period:
        """First and last day of the selection, provisional days left out.

        Raises
        ------
        InputError
            The selected period is outside the data.
        """
        manifest = self.reader.snapshot.manifest
        period = self.selection.period(manifest)
        if period is None:
            raise InputError("The selected period is outside the data.")
        first, last = period
        if manifest.provisional_day is not None:
            last = min(last, manifest.provisional_day - timedelta(days=1))
        return first, last

    @property
    def origins(self) -> dict[str, dict[str, Any]]:
        """Where each parameter's value is from: `set`, `default`, or `proposal` with its evidence.

        Proposals are made from the selected incidents.
        """
        return {
            name: {"from": "proposal", "evidence": dict(self.proposed[name].evidence)}
            if name in self.proposed
            else {"from": "set" if name in self.given else "default"}
            for name in self.parameters
        }


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Result of a fit. Nothing in it is executable except the estimator (stored through skops).

    Attributes
    ----------
    parameters : mapping
        All parameters of the fit, for the record.
    rule : mapping
        How new places are labeled; see `analytics.artifacts.labels`.
    tables : mapping of name to pl.DataFrame
        Stored as Parquet. `labels` has lat, lon, x_m, y_m and label.
    geojson : mapping, optional
        Outlines in WGS84; each feature has a non-empty `id`.
    estimator : object, optional
        A fitted scikit-learn estimator of a trusted type.
    metrics : tuple of Metric
        Metrics of the fit itself; `ModelKind.evaluate` adds the rest.
    """

    parameters: Mapping[str, Any]
    rule: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    geojson: Mapping[str, Any] | None = field(default=None, repr=False)
    estimator: Any = field(default=None, repr=False)
    metrics: tuple[Metric, ...] = ()


Fit = Callable[[Training], FittedModel]
Evaluate = Callable[[Training, FittedModel], list[Metric]]
Explain = Callable[[Training, FittedModel], Explained]


@dataclass(frozen=True)
class ModelKind:
    """One model of the registry for one target, and the functions that make its versions.

    `name` is that of the pair, such as `zones_kmeans.robbery`.

    `evaluate` must measure on incidents after those of the fit it evaluates; `explain` makes the
    tables of the Explain page; `propose`, if there is one, proposes parameters from the incidents.
    """

    name: str
    title: str
    fit: Fit
    evaluate: Evaluate
    explain: Explain
    defaults: Mapping[str, Any] = field(default_factory=dict)
    propose: Callable[[Training, Collection[str]], Mapping[str, Proposal]] | None = None

    def with_defaults(self, given: Mapping[str, str]) -> dict[str, Any]:
        """All parameters; given ones are read as the type of their default.

        Raises
        ------
        InputError
            There is no such parameter, or the value is not valid.
        """
        parameters = dict(self.defaults)
        for name, text in given.items():
            parameters[name] = read_parameter(model_of(self.name), name, text)
        return parameters
