"""Gates: what a version must show before it can become champion (data/gates.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.artifacts.metric import Metric
from analytics.errors import InputError

FILE = Path(__file__).resolve().parents[2] / "data" / "gates.toml"
ENDS = ("value", "low", "high")
NEVER = ("silhouette",)  # it is best for one zone around the whole city and one at the airport


@dataclass(frozen=True)
class Gate:
    """One thing asked of one model. Either `least` or `most` is set."""

    model: str
    metric: str
    at: str
    least: float | None
    most: float | None
    because: str

    def judge(self, metrics: Mapping[str, Metric]) -> Verdict:
        """Whether the metrics pass, and why not in words."""
        metric = metrics.get(self.metric)
        measured = metric.at(self.at) if metric else None
        if measured is None or measured != measured:  # noqa: PLR0124 - not a number
            return Verdict(self.metric, None, False, f"{self._name} was not measured.")
        too_low = self.least is not None and not measured >= self.least
        too_high = self.most is not None and not measured <= self.most
        if not (too_low or too_high):
            return Verdict(self.metric, measured, True, "")
        bound = f"at least {self.least:g}" if too_low else f"at most {self.most:g}"
        words = f"{self._name} is {_plain(measured)}; {bound} is required. {self.because}"
        return Verdict(self.metric, measured, False, words)

    @property
    def _name(self) -> str:
        end = {"value": "", "low": ", low end of its interval,", "high": ", high end,"}[self.at]
        return f"{self.metric}{end}"


def _plain(value: float) -> str:
    """Three digits, never with an exponent."""
    return f"{value:.3g}" if abs(value) >= 0.001 or not value else f"{value:.5f}"


@dataclass(frozen=True)
class Verdict:
    """What a gate said. `words` is empty where it let the version pass."""

    metric: str
    measured: float | None
    passed: bool
    words: str


def judge(model: str, metrics: Mapping[str, Metric], path: Path = FILE) -> list[Verdict]:
    """Verdicts of all gates of a model, in the order of the file.

    Raises
    ------
    InputError
        The file has no gate for the model, or cannot be used.
    """
    gates = [gate for gate in load_gates(path) if gate.model == model]
    if not gates:
        raise InputError(
            f"{path} has no promotion check for {model!r}; a model without one cannot be promoted."
        )
    return [gate.judge(metrics) for gate in gates]


def load_gates(path: Path = FILE) -> list[Gate]:
    """All gates of a file, one for each model a `[[gate]]` names.

    Raises
    ------
    InputError
        Names the gate that cannot be used, and why.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("gate", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {error}") from error
    return [gate for number, raw in enumerate(found, 1) for gate in _gates(raw, number, path)]


def _gates(raw: Mapping[str, Any], number: int, path: Path) -> list[Gate]:
    where = f"{path}, check {number}"
    unknown = raw.keys() - {"models", "metric", "at", "least", "most", "because"}
    if unknown:
        raise InputError(f"{where}: there is no {', '.join(sorted(unknown))}.")
    for name in ("models", "metric", "because"):
        if not raw.get(name):
            raise InputError(f"{where}: {name} is missing.")
    if ("least" in raw) == ("most" in raw):
        raise InputError(f"{where}: give either least or most.")
    at = raw.get("at", "value")
    if at not in ENDS:
        raise InputError(f"{where}: at is one of {', '.join(ENDS)}, not {at!r}.")
    if any(word in raw["metric"] for word in NEVER):
        raise InputError(f"{where}: {raw['metric']} cannot be a promotion check.")
    bounds = raw.get("least"), raw.get("most")
    return [Gate(model, raw["metric"], at, *bounds, raw["because"]) for model in raw["models"]]
