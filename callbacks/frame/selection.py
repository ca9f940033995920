"""One gesture → one change of the selection → one request → all views."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.errors import PatrolIQError
from analytics.services import Pinned, Services
from callbacks.frame.chosen import words
from callbacks.frame.filters import more_filters_answer
from callbacks.frame.history import KEEPS_SELECTION, SelectionState, after
from callbacks.frame.pages import PageWiring
from callbacks.frame.question import Question
from components.frame.ids import SelectionIds, ShellIds
from components.frame.selection_bar import chips_row, presets_row
from components.frame.shell import badges, damage_banner, dataset, gesture_store
from components.frame.states import no_matches, notice, trouble, until_dismissed

log = structlog.get_logger()

MAX_URL_TEXT = 1_500  # characters; a longer selection is stored and becomes sel=<hash>
FRAME = {
    "state": Output(SelectionIds.STATE, "data", allow_duplicate=True),
    "sentence": Output(SelectionIds.SENTENCE, "children", allow_duplicate=True),
    "folded": Output(SelectionIds.FOLDED, "children", allow_duplicate=True),
    "chips": Output(SelectionIds.CHIPS, "children", allow_duplicate=True),
    "presets": Output(SelectionIds.PRESETS, "children", allow_duplicate=True),
    "undo_off": Output(SelectionIds.UNDO, "disabled", allow_duplicate=True),
    "redo_off": Output(SelectionIds.REDO, "disabled", allow_duplicate=True),
    "reset_off": Output(SelectionIds.RESET, "disabled", allow_duplicate=True),
    "more": Output(SelectionIds.MORE, "children", allow_duplicate=True),
    "dataset": Output(ShellIds.DATASET, "children", allow_duplicate=True),
    "badges": Output(ShellIds.BADGES, "children", allow_duplicate=True),
    "damage": Output(ShellIds.DAMAGE, "children", allow_duplicate=True),
    "left_out": Output(ShellIds.LEFT_OUT, "children", allow_duplicate=True),
    "notice": Output(ShellIds.NOTICE, "children", allow_duplicate=True),
}


def register(app: Dash, services: Services, page: PageWiring) -> None:
    """The one callback of a page: frame and page together."""
    outputs = FRAME | dict(page.outputs)

    @app.callback(
        output=outputs,
        inputs={"gesture": Input(gesture_store(page.page), "data")},
        state={"stored": State(SelectionIds.STATE, "data")},
        prevent_initial_call=True,
    )
    def respond(gesture: dict[str, Any] | None, stored: dict[str, Any] | None) -> dict[str, Any]:
        unchanged = dict.fromkeys(outputs, no_update)
        if not gesture:
            return unchanged
        return unchanged | respond_to(services, page, gesture, SelectionState.of(stored))


def register_answered(app: Dash) -> None:
    """The browser takes note of every answer."""
    app.clientside_callback(
        ClientsideFunction("patroliq", "answered"),
        Output(ShellIds.PAGE, "title"),
        Input(SelectionIds.STATE, "data"),
        prevent_initial_call=True,
    )


def respond_to(
    services: Services, page: PageWiring, gesture: Mapping[str, Any], state: SelectionState
) -> dict[str, Any]:
    """Outputs that change with this gesture; what went wrong is said, and nothing else moves."""
    number = int(gesture.get("n") or 0)
    state = replace(state, n=number)
    try:
        pinned = services.pin()
        if pinned is None:
            return {"state": state.as_store(), "notice": trouble("There is no data any more.")}
        return _respond(services, page, pinned, gesture, state)
    except PatrolIQError as error:
        return {"state": state.as_store(), "notice": trouble(str(error))}
    except Exception:
        log.exception("gesture failed", gesture=dict(gesture))
        message = "An error occurred on the server and was logged. Undo, or try again."
        return {"state": state.as_store(), "notice": trouble(message)}


def _respond(
    services: Services,
    page: PageWiring,
    pinned: Pinned,
    gesture: Mapping[str, Any],
    state: SelectionState,
) -> dict[str, Any]:
    gesture, unknown = _opened(services, gesture)
    changed = after(gesture, state)
    legible, unreadable = Selection.legible(changed.text, pinned.attributes)
    legible, foreign = pinned.vocabulary.of_snapshot(legible)
    selection, messages = pinned.vocabulary.resolve(legible)
    left_out = [*unknown, *unreadable, *foreign]
    changed = replace(changed, text=selection.text, snapshot=pinned.id).telling(left_out)
    new_data = state.snapshot != pinned.id
    question = Question(
        services,
        pinned,
        selection,
        gesture=gesture,
        raw=gesture.get("page") or {},
        new_data=new_data,
        redraw=new_data or _redrawn(gesture),
    )
    outputs = page.answer(question)
    nothing_matches = bool(outputs.pop("nothing_matches", False)) and bool(selection)
    if question.options.more and _more_changes(question):
        outputs["more"] = more_filters_answer(pinned, selection)
    outputs |= _frame(question, changed)
    unsaved = services.state_trouble
    store = len(changed.text) > MAX_URL_TEXT and not unsaved
    url = services.state.store(changed.text) if store else None
    captions = _captions(question, outputs.pop("drawn", {}))
    outputs["state"] = {
        **changed.as_store(),
        "url": f"sel={url}" if url else changed.text,
        "captions": captions,
    }
    if new_data and state.snapshot and not pinned.warning:
        messages.append(
            "The data was updated while this page was open; all views show the new data."
        )
    said = outputs.pop("said", [])
    outputs["notice"] = [*said, *map(notice, messages)]
    if unsaved:
        outputs["notice"].append(trouble(unsaved))
    if nothing_matches:
        outputs["notice"].append(_no_matches(question))
    return outputs


def _redrawn(gesture: Mapping[str, Any]) -> bool:
    """Whether figures are to be sent whole: the page was just laid out, or its colors change."""
    arrived = gesture.get("action") == "open" and not gesture.get("again")
    return arrived or "theme" in (gesture.get("changed") or ())


def _more_changes(question: Question) -> bool:
    if question.new_data or "more" in question.changed:
        return True
    return question.gesture.get("action") not in KEEPS_SELECTION


def _opened(services: Services, gesture: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """The gesture, with a stored selection of an address fetched; why there is none."""
    text = str(gesture.get("text") or "")
    if gesture.get("action") != "open" or not text.startswith("sel=") or "&" in text:
        return gesture, []
    try:
        return {**gesture, "text": services.state.fetch(text.removeprefix("sel="))}, []
    except PatrolIQError as error:
        return {**gesture, "text": ""}, [str(error)]


def _frame(question: Question, state: SelectionState) -> dict[str, Any]:
    selection, manifest = question.selection, question.manifest
    said = sentence(selection, manifest, question.names)
    labels = chips(selection, question.names, question.pinned.vocabulary.labels)
    return {
        "sentence": said,
        "folded": said,
        "chips": chips_row(labels),
        "presets": presets_row(words(selection, "date")),
        "undo_off": not state.past,
        "redo_off": not state.future,
        "reset_off": not selection,
        "dataset": dataset(manifest),
        "badges": badges(manifest),
        "damage": damage_banner(question.pinned.warning),
        "left_out": [
            *map(until_dismissed, state.left_out),
            *([notice("All incidents are shown.")] if state.left_out and not selection else []),
        ],
    }


def _captions(
    question: Question, drawn: Mapping[str, Collection[str] | Selection | None]
) -> dict[str, list[str]]:
    """By card what its picture shows: the incidents it counts, and which of them are chosen."""
    selection, names = question.selection, question.names
    labels = question.pinned.vocabulary.labels
    found: dict[str, list[str]] = {}
    for card, left_out in drawn.items():
        if left_out is None:
            found[card] = []
            continue
        if isinstance(left_out, Selection):
            found[card] = [sentence(left_out, question.manifest, names)]
            continue
        counted = selection.without(left_out)
        chosen = selection.without(counted.clauses)
        said = "; ".join(chip.label for chip in chips(chosen, names, labels))
        highlighted = [f"Highlighted: {said}"] if said else []
        found[card] = [sentence(counted, question.manifest, names), *highlighted]
    return found


def _no_matches(question: Question) -> Component:
    labels = question.pinned.vocabulary.labels
    return no_matches(chips(question.selection, question.names, labels))
