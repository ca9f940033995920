"""The reducer: what each gesture makes of the selection."""

from __future__ import annotations

import pytest

from analytics import formats
from analytics.errors import InputError
from callbacks.frame.history import MOST_STEPS, SelectionState, apply_gesture, with_own_filters

ROBBERY = {"action": "only", "dimension": "type", "keys": ["ROBBERY"]}


def test_a_click_chooses_one_and_a_second_click_on_it_clears() -> None:
    chosen = apply_gesture(ROBBERY, SelectionState())
    assert chosen.text == "type=ROBBERY"
    assert apply_gesture(ROBBERY, chosen).text == ""


def test_a_shift_click_adds_and_takes_away_one_value() -> None:
    both = apply_gesture(
        {"action": "toggle", "dimension": "type", "keys": ["THEFT"]},
        SelectionState(text="type=ROBBERY"),
    )
    assert both.text == "type=ROBBERY,THEFT"
    assert (
        apply_gesture({"action": "toggle", "dimension": "type", "keys": ["ROBBERY"]}, both).text
        == "type=THEFT"
    )


def test_a_brush_replaces_what_was_chosen_even_by_the_same() -> None:
    state = SelectionState(text="hour_weekday=5-22")
    brush = {"action": "choose", "dimension": "hour_weekday", "keys": ["5-22"]}
    assert apply_gesture(brush, state).text == "hour_weekday=5-22"
    brush = {"action": "choose", "dimension": "hour_weekday", "keys": ["1-03", "1-04"]}
    assert apply_gesture(brush, state).text == "hour_weekday=1-03,1-04"


def test_written_clauses_leave_the_others_alone() -> None:
    state = apply_gesture(
        {"action": "set", "dimension": "near", "text": "41.88,-87.63,500 m"},
        SelectionState(text="type=ROBBERY"),
    )
    assert state.text == "type=ROBBERY&near=41.88,-87.63,500"
    assert (
        apply_gesture({"action": "remove", "dimension": "type"}, state).text
        == "near=41.88,-87.63,500"
    )


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize(("units", "meters"), [("us", 457), ("metric", 1500)])
def test_a_distance_typed_without_a_unit_is_in_the_readers_units(units: str, meters: int) -> None:
    formats.use("", units, "America/Chicago")
    gesture = {"action": "set", "dimension": "near", "text": "41.88,-87.63,1500"}
    assert apply_gesture(gesture, SelectionState()).text == f"near=41.88,-87.63,{meters}"


def test_undo_and_redo_walk_the_same_way_back_and_forth() -> None:
    state = SelectionState()
    for key in ("A", "B", "C"):
        state = apply_gesture({"action": "only", "dimension": "type", "keys": [key]}, state)
    back = apply_gesture({"action": "undo"}, apply_gesture({"action": "undo"}, state))
    assert (back.text, back.past, back.future) == ("type=A", ("",), ("type=B", "type=C"))
    again = apply_gesture({"action": "redo"}, apply_gesture({"action": "redo"}, back))
    assert (again.text, again.past, again.future) == (state.text, state.past, ())


def on_page(state: SelectionState, own: str, action: str = "page") -> SelectionState:
    gesture = {"action": action, "page": {"c_sel": own, "c_by": "type"}}
    return with_own_filters(gesture, state, "c_sel")[1]


def test_undo_steps_through_a_pages_own_filters_and_the_selection_in_one_order() -> None:
    state = on_page(SelectionState(), "", "open")
    state = on_page(state, "priority=2")
    chosen = {**ROBBERY, "page": {"c_sel": "priority=2"}}
    state = with_own_filters(chosen, state, "c_sel")[1]
    state = on_page(state, "beat=0421")
    steps = [(state.text, state.own)]
    while state.past:
        undo = {"action": "undo", "page": {"c_sel": state.own}}
        gesture, state = with_own_filters(undo, state, "c_sel")
        assert gesture["page"]["c_sel"] == state.own
        steps.append((state.text, state.own))
    assert steps == [
        ("type=ROBBERY", "beat=0421"), ("type=ROBBERY", "priority=2"), ("", "priority=2"), ("", ""),
    ]  # fmt: skip
    for text, own in reversed(steps[:-1]):
        state = with_own_filters({"action": "redo", "page": {"c_sel": state.own}}, state, "c_sel")[
            1
        ]
        assert (state.text, state.own) == (text, own)
    assert not state.future


def test_another_option_of_such_a_page_is_no_step() -> None:
    state = on_page(on_page(SelectionState(), "priority=2", "open"), "priority=2")
    assert not state.past


def test_other_pages_have_no_steps_of_a_pages_own_filters() -> None:
    state = on_page(SelectionState(), "", "open")
    state = on_page(on_page(state, "priority=2"), "priority=3")
    opened = {"action": "open", "text": "", "page": {}}
    assert with_own_filters(opened, state, "")[1] == SelectionState()
    state = with_own_filters({**ROBBERY, "page": {"c_sel": "priority=3"}}, state, "c_sel")[1]
    state = with_own_filters({"action": "page", "page": {}}, state, "")[1]
    assert (state.text, state.own, state.past) == ("type=ROBBERY", "", ("",))


def test_a_new_gesture_after_undo_forgets_what_was_undone() -> None:
    state = apply_gesture({"action": "undo"}, apply_gesture(ROBBERY, SelectionState()))
    state = apply_gesture({"action": "only", "dimension": "type", "keys": ["THEFT"]}, state)
    assert (state.text, state.future) == ("type=THEFT", ())


def test_undo_at_the_start_and_redo_at_the_end_change_nothing() -> None:
    state = SelectionState(text="type=A")
    assert (
        apply_gesture({"action": "undo"}, state)
        == apply_gesture({"action": "redo"}, state)
        == state
    )


def test_the_past_is_bounded() -> None:
    state = SelectionState()
    for number in range(MOST_STEPS + 10):
        state = apply_gesture(
            {"action": "only", "dimension": "type", "keys": [f"T{number}"]}, state
        )
    assert len(state.past) == MOST_STEPS
    assert state.past[-1] == f"type=T{MOST_STEPS + 8}"


def test_options_of_the_page_do_not_touch_the_selection() -> None:
    state = SelectionState(text="type=A", past=("",))
    assert apply_gesture({"action": "page", "changed": ["map"]}, state) == state


@pytest.mark.parametrize(
    "gesture",
    [
        {"action": "fly"},
        {"action": "only", "dimension": "nonsense dimension", "keys": ["1"]},
        {"action": "only", "dimension": "hour", "keys": ["25"]},
        {"action": "set", "dimension": "polygon", "text": "1,2"},
        {},
    ],
)
def test_nonsense_is_refused_with_a_message(gesture: dict[str, object]) -> None:
    with pytest.raises(InputError):
        apply_gesture(gesture, SelectionState())
