"""The data and the models behind the Overview's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL, CATALOG, is_known, model_of, model_title, target_of
from analytics.artifacts.champion_checks import ChampionCheck, read_check
from analytics.artifacts.gates import Gate, load_gates
from analytics.artifacts.index import read_index
from analytics.errors import DamagedError
from analytics.formats import short_date
from analytics.statistics.calendar_days import public_holidays
from callbacks.frame.question import Question
from callbacks.overview.measures import OverviewMeasures
from components.frame.coverage import left_out_words
from components.frame.drift import SHORT
from components.frame.metrics import key_metric_text
from components.overview.cards import Line, lines, paragraphs
from components.overview.sentences import (
    also_in_use,
    freshness_sentences,
    holidays_sentence,
    loaded_sentence,
    without_place_sentence,
)


def data_lines(measures: OverviewMeasures) -> list[Component]:
    """How recent the data is, what is incomplete, what was refused and what lacks a place."""
    assert measures.reporting is not None  # noqa: S101 - checked before
    reporting, manifest = measures.reporting, measures.question.manifest
    provisional = 0
    if reporting.provisional_from is not None:
        span = reporting.provisional_from, reporting.covered[1]
        provisional = sum(measures.daily.total.incidents(span).values())
    return paragraphs(
        [
            *freshness_sentences(reporting, provisional, datetime.now(UTC).date()),
            loaded_sentence(manifest),
            without_place_sentence(manifest),
            left_out_words(manifest),
            holidays_sentence(known=_holidays_are_known(measures)),
            f"Snapshot {manifest.id}.",
        ]
    )


def _holidays_are_known(measures: OverviewMeasures) -> bool:
    assert measures.reporting is not None  # noqa: S101 - checked before
    year = measures.reporting.covered[1].year
    return bool(public_holidays(measures.country, year, year))


def model_lines(question: Question) -> list[Component] | Component:
    """A line for each model with a champion, of all incidents or else of the first target."""
    home = question.services.settings.home
    try:
        versions = read_index(home)["versions"]
    except DamagedError as error:
        return paragraphs([question.services.for_readers(error)])
    by_model: dict[str, list[Mapping[str, Any]]] = {name: [] for name in CATALOG}
    for row in sorted(versions, key=lambda row: (target_of(row["name"]) != ALL, row["name"])):
        if row["champion"] and is_known(row["name"]):
            by_model[model_of(row["name"])].append(row)
    champions = [found for found in by_model.values() if found]
    if not champions:
        return paragraphs(
            [
                "No model is in use yet. Zones, forecasts and temporal profiles appear here "
                "once they are trained and promoted."
            ]
        )
    gates = load_gates()
    return lines(
        [
            _line(row, others, gates, read_check(home, row["name"], row["version"]))
            for row, *others in champions
        ]
    )


def _line(
    row: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    gates: Sequence[Gate],
    check: ChampionCheck | None,
) -> Line:
    """A champion's line, which names the targets of the model's other champions."""
    name = row["name"]
    created = datetime.fromisoformat(row["created"]).date()
    since = SHORT[check.drift] if check is not None else ""
    return Line(
        model_title(name),
        f"/models#model={model_of(name)}&target={target_of(name)}",
        (
            key_metric_text(name, row["metrics"], gates),
            since,
            also_in_use([target_of(one["name"]) for one in others]),
        ),
        f"version {row['version']}, {short_date(created)}",
    )
