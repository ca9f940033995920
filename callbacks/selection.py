"""One gesture → one change of the selection → one request → all views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.errors import PatrolIQError
from analytics.services import Pinned, Services
from callbacks.chosen import words
from callbacks.explore import PART_OF_OPTION, PARTS, Question, answer
from callbacks.filters import more_filters_answer
from callbacks.history import SelectionState, after
from callbacks.page_options import PageOptions
from components.ids import ExploreIds, SelectionIds, ShellIds
from components.selection_bar import chips_row, presets_row
from components.shell import badges, dataset
from components.states import no_matches, notice, trouble

log = structlog.get_logger()

MAX_URL_TEXT = 1_500  # characters; a longer selection is stored and becomes sel=<hash>
OUTPUTS = {
    "state": Output(SelectionIds.STATE, "data"),
    "sentence": Output(SelectionIds.SENTENCE, "children"),
    "folded": Output(SelectionIds.FOLDED, "children"),
    "chips": Output(SelectionIds.CHIPS, "children"),
    "presets": Output(SelectionIds.PRESETS, "children"),
    "undo_off": Output(SelectionIds.UNDO, "disabled"),
    "redo_off": Output(SelectionIds.REDO, "disabled"),
    "reset_off": Output(SelectionIds.RESET, "disabled"),
    "more": Output(SelectionIds.MORE, "children"),
    "dataset": Output(ShellIds.DATASET, "children"),
    "badges": Output(ShellIds.BADGES, "children"),
    "notice": Output(ShellIds.NOTICE, "children"),
    "headline": Output(ExploreIds.HEADLINE, "children"),
    "map": Output(ExploreIds.MAP_STATE, "data"),
    "legend": Output(ExploreIds.MAP_LEGEND, "children"),
    "map_note": Output(ExploreIds.MAP_NOTE, "children"),
    "map_numbers": Output(ExploreIds.MAP_NUMBERS, "children"),
    "hours": Output(ExploreIds.HOURS, "figure"),
    "hours_note": Output(ExploreIds.HOURS_NOTE, "children"),
    "hours_numbers": Output(ExploreIds.HOURS_NUMBERS, "children"),
    "offences": Output(ExploreIds.OFFENCES, "children"),
    "areas": Output(ExploreIds.AREAS, "children"),
    "days": Output(ExploreIds.DAYS, "figure"),
    "days_numbers": Output(ExploreIds.DAYS_NUMBERS, "children"),
    "rows": Output(ExploreIds.TABLE, "rowData"),
    "list": Output(ExploreIds.TABLE_LIST, "children"),
    "range": Output(ExploreIds.TABLE_RANGE, "children"),
    "previous_off": Output(ExploreIds.TABLE_PREVIOUS, "disabled"),
    "next_off": Output(ExploreIds.TABLE_NEXT, "disabled"),
}


def register(app: Dash, services: Services) -> None:
    @app.callback(
        output=OUTPUTS,
        inputs={"gesture": Input(SelectionIds.GESTURE, "data")},
        state={"stored": State(SelectionIds.STATE, "data")},
        prevent_initial_call=True,
    )
    def respond(gesture: dict[str, Any] | None, stored: dict[str, Any] | None) -> dict[str, Any]:
        unchanged = dict.fromkeys(OUTPUTS, no_update)
        if not gesture:
            return unchanged
        return unchanged | respond_to(services, gesture, SelectionState.of(stored))

    app.clientside_callback(
        ClientsideFunction("patroliq", "answered"),
        Output(ShellIds.PAGE, "title"),
        Input(SelectionIds.STATE, "data"),
        prevent_initial_call=True,
    )


def respond_to(
    services: Services, gesture: Mapping[str, Any], state: SelectionState
) -> dict[str, Any]:
    """Outputs that change with this gesture; what went wrong is said, and nothing else moves."""
    number = int(gesture.get("n") or 0)
    state = replace(state, n=number)
    try:
        pinned = services.pin()
        if pinned is None:
            return {"state": state.as_store(), "notice": trouble("There is no data any more.")}
        return _respond(services, pinned, gesture, state)
    except PatrolIQError as error:
        return {"state": state.as_store(), "notice": trouble(str(error))}
    except Exception:
        log.exception("gesture failed", gesture=dict(gesture))
        message = "This went wrong on the server and was logged. Undo, or try again."
        return {"state": state.as_store(), "notice": trouble(message)}


def _respond(
    services: Services, pinned: Pinned, gesture: Mapping[str, Any], state: SelectionState
) -> dict[str, Any]:
    gesture, known = _opened(services, pinned, gesture)
    changed = after(gesture, state)
    selection, messages = pinned.vocabulary.resolve(
        Selection.parse(changed.text, pinned.attributes)
    )
    changed = replace(changed, text=selection.text, snapshot=pinned.id)
    options = PageOptions.of(gesture.get("page") or {})
    new_data = state.snapshot != pinned.id
    parts = PARTS | {"more"} if new_data else parts_of(gesture)
    theme = "theme" in (gesture.get("changed") or ())
    question = Question(pinned, selection, options, redraw=new_data or theme)
    outputs = answer(question, parts)
    if "more" in parts and options.more:
        outputs["more"] = more_filters_answer(pinned, selection)
    outputs |= _frame(question, changed)
    url = services.state.store(changed.text) if len(changed.text) > MAX_URL_TEXT else None
    outputs["state"] = {**changed.as_store(), "url": f"sel={url}" if url else changed.text}
    if new_data and state.snapshot:
        messages.append("The data was updated while this page was open; all views show the new.")
    outputs["notice"] = _notices(question, outputs, [*known, *messages])
    return outputs


def _opened(
    services: Services, pinned: Pinned, gesture: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[str]]:
    """An address is read once: a stored selection is fetched, nonsense is said and left out."""
    text = str(gesture.get("text") or "")
    if gesture.get("action") != "open":
        return gesture, []
    try:
        if text.startswith("sel="):
            text = services.state.fetch(text.removeprefix("sel="))
        Selection.parse(text, pinned.attributes)
    except PatrolIQError as error:
        return {**gesture, "text": ""}, [f"{error} All incidents are shown."]
    return {**gesture, "text": text}, []


def parts_of(gesture: Mapping[str, Any]) -> frozenset[str]:
    """Parts of the page a gesture changes."""
    if gesture.get("action") not in ("page", "map", "table"):
        return PARTS | {"more"}
    parts: set[str] = set()
    for option in gesture.get("changed") or ():
        parts |= PART_OF_OPTION.get(option, set())
    return frozenset(parts)


def _frame(question: Question, state: SelectionState) -> dict[str, Any]:
    selection, manifest = question.selection, question.manifest
    vocabulary = question.pinned.vocabulary
    said = sentence(selection, manifest, vocabulary.names)
    labels = chips(selection, vocabulary.names, vocabulary.labels)
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
    }


def _notices(question: Question, outputs: Mapping[str, Any], messages: list[str]) -> list[Any]:
    notices = [notice(message) for message in messages]
    if outputs.get("rows") == [] and question.selection:
        vocabulary = question.pinned.vocabulary
        notices.append(no_matches(chips(question.selection, vocabulary.names, vocabulary.labels)))
    return notices
