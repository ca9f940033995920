"""What a fit takes and what it gives, whatever the model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from analytics.artifacts.metric import Metric
from analytics.artifacts.parameters import read_parameter
from analytics.crossfilter.selection import Selection
from analytics.hotspots.proposals import Proposal
from analytics.incidents.reader import SnapshotReader

Explained = Mapping[str, pl.DataFrame]
"""Further tables of a bundle, by which a version can be understood."""


@dataclass(frozen=True)
class Training:
    """What a model is fitted on: one snapshot, one selection, parameters and a seed.

    `notes` are what the data said of the selection, as a type it does not have; `given` are names
    of parameters that were set, `proposed` those read from the incidents. The rest are defaults.
    """

    reader: SnapshotReader
    selection: Selection
    parameters: Mapping[str, Any]
    seed: int = 1
    notes: tuple[str, ...] = ()
    given: Collection[str] = ()
    proposed: Mapping[str, Proposal] = field(default_factory=dict)

    @property
    def origins(self) -> dict[str, dict[str, Any]]:
        """Where each parameter's value is from: `set`, `default`, or `proposal` with its evidence.

        What is proposed is proposed from the selected incidents.
        """
        return {
            name: {"from": "proposal", "evidence": dict(self.proposed[name].evidence)}
            if name in self.proposed
            else {"from": "set" if name in self.given else "default"}
            for name in self.parameters
        }


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a fit leaves behind, none of it executable but the estimator (kept through skops).

    Attributes
    ----------
    parameters : mapping
        Everything it was fitted with, for the record.
    rule : mapping
        How a place that was not in the fit gets its label; see `analytics.artifacts.labels`.
    tables : mapping of name to pl.DataFrame
        Kept as Parquet. `labels` has lat, lon, x_m, y_m and label.
    geojson : mapping, optional
        Outlines in WGS84; each feature has a non-empty `id`.
    estimator : object, optional
        A fitted scikit-learn estimator of a trusted type.
    metrics : tuple of Metric
        What fitting itself measured; `ModelKind.evaluate` adds the rest.
    """

    parameters: Mapping[str, Any]
    rule: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    geojson: Mapping[str, Any] | None = field(default=None, repr=False)
    estimator: Any = field(default=None, repr=False)
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True)
class ModelKind:
    """One name in the registry and how its versions are made.

    `evaluate` must measure on incidents that came after those of the fit it judges; `explain`
    makes the tables that the Explain page reads; `propose` reads parameters from the incidents,
    where any can be.
    """

    name: str
    title: str
    fit: Callable[[Training], Fitted]
    evaluate: Callable[[Training, Fitted], list[Metric]]
    explain: Callable[[Training, Fitted], Explained]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    propose: Callable[[Training, Collection[str]], Mapping[str, Proposal]] | None = None

    def with_defaults(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The parameters, those given read as the type their default has.

        Raises
        ------
        InputError
            There is no such parameter, or it cannot have this value.
        """
        parameters = dict(self.defaults)
        for name, text in given.items():
            parameters[name] = read_parameter(self.name, name, text)
        return parameters
