"""Text of people is one line that databases and terminals take."""

from __future__ import annotations

import pytest

from analytics.errors import InputError
from analytics.one_line import LONGEST_REASON, one_line, reason_of, visible_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\r\n\tb\u2028c ", "a b c"),
        ("\x1b[31mred\x00", "\ufffd[31mred\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("Éclair 🚓 =1+1 <b>", "Éclair 🚓 =1+1 <b>"),
        ("\n", ""),
        ("a\u202eb\u2066c\u200fd\u061c", "a\ufffdb\ufffdc\ufffdd\ufffd"),
    ],
)
def test_white_space_is_single_and_controls_are_marked(text: str, line: str) -> None:
    assert one_line(text) == line
    one_line(text).encode()


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\x9b", "\u202e", "\u2067", "\u200e", "\udc80"])
def test_names_and_reasons_with_characters_that_are_not_shown_are_refused(mark: str) -> None:
    for read in (visible_line, reason_of):
        with pytest.raises(InputError, match=f"Character 4 .U.{ord(mark):04X}") as refused:
            read(f"a  b{mark}c")
        str(refused.value).encode()


def test_names_in_any_script_and_with_signs_are_taken() -> None:
    for name in ("Éclair 🚓 👩‍✈️", "שלום", "Ward «5» =1+1", "a\tb"):
        assert visible_line(name) == " ".join(name.split())


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_REASON + 1)])
def test_a_reason_is_given_and_short(text: str) -> None:
    with pytest.raises(InputError):
        reason_of(text)
