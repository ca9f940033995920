"""Model cards: what each model in use is for, what it was made from, how good it is, its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of, model_title
from analytics.artifacts.model_cards import ModelCard
from analytics.formats import date_range, moment
from analytics.incidents.manifest import Manifest
from components.frame.attributes import aria
from components.frame.drift import drift_sentence
from components.frame.metrics import metric_text, metric_words, refusal_words

NO_MODELS = (
    "No model is in use. Plans then use plain counts. Train and promote models on the Models page."
)
NOT_CHECKED = "Not checked on later weeks yet; the command patroliq models check does it."


@dataclass(frozen=True)
class ModelWords:
    """What a model is for, and its limits."""

    purpose: str
    limits: str


FAMILIES = {
    "zones_": ModelWords(
        "Describes where incidents concentrated, as zones with names.",
        "Zones are of the past. Their outlines are choices of a method, and a zone says nothing on "
        "the people in it.",
    ),
    "hotspot_forecast": ModelWords(
        "Expects incidents by place for the next days; plans stop where it expects most.",
        "It expects reports, not crimes, and most of them happen elsewhere. It does not know what "
        "patrol changes.",
    ),
    "demand_forecast": ModelWords(
        "Expects incidents by area, shift and day, with intervals, for directed patrol time.",
        "Not for staffing: incidents are not calls for service. After a change of recording or of "
        "reporting it is wrong for some weeks; the bias alarm on the Forecast page tells.",
    ),
    "temporal_": ModelWords(
        "Groups places by the hours and weekdays of their incidents.",
        "Times are those that were recorded; unknown ones often stand at noon or midnight.",
    ),
    "patterns_": ModelWords(
        "Shows which incidents are alike, for analysts to look at.",
        "Likeness is not a link between offenders, and no evidence of one.",
    ),
}
OTHER = ModelWords("See the Models page.", "See the Models page.")


@dataclass(frozen=True)
class ShownCard:
    """A card with the incidents that it was trained on in words, and their data."""

    card: ModelCard
    trained_on: str
    manifest: Manifest | None


def model_cards(cards: Sequence[ShownCard]) -> list[Component]:
    """A section for each model in use."""
    if not cards:
        return [html.P(NO_MODELS, className="quiet")]
    return [_card(one) for one in cards]


def words_of(name: str) -> ModelWords:
    """Purpose and limits of a model, by its family."""
    model = model_of(name)
    return next((words for start, words in FAMILIES.items() if model.startswith(start)), OTHER)


def _card(one: ShownCard) -> html.Section:
    card = one.card
    words, title = words_of(card.name), model_title(card.name)
    rows: list[tuple[str, Component | str]] = [
        ("Purpose", words.purpose),
        ("Target", one.trained_on),
        ("Data", _data(one)),
        ("Trained", f"{moment(datetime.fromisoformat(card.trained))} by {card.person}"),
        ("In use since", _promotion(card)),
        ("Accuracy", _metrics(card)),
        ("Promotion checks", _checks(card)),
        ("Since training", drift_sentence(card.check) if card.check else NOT_CHECKED),
        ("Limits", words.limits),
    ]
    if card.notes:
        rows.append(("Notes", card.notes))
    parts = [part for name, value in rows for part in (html.Dt(name), html.Dd(value))]
    return html.Section(
        [html.H3(f"{title}, version {card.version}"), html.Dl(parts)],
        className="model-card",
        **aria(label=f"Model card of {title}"),
    )


def _data(one: ShownCard) -> str:
    manifest = one.manifest
    if manifest is None or manifest.covered is None:
        return f"Snapshot {one.card.snapshot}, which is not kept any more"
    days = date_range(*manifest.covered)
    return f"{manifest.source.title}, {days}; snapshot {one.card.snapshot}"


def _promotion(card: ModelCard) -> str:
    if card.promotion is None:
        return "The log does not tell who promoted it."
    when = moment(datetime.fromisoformat(card.promotion.at))
    return f"{when}, promoted by {card.promotion.person}: {card.promotion.reason}"


def _metrics(card: ModelCard) -> html.Ul:
    """The metrics that promotion checks read, with their intervals."""
    shown = []
    for name in card.decisive:
        metric = card.metrics.get(name)
        label = metric_words(name, card.name).label
        ends = (metric.value, metric.low, metric.high) if metric else (None, None, None)
        shown.append(html.Li(f"{label}: {metric_text(name, card.name, *ends)}"))
    return html.Ul(shown)


def _checks(card: ModelCard) -> Component | str:
    failed = [refusal_words(one, card.name) for one in card.verdicts if not one.passed]
    if not failed:
        return f"Passed all {len(card.verdicts)}"
    said = f"Passed {len(card.verdicts) - len(failed)} of {len(card.verdicts)} of today's checks"
    return html.Div([said, html.Ul([html.Li(one) for one in failed])])
