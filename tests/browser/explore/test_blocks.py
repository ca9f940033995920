"""Blocks on the page: a name of the list and a point of the map choose exactly one block."""

from __future__ import annotations

from bench.explore_page import ExplorePage
from tests.browser.facts import Facts


def test_a_block_of_the_list_is_chosen_exactly_and_the_list_is_sorted_by_its_heads(
    explore: ExplorePage, facts: Facts
) -> None:
    with explore.gesture():
        explore.page.locator("#explore-areas-level").select_option("block")
    names = explore.page.locator("#explore-areas tbody .key-button")
    block = names.first.inner_text()
    with explore.gesture() as made:
        names.first.click()
    assert len(made.requests) == 1
    quoted = block.replace("'", "''")
    assert explore.incidents == facts.count(f"block = '{quoted}'")
    with explore.gesture():
        explore.step("reset").click()
    with explore.gesture() as made:
        explore.page.locator("#explore-areas thead .key-button", has_text="Harm").click()
    assert len(made.requests) == 1
    harms = explore.page.locator("#explore-areas tbody tr td:nth-child(5)").evaluate_all(
        "cells => cells.map((cell) => Number(cell.dataset.value))"
    )
    ((most,),) = facts.rows(
        "SELECT max(harm) FROM (SELECT sum(harm_days) AS harm FROM incidents GROUP BY block)"
    )
    assert harms == sorted(harms, reverse=True)
    assert harms[0] == most
