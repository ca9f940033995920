"""Propose parameters from the incidents to train on, before a training, and store them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from analytics.artifacts.catalog import ALL, PROPOSED, model_of
from analytics.artifacts.stored_proposals import StoredProposals, write_proposals
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.settings import Settings
from analytics.training.fitting import Training
from analytics.training.kinds import kinds_of
from analytics.training.train import chosen_incidents, served_snapshot

Advance = Callable[[str, float], None]


def propose_parameters(
    names: Sequence[str],
    settings: Settings,
    *,
    target: str = ALL,
    selection: str = "",
    advance: Advance = lambda _what, _share: None,
) -> dict[str, StoredProposals]:
    """Proposals by name of the model with its target; raises like `train`.

    Raises
    ------
    InputError
        No model of these has parameters that depend on the incidents, or these are too few.
    """
    kinds = [
        (kind, propose) for kind in kinds_of(names, target) if (propose := kind.propose) is not None
    ]
    if not kinds:
        raise InputError(f"No parameter of {', '.join(names)} is proposed from the incidents.")
    found: dict[str, StoredProposals] = {}
    with closing(SnapshotReader(served_snapshot(settings), settings)) as reader:
        incidents, _ = chosen_incidents(reader, settings, target, selection)
        for number, (kind, propose) in enumerate(kinds):
            advance(f"{kind.title}: proposing", number / len(kinds))
            training = Training(reader, incidents, kind.defaults)
            proposals = propose(training, PROPOSED[model_of(kind.name)])
            rows = tuple(
                {"parameter": name, "value": float(one.value), "evidence": dict(one.evidence)}
                for name, one in proposals.items()
            )
            curves = {name: one.curve for name, one in proposals.items()}
            stored = StoredProposals(reader.snapshot.id, incidents.text, rows, curves)
            write_proposals(settings.home, kind.name, stored)
            found[kind.name] = stored
    advance("Done", 1.0)
    return found
