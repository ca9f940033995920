"""One gesture → one change of the selection → one request → all views."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.errors import PatrolIQError
from analytics.page_address import query_of
from analytics.services import Pinned, Services
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.dates import date_offers
from callbacks.frame.filters import more_filters_answer
from callbacks.frame.history import SelectionState, with_own_filters
from callbacks.frame.late_feed import late_feed
from callbacks.frame.no_matches import empty_cards, matching, removals
from callbacks.frame.noted import note_refused_view, note_view
from callbacks.frame.pages import PageWiring
from callbacks.frame.payload import GESTURE, STATE, checked, shape_of
from callbacks.frame.question import Question
from callbacks.frame.redraws import Redraws
from components.frame.dates import dates_panel
from components.frame.ids import SelectionIds, ShellIds
from components.frame.selection_bar import chips_row, presets_row
from components.frame.shell import badges, banners, dataset, gesture_store
from components.frame.states import dismissible, no_matches, notice, trouble

log = structlog.get_logger()

FRAME = {
    "state": Output(SelectionIds.STATE, "data", allow_duplicate=True),
    "sentence": Output(SelectionIds.SENTENCE, "children", allow_duplicate=True),
    "folded": Output(SelectionIds.FOLDED, "children", allow_duplicate=True),
    "chips": Output(SelectionIds.CHIPS, "children", allow_duplicate=True),
    "dates": Output(SelectionIds.DATES, "children", allow_duplicate=True),
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

MORE_FILTERS = Redraws(opened={"more"}, selected={"more"}, options={"more": {"more"}})
"""The panel of more filters, which is drawn only while it is open."""


def register(app: Dash, services: Services, page: PageWiring) -> None:
    """Register the one callback of a page, which answers for frame and page."""
    outputs = FRAME | dict(page.outputs)

    @app.callback(
        output=outputs,
        inputs={"gesture": Input(gesture_store(page.page), "data")},
        state={"stored": State(SelectionIds.STATE, "data")},
        prevent_initial_call=True,
    )
    @needs(Permission.PAGES)
    def respond(gesture: dict[str, Any] | None, stored: dict[str, Any] | None) -> dict[str, Any]:
        unchanged = dict.fromkeys(outputs, no_update)
        if not gesture:
            return unchanged
        state = SelectionState.of(checked(stored, STATE))
        return unchanged | respond_to(services, page, checked(gesture, GESTURE), state)


def register_answered(app: Dash) -> None:
    """Tell the browser's bus that an answer arrived."""
    app.clientside_callback(
        ClientsideFunction("patroliq", "answered"),
        Output(ShellIds.PAGE, "title"),
        Input(SelectionIds.STATE, "data"),
        prevent_initial_call=True,
    )


def respond_to(
    services: Services, page: PageWiring, gesture: Mapping[str, Any], state: SelectionState
) -> dict[str, Any]:
    """Outputs that this gesture changes; an error becomes a notice and changes nothing else."""
    number = int(gesture.get("n") or 0)
    state = replace(state, n=number)
    try:
        pinned = services.pin()
        if pinned is None:
            return {"state": state.as_store(), "notice": trouble("There is no data anymore.")}
        return _respond(services, page, pinned, gesture, state)
    except PatrolIQError as error:
        message = services.for_readers(error)
        note_refused_view(str(page.page.key), gesture, "refused", message)
        return {"state": state.as_store(), "notice": trouble(message)}
    except Exception:
        log.exception("gesture failed", gesture=shape_of(gesture))
        note_refused_view(str(page.page.key), gesture, "failed", "")
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
    gesture, changed = with_own_filters(gesture, state, page.own_filters)
    legible, unreadable = Selection.parse_leniently(changed.text, pinned.attributes)
    legible, foreign = pinned.vocabulary.of_snapshot(legible)
    selection, messages = pinned.vocabulary.resolve(legible)
    left_out = [*unknown, *unreadable, *foreign]
    changed = replace(changed, text=selection.text, snapshot=pinned.id).with_left_out(left_out)
    new_data = state.snapshot != pinned.id
    gesture_options = gesture.get("page") or {}
    question = Question(
        services,
        pinned,
        selection,
        page=str(page.page.key),
        gesture=gesture,
        raw=gesture_options,
        new_data=new_data,
        redraw=new_data or _redraws(gesture),
    )
    outputs = page.answer(question)
    note_view(question.page, gesture, pinned, selection, changed.own)
    nothing_matches = _is_empty(question, outputs.pop("nothing_matches", None))
    if gesture_options.get("more") == "1" and question.parts(MORE_FILTERS):
        outputs["more"] = more_filters_answer(services, pinned, selection)
    outputs |= _frame(question, changed)
    unsaved = services.state_trouble
    captions = _captions(question, outputs.pop("captions", {}))
    outputs["state"] = {
        **changed.as_store(),
        "url": query_of(services, selection),
        "captions": captions,
        "empty": empty_cards(outputs.pop("empty", {})),
        "restored": _restored(gesture, changed, page.own_filters),
    }
    if new_data and state.snapshot and not pinned.warning:
        messages.append(
            "The data was updated while this page was open; all views show the new data."
        )
    outputs["notice"] = [*outputs.pop("notices", []), *map(notice, messages)]
    if unsaved:
        outputs["notice"].append(trouble(unsaved))
    if nothing_matches:
        outputs["notice"].append(no_matches(removals(question)))
    if question.is_automatic and not outputs["notice"]:
        del outputs["notice"]  # what was said a moment ago is still to be read
    return outputs


def _restored(gesture: Mapping[str, Any], state: SelectionState, option: str) -> dict[str, str]:
    """Options of the page that undo or redo sets, which the browser keeps in its address."""
    return {option: state.own} if option and gesture.get("action") in ("undo", "redo") else {}


def _is_empty(question: Question, found: bool | None) -> bool:
    """Whether the filters match nothing: as the page found, or counted if it did not."""
    if not question.selection:
        return False
    return not matching(question, question.selection) if found is None else bool(found)


def _redraws(gesture: Mapping[str, Any]) -> bool:
    """Whether figures are sent whole: the page was just opened, or its colors change."""
    opened = gesture.get("action") == "open" and not gesture.get("again")
    return opened or "theme" in (gesture.get("changed") or ())


def _opened(services: Services, gesture: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """The gesture with the stored selection that its address names, and why that is missing."""
    text = str(gesture.get("text") or "")
    if gesture.get("action") != "open" or not text.startswith("sel=") or "&" in text:
        return gesture, []
    try:
        return {**gesture, "text": services.selections.fetch(text.removeprefix("sel="))}, []
    except PatrolIQError as error:
        return {**gesture, "text": ""}, [services.for_readers(error)]


def _frame(question: Question, state: SelectionState) -> dict[str, Any]:
    selection, manifest = question.selection, question.manifest
    text = sentence(selection, manifest, question.names, question.left_out)
    labels = chips(selection, question.names, question.pinned.vocabulary.labels, question.left_out)
    return {
        "sentence": text,
        "folded": text,
        "chips": chips_row(labels),
        "dates": dates_panel(date_offers(selection, manifest, question.services.settings)),
        "presets": presets_row(chosen_keys(selection, "date")),
        "undo_off": not state.past,
        "redo_off": not state.future,
        "reset_off": not selection,
        "dataset": dataset(manifest),
        "badges": badges(manifest),
        "damage": banners(
            question.pinned.warning,
            late_feed(question.services, question.pinned),
            question.services.failing_feeds,
        ),
        "left_out": [
            *map(dismissible, state.left_out),
            *([notice("All incidents are shown.")] if state.left_out and not selection else []),
        ],
    }


def _captions(
    question: Question, of_card: Mapping[str, Collection[str] | Selection | None]
) -> dict[str, list[str]]:
    """Captions of saved pictures by card: the incidents counted, and those highlighted."""
    selection, names = question.selection, question.names
    labels = question.pinned.vocabulary.labels
    found: dict[str, list[str]] = {}
    for card, left_out in of_card.items():
        if left_out is None:
            found[card] = []
            continue
        if isinstance(left_out, Selection):
            found[card] = [sentence(left_out, question.manifest, names)]
            continue
        counted = selection.without(left_out)
        chosen = selection.without(counted.clauses)
        text = "; ".join(chip.label for chip in chips(chosen, names, labels))
        highlighted = [f"Highlighted: {text}"] if text else []
        found[card] = [sentence(counted, question.manifest, names), *highlighted]
    return found
