"""Valid values of model parameters, for the pages, the queue and the training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.artifacts.catalog import CATALOG, PARAMETER_WORDS
from analytics.artifacts.extras import require_extra
from analytics.errors import InputError
from analytics.formats import length_unit, length_unit_m

LONGEST_TEXT = 40  # characters of an invalid value that a message repeats


@dataclass(frozen=True)
class Range:
    """Numbers from `least` to `most`, both included."""

    least: float
    most: float

    def __contains__(self, number: float) -> bool:
        return self.least <= number <= self.most  # false for NaN

    def in_units(self, unit: float) -> Range:
        """The range in other units, rounded unless `unit` is 1."""
        if unit == 1:
            return self
        return Range(round(self.least / unit), round(self.most / unit))

    def __str__(self) -> str:
        return f"{self.least:g} to {self.most:.10g}"  # as they can be entered


RANGES: Mapping[str, Range] = {
    "k": Range(1, 500),
    "mini_batch": Range(0, 1),
    "bootstraps": Range(2, 200),
    "eps_m": Range(1, 2_000),
    "dense_share": Range(0.001, 0.999),
    "min_samples": Range(0, 10_000_000),
    "zone_share": Range(0.00001, 0.5),
    "core_share": Range(0.00001, 0.5),
    "reach_m": Range(0, 2_000),
    "zones": Range(1, 5_000),
    "places": Range(1, 500),
    "cell_m": Range(25, 10_000),
    "horizon_days": Range(1, 92),
    "folds": Range(1, 200),
    "fewest": Range(1, 1_000_000),
    "sample": Range(100, 200_000),
    "permutations": Range(1, 1_000),
    "neighbors": Range(2, 500),
    "min_dist": Range(0, 1),
    "perplexity": Range(2, 500),
    "classes": Range(0, 50),
}
OWN_RANGES: Mapping[tuple[str, str], Range] = {
    ("temporal_kmeans", "k"): Range(0, 50),
    ("demand_forecast", "horizon_days"): Range(1, 28),
}
"""Ranges of parameters that mean something else for one model."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "weight": ("incidents", "harm"),
    "per": ("city", "district"),
    "select": ("leaf", "eom"),
    "level": ("district", "beat", "ward", "area"),
    "method": ("seasonal_level", "lightgbm", "lstm"),
}


def range_of(model: str, name: str) -> Range | None:
    """Range of a numeric parameter; None for text."""
    return OWN_RANGES.get((model, name), RANGES.get(name))


def is_length(name: str) -> bool:
    """Whether a parameter is a length; all are stored in meters."""
    return name.endswith("_m")


def read_parameter(model: str, name: str, text: str, *, local: bool = False) -> Any:
    """Read a parameter as the type of its default.

    Lengths are in meters or, if `local`, in the units of the reader.

    Raises
    ------
    InputError
        The model has no such parameter, or the value is not valid; the message names what is.
    """
    defaults = CATALOG[model].defaults
    if name not in defaults:
        known = ", ".join(defaults) or "none"
        raise InputError(f"{model} has no parameter {name!r}. Parameters: {known}.")
    words = PARAMETER_WORDS.get(name, name)
    shown = f"{words}: {name}={text[:LONGEST_TEXT]} is not valid for {model}"
    allowed, choices = range_of(model, name), CHOICES.get(name)
    if choices is not None and text not in choices:
        raise InputError(f"{shown}; choose {' or '.join(choices)}.")
    if choices is not None:
        require_extra(text)
    if allowed is None:
        return type(defaults[name])(text)
    whole = isinstance(defaults[name], int)
    unit_m = length_unit_m() if local and is_length(name) else 1.0
    try:
        if unit_m == 1:
            value = int(text) if whole else float(text)
        else:
            value = type(defaults[name])(round(float(text) * unit_m))
    except (ValueError, OverflowError):
        value = float("nan")
    if value in allowed:
        return value
    kind = (
        f"a number of {length_unit()}" if unit_m != 1 else "a whole number" if whole else "a number"
    )
    raise InputError(f"{shown}; choose {kind} from {allowed.in_units(unit_m)}.")
