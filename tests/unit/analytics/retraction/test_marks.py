"""What a retraction removes from texts, and what it must leave."""

from __future__ import annotations

import json
import re

from analytics.retraction.marks import REPLACED, Marks


def test_counts_and_years_stay_where_an_id_is_a_short_number() -> None:
    marks = Marks({"48213", "2018"})
    stored = {"count": 48213, "year": 2018, "ids": ["48213", "48214"], "48213": "seen 12/31/2018"}
    cleaned = json.loads(marks.cleaned(json.dumps(stored)))
    assert cleaned == {
        "count": 48213, "year": 2018, "ids": [REPLACED, "48214"], REPLACED: "seen 12/31/2018",
    }  # fmt: skip
    assert marks.cleaned("48213") == REPLACED
    assert marks.cleaned("2018-12-31: 48213 thefts") == "2018-12-31: 48213 thefts"


def test_a_refused_row_goes_with_a_short_number_too() -> None:
    pattern = re.compile(Marks({"48213"}).pattern)
    for row in ("48213,2026-01-02,012XX S WABASH AVE", '{"id":48213,"x":1}', "id 48213"):
        assert pattern.search(row)
    assert not pattern.search("148213,2026-01-02 48213-A")


def test_a_long_number_or_a_case_number_goes_wherever_it_stands() -> None:
    marks = Marks({"10224738", "HZ100123"})
    assert marks.cleaned("See HZ100123, and 10224738.") == f"See {REPLACED}, and {REPLACED}."
    stored = json.dumps({"a": [10224738, 102247380, 0.10224738], "b": "x 10224738", "c": True})
    assert json.loads(marks.cleaned(stored)) == {
        "a": [REPLACED, 102247380, 0.10224738], "b": f"x {REPLACED}", "c": True,
    }  # fmt: skip


def test_a_text_without_them_keeps_its_very_bytes() -> None:
    for text in ('{"a":1,  "b":"x"}', "", "[not JSON", '"quoted"'):
        assert Marks({"10224738"}).cleaned(text) == text
