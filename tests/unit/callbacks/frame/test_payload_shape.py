"""What is logged of a request that fails: names and sizes, nothing that a person wrote."""

from __future__ import annotations

import json

from callbacks.frame.payload import MOST_PARTS, shape_of

WRITTEN = "1 Main St, Smith"


def test_names_of_the_program_are_kept_and_content_is_counted() -> None:
    gesture = {
        "action": "toggle",
        "dimension": "type",
        "name": WRITTEN,
        "keys": [WRITTEN, 1, None],
        "values": {"reason": WRITTEN, WRITTEN: "x"},
        "text": WRITTEN,
        "n": 3,
        "changed": [],
    }
    assert shape_of(gesture) == {
        "action": "toggle",
        "dimension": "type",
        "name": "str of 16",
        "keys": "3 of NoneType, int, str",
        "values": {"reason": "str of 16", "another name": "str of 1"},
        "text": "str of 16",
        "n": "int",
        "changed": "0 of ",
    }
    assert WRITTEN not in json.dumps(shape_of(gesture))


def test_a_long_object_is_cut() -> None:
    shape = shape_of({f"a{n}": n for n in range(10 * MOST_PARTS)})
    assert isinstance(shape, dict)
    assert len(shape) == MOST_PARTS
