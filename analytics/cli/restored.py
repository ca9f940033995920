"""What a command says of derived data that it wrote again."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.training.derived import DerivedPart, Restored

WORDS = {
    DerivedPart.LABELS: "Snapshot {snapshot} has the labels of {model} {version} again.",
    DerivedPart.POINTER: "champion.json names {model} {version} again.",
    DerivedPart.ALIAS: "The MLflow alias points to {model} {version} again.",
}


def restored_words(restored: Sequence[Restored]) -> list[str]:
    """A sentence for each part."""
    return [
        WORDS[one.part].format(snapshot=one.snapshot, model=one.model, version=one.version)
        for one in restored
    ]
