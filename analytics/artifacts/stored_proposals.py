"""Proposals for the parameters of a model, made by the worker from the incidents to train on.

<home>/proposals/<name>/<hash of the selection>.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from analytics.crossfilter.text_hash import text_hash
from analytics.errors import DamagedError
from analytics.stored import read_object, replace_text

FOLDER = "proposals"
MOST_KEPT = 50
"""Newest files kept of each model."""
MEND = "Propose the parameters again."


@dataclass(frozen=True, eq=False)
class StoredProposals:
    """Proposals from one selection of a snapshot.

    Attributes
    ----------
    rows : parameter, value and evidence
    curves : by parameter, what was tried
    """

    snapshot: str
    selection: str
    rows: tuple[Mapping[str, Any], ...]
    curves: Mapping[str, pl.DataFrame] = field(repr=False)


def write_proposals(home: Path, name: str, found: StoredProposals) -> None:
    """Store proposals for a model and its target; deletes the oldest of many."""
    path = _path(home, name, found.selection)
    path.parent.mkdir(parents=True, exist_ok=True)
    curves = {
        parameter: curve.to_dict(as_series=False) for parameter, curve in found.curves.items()
    }
    fields = {"snapshot": found.snapshot, "selection": found.selection, "rows": found.rows}
    replace_text(path, json.dumps({**fields, "curves": curves}))
    newest = sorted(path.parent.glob("*.json"), key=lambda one: -one.stat().st_mtime_ns)
    for old in newest[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def read_proposals(home: Path, name: str, selection: str, snapshot: str) -> StoredProposals | None:
    """Proposals from exactly these incidents; None where there are none or the file is damaged."""
    with suppress(FileNotFoundError, DamagedError, KeyError, TypeError, AttributeError):
        raw = read_object(_path(home, name, selection), MEND)
        if (raw["snapshot"], raw["selection"]) == (snapshot, selection):
            curves = {parameter: pl.DataFrame(one) for parameter, one in raw["curves"].items()}
            return StoredProposals(snapshot, selection, tuple(raw["rows"]), curves)
    return None


def _path(home: Path, name: str, selection: str) -> Path:
    return home / FOLDER / name / f"{text_hash(selection)}.json"
