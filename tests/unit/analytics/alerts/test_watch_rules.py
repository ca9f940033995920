"""Rules of watch lists: what is valid, and that JSON keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.alerts.watch_rules import Direction, RuleKind, WatchRule
from analytics.errors import InputError


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("change", {}),
        ("change", {"days": 28, "table": True, "direction": "both"}),
        ("threshold", {"days": 14, "at_least": 0}),
        ("threshold", {"at_most": 3}),
        ("near_repeat_chain", {"target": "burglary"}),
        ("hot_spot", {}),
        ("stale_feed", {}),
    ],
)
def test_a_rule_is_the_same_after_it_was_stored(kind: str, given: dict[str, Any]) -> None:
    rule = WatchRule.of(kind, given)
    assert WatchRule.of(rule.kind, rule.parameters) == rule
    assert given.items() <= rule.parameters.items()


def test_what_is_not_given_has_its_default() -> None:
    assert WatchRule.of("change", {}) == WatchRule(
        RuleKind.CHANGE, days=7, table=False, direction=Direction.MORE
    )


@pytest.mark.parametrize(
    ("kind", "given", "named"),
    [
        ("weather", {}, "weather"),
        ("change", {"days": 14}, "14"),
        ("change", {"days": "7"}, "days"),
        ("change", {"days": True}, "days"),
        ("change", {"table": 1}, "table"),
        ("change", {"direction": "up"}, "direction"),
        ("change", {"at_least": 3}, "at_least"),
        ("threshold", {"days": 7}, "at_least"),
        ("threshold", {"at_least": 3, "at_most": 5}, "at_least"),
        ("threshold", {"days": 0, "at_least": 3}, "days"),
        ("threshold", {"at_least": -1}, "at_least"),
        ("hot_spot", {"days": 7}, "days"),
    ],
)
def test_what_is_not_valid_is_named(kind: str, given: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        WatchRule.of(kind, given)
