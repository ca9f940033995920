"""Promotion checks (gates) that a version must pass to become champion (data/gates.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.artifacts.catalog import model_of
from analytics.artifacts.metric import Metric
from analytics.errors import InputError

FILE = Path(__file__).resolve().parents[2] / "data" / "gates.toml"
ENDS = ("value", "low", "high")
NEVER = ("silhouette",)  # highest for one zone around the whole city and one at the airport


@dataclass(frozen=True)
class Gate:
    """One promotion check of one model. Either `least` or `most` is set."""

    model: str
    metric: str
    at: str
    least: float | None
    most: float | None
    because: str

    def judge(self, metrics: Mapping[str, Metric]) -> Verdict:
        """Check the metrics; a metric that was not measured does not pass."""
        metric = metrics.get(self.metric)
        measured = metric.at(self.at) if metric else None
        if measured is None or measured != measured:  # noqa: PLR0124 - not a number
            return self._verdict(None, passed=False)
        too_low = self.least is not None and not measured >= self.least
        too_high = self.most is not None and not measured <= self.most
        return self._verdict(measured, passed=not (too_low or too_high))

    def _verdict(self, measured: float | None, *, passed: bool) -> Verdict:
        return Verdict(self.metric, measured, passed, self.at, self.least, self.most, self.because)


@dataclass(frozen=True)
class Verdict:
    """Result of a promotion check; `measured` is None if the metric was not measured.

    `written` is the sentence of an earlier program, which stored nothing else.
    """

    metric: str
    measured: float | None
    passed: bool
    at: str = "value"
    least: float | None = None
    most: float | None = None
    because: str = ""
    written: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any] | str) -> Verdict:
        """Read a stored verdict: its fields, or the sentence of an earlier program."""
        if isinstance(raw, str):
            return cls("", None, False, written=raw)
        known = {key: value for key, value in raw.items() if key != "words"}
        return cls(**known) if "because" in raw else cls(**known, written=raw.get("words", ""))

    @property
    def message(self) -> str:
        """Error message for the command line and the audit log; empty if it passed."""
        if self.passed or self.written:
            return self.written
        end = {"value": "", "low": " (low end)", "high": " (high end)"}[self.at]
        if self.measured is None:
            return f"{self.metric}{end} was not measured."
        bound = f"at most {self.most:g}" if self.least is None else f"at least {self.least:g}"
        return f"{self.metric}{end} is {_plain(self.measured)}; {bound} is required. {self.because}"

    @property
    def as_json(self) -> dict[str, Any]:
        """Fields and message."""
        return {**asdict(self), "words": self.message}


def refused_by(row: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """Failed promotion checks of a version in the index."""
    verdicts = (Verdict.of(raw) for raw in row["verdicts"])
    return tuple(verdict for verdict in verdicts if not verdict.passed)


def _plain(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{value:.3g}" if abs(value) >= 0.001 or not value else f"{value:.5f}"


def judge(model: str, metrics: Mapping[str, Metric], path: Path = FILE) -> list[Verdict]:
    """Verdicts of all promotion checks of a model, whatever its target, in the order of the file.

    Raises
    ------
    InputError
        The file has no check for the model, or is not valid.
    """
    gates = [gate for gate in load_gates(path) if gate.model == model_of(model)]
    if not gates:
        raise InputError(
            f"{path} has no promotion check for {model!r}; a model without one cannot be promoted."
        )
    return [gate.judge(metrics) for gate in gates]


def load_gates(path: Path = FILE) -> list[Gate]:
    """Promotion checks of a file, one for each model that a `[[gate]]` names.

    Raises
    ------
    InputError
        The message names the check that is not valid, and why.
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
        raise InputError(f"{where}: unknown keys {', '.join(sorted(unknown))}.")
    for name in ("models", "metric", "because"):
        if not raw.get(name):
            raise InputError(f"{where}: {name} is missing.")
    if ("least" in raw) == ("most" in raw):
        raise InputError(f"{where}: give either least or most.")
    at = raw.get("at", "value")
    if at not in ENDS:
        raise InputError(f"{where}: at must be one of {', '.join(ENDS)}, not {at!r}.")
    if any(word in raw["metric"] for word in NEVER):
        raise InputError(f"{where}: {raw['metric']} cannot be a promotion check.")
    bounds = raw.get("least"), raw.get("most")
    return [Gate(model, raw["metric"], at, *bounds, raw["because"]) for model in raw["models"]]
