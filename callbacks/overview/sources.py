"""What the Overview's numbers rest on: the data and the models in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from dash.development.base_component import Component

from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.checks import ChampionCheck, read_check
from analytics.artifacts.gates import Gate, load_gates
from analytics.artifacts.index import read_index
from analytics.errors import DamagedError
from analytics.formats import number, percent, short_date
from callbacks.frame.question import Question
from callbacks.overview.measures import Facts
from components.frame.coverage import left_out_words
from components.frame.drift import SHORT
from components.frame.metrics import metric_text, metric_words
from components.frame.variables import quantity
from components.overview.cards import Line, lines, paragraphs
from components.overview.sentences import fresh_sentences


def data_lines(facts: Facts) -> list[Component]:
    """How new the data is, what still fills up, what was refused and what lacks a place."""
    assert facts.reporting is not None  # noqa: S101 - looked at before
    reporting, manifest = facts.reporting, facts.question.manifest
    filling = 0
    if reporting.provisional_from is not None:
        span = reporting.provisional_from, reporting.covered[1]
        filling = sum(facts.daily.total.incidents(span).values())
    said = fresh_sentences(reporting, filling, datetime.now(UTC).date())
    loaded = date.fromisoformat(manifest.created[:10]) if manifest.created[:4].isdigit() else None
    text = f"{manifest.source.title}: {quantity(manifest.incidents)}"
    text += f", loaded {short_date(loaded)}." if loaded else "."
    quarantined = sum(batch.quarantined for batch in manifest.batches)
    read = sum(batch.read for batch in manifest.batches)
    if read:
        text += f" {number(quarantined)} of {number(read)} rows read were quarantined as unusable."
    without = manifest.unknown.get("place", 0)
    lacking = ""
    if manifest.incidents:
        lacking = (
            f"{number(without)} incidents ({percent(without / manifest.incidents)}) have no place; "
            "they are in all counts but on no map and in no zone."
        )
    return paragraphs([*said, text, lacking, left_out_words(manifest), f"Snapshot {manifest.id}."])


def model_lines(question: Question) -> list[Component] | Component:
    """The champion of each model with what was measured of it."""
    home = question.services.settings.home
    try:
        versions = read_index(home)["versions"]
    except DamagedError as error:
        return paragraphs([str(error)])
    known = list(CATALOG)
    champions = sorted(
        (row for row in versions if row["champion"] and row["name"] in CATALOG),
        key=lambda row: known.index(row["name"]),
    )
    if not champions:
        return paragraphs(
            [
                "No model is in use yet. Zones, forecasts and temporal profiles appear here "
                "once they are trained and promoted."
            ]
        )
    gates = load_gates()
    return lines(
        [_line(row, gates, read_check(home, row["name"], row["version"])) for row in champions]
    )


def _line(row: Mapping[str, Any], gates: Sequence[Gate], check: ChampionCheck | None) -> Line:
    created = datetime.fromisoformat(row["created"]).date()
    since = ""
    if check is not None:
        since = SHORT[check.drift]
    return Line(
        CATALOG[row["name"]].title,
        f"/models#model={row['name']}",
        (_measured(row, gates), since),
        f"version {row['version']}, {short_date(created)}",
    )


def _measured(row: Mapping[str, Any], gates: Sequence[Gate]) -> str:
    """What the first gate of a model reads, with its interval."""
    model, metrics = row["name"], row["metrics"]
    name = next((gate.metric for gate in gates if gate.model == model), "")
    if name == "gain_1" and name in metrics and not metrics[name]["value"]:
        name = "pai_1"  # a simple forecaster has nothing to gain over itself
    metric = metrics.get(name)
    if metric is None:
        return ""
    ends = metric["value"], metric.get("low"), metric.get("high")
    return f"{metric_words(name, model).label} {metric_text(name, model, *ends)}"
