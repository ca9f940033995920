"""Which parts of a page a gesture redraws."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

import pytest

from callbacks.frame.pages import PAGES
from callbacks.frame.question import Question
from callbacks.frame.redraws import Redraws, draw

NOTHING = cast("Any", None)
REDRAWS = Redraws(
    opened={"all"},
    selected={"counts"},
    options={"size": {"map"}, "theme": {"map", "clock"}, "poll": {"list"}},
    acts={"train": {"form"}},
    ended={"versions"},
    always={"work"},
)


def parts(gesture: dict[str, Any], *, new_data: bool = False, ended: bool = False) -> set[str]:
    question = Question(NOTHING, NOTHING, NOTHING, gesture=gesture, new_data=new_data)
    return set(question.parts(REDRAWS, ended=ended)) - {"work"}


@pytest.mark.parametrize(
    ("gesture", "redrawn"),
    [
        ({"action": "open"}, {"all"}),
        ({"action": "open", "again": True}, {"all"}),
        ({"action": "only", "dimension": "type", "keys": ["THEFT"]}, {"counts"}),
        ({"action": "undo"}, {"counts"}),
        ({"action": "page", "changed": ["size"]}, {"map"}),
        ({"action": "page", "changed": ["size", "theme"]}, {"map", "clock"}),
        ({"action": "page", "changed": ["option of another page"]}, set()),
        ({"action": "page", "changed": ["poll"]}, {"list"}),
        ({"action": "act", "name": "train"}, {"form"}),
        ({"action": "act", "name": "size"}, set()),
        ({"action": "dismiss", "keys": ["a notice"]}, set()),
    ],
)
def test_a_gesture_redraws_what_the_page_declares(
    gesture: dict[str, Any], redrawn: set[str]
) -> None:
    assert parts(gesture) == redrawn
    assert parts(gesture, new_data=True) == {"all"}


def test_the_end_of_a_job_is_found_by_a_poll_alone() -> None:
    assert parts({"action": "page", "changed": ["poll"]}, ended=True) == {"list", "versions"}
    assert parts({"action": "page", "changed": ["size"]}, ended=True) == {"map"}


def test_some_parts_come_with_every_gesture() -> None:
    question = Question(NOTHING, NOTHING, NOTHING, gesture={"action": "dismiss"})
    assert question.parts(REDRAWS) == {"work"}


def test_only_the_parts_asked_for_are_computed() -> None:
    answers = {"map": lambda size: {"map": size}, "clock": lambda _: pytest.fail("computed")}
    assert draw({"map"}, answers, 500) == {"map": 500}


@pytest.mark.parametrize("key", [page.page.key for page in PAGES])
def test_every_declared_part_has_an_answer_and_every_answer_a_use(key: str) -> None:
    declared: Redraws = import_module(f"callbacks.{key}.redraws").REDRAWS
    by_cause = (*declared.options.values(), *declared.acts.values())
    named = set(declared.opened).union(
        declared.selected, declared.ended, declared.always, *by_cause
    )
    assert named == import_module(f"callbacks.{key}.answer").ANSWERS.keys()
