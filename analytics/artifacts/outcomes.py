"""Outcomes of a training: each version is champion, passed its checks, or was refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from analytics.artifacts.gates import Verdict

Standing = Literal["champion", "passed", "refused"]


@dataclass(frozen=True)
class Outcome:
    """Outcome of one version; `reasons` are the checks it failed."""

    model: str
    version: int
    standing: Standing
    reasons: tuple[Verdict, ...] = ()

    @property
    def as_json(self) -> dict[str, Any]:
        """Fields, with the messages of the reasons."""
        return {**asdict(self), "reasons": [verdict.as_json for verdict in self.reasons]}


def outcome_of(
    model: str, version: int, refused: Sequence[Verdict], champions: Collection[tuple[str, int]]
) -> Outcome:
    """Outcome of a version; `champions` are the versions that the same training promoted."""
    if refused:
        return Outcome(model, version, "refused", tuple(refused))
    return Outcome(model, version, "champion" if (model, version) in champions else "passed")


def read_outcomes(result: object) -> tuple[Outcome, ...]:
    """Read outcomes from the output of `patroliq train --json`; none for other commands."""
    rows = result.get("outcomes", []) if isinstance(result, Mapping) else []
    return tuple(
        Outcome(**{**row, "reasons": tuple(Verdict.of(raw) for raw in row["reasons"])})
        for row in rows
    )


def all_refused(outcomes: Sequence[Outcome]) -> bool:
    """Whether all trained versions were refused."""
    return bool(outcomes) and all(one.standing == "refused" for one in outcomes)
