"""What became of each version that a training made: champion, passed its checks, or refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from analytics.artifacts.gates import Verdict

Standing = Literal["champion", "passed", "refused"]


@dataclass(frozen=True)
class Outcome:
    """One version; `reasons` are the verdicts that refused it."""

    model: str
    version: int
    standing: Standing
    reasons: tuple[Verdict, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "reasons": [verdict.facts for verdict in self.reasons]}


def outcome_of(
    model: str, version: int, refused: Sequence[Verdict], champions: Collection[tuple[str, int]]
) -> Outcome:
    """Of a version and of those that the same training promoted."""
    if refused:
        return Outcome(model, version, "refused", tuple(refused))
    return Outcome(model, version, "champion" if (model, version) in champions else "passed")


def read_outcomes(result: object) -> tuple[Outcome, ...]:
    """Those in what `patroliq train --json` printed; none in the result of anything else."""
    rows = result.get("outcomes", []) if isinstance(result, Mapping) else []
    return tuple(
        Outcome(**{**row, "reasons": tuple(Verdict.of(raw) for raw in row["reasons"])})
        for row in rows
    )


def all_refused(outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing that was trained may be used."""
    return bool(outcomes) and all(one.standing == "refused" for one in outcomes)
