"""The Patterns page: a lasso chooses the same incidents everywhere, a selection dims the rest."""

from __future__ import annotations

import json
import math
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from bench.explore_page import ExplorePage, whole
from bench.site_server import SiteServer
from tests.browser.facts import Facts

pytestmark = pytest.mark.timeout(900)  # models are trained first
DRAWN = """() => {
  const graph = document.querySelector("#patterns-map .js-plotly-plot");
  return Boolean(graph && graph._fullLayout && graph.data.length > 1
    && graph.data.some((trace) => (trace.x && (trace.x.length || trace.x.bdata)) || trace.z));
}"""
SIZES = """() => document.querySelector("#patterns-map .js-plotly-plot")._fullData
  .filter((trace) => trace.mode === "markers").map((trace) => [trace.name, trace.x.length])"""
AT = """([x, y]) => {
  const graph = document.querySelector("#patterns-map .js-plotly-plot");
  const { xaxis, yaxis } = graph._fullLayout, box = graph.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""
LASSO = 'document.querySelector("#patterns-map .js-plotly-plot").layout.meta.lasso'


class PatternsPage(ExplorePage):
    """The page as an analyst handles it."""

    def open(self, query: str = "", fragment: str = "") -> None:
        address = f"{self.url}/patterns" + (f"?{query}" if query else "")
        self.page.goto(address + (f"#{fragment}" if fragment else ""))
        self.wait_beyond(0)

    def stands(self) -> None:
        """Wait until the map is drawn."""
        for _ in range(200):
            if self.page.evaluate(DRAWN):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("the map was never drawn")

    @property
    def chosen(self) -> int:
        """Incidents that the page says are chosen."""
        said = self.page.inner_text("#patterns-map-note")
        found = re.match(r"([\d,]+) (?:incidents selected|selected incidents)", said)
        assert found
        return int(found[1].replace(",", ""))

    def around(self, cell: int, cells: float) -> tuple[float, float, float]:
        """Middle of a cell on the page, and the length of so many cells, in pixels."""
        lasso = self.page.evaluate(LASSO)
        column, row = cell % lasso["cells"] + 0.5, cell // lasso["cells"] + 0.5
        x, y = lasso["left"] + column * lasso["size"], lasso["bottom"] + row * lasso["size"]
        middle = self.page.evaluate(AT, [x, y])
        aside = self.page.evaluate(AT, [x + cells * lasso["size"], y])
        return middle[0], middle[1], abs(aside[0] - middle[0])

    def draw_around(self, cell: int, cells: float) -> None:
        """A lasso along a circle that starts on the side of the map's middle."""
        x, y, radius = self.around(cell, cells)
        middle = self.page.locator("#patterns-map-box").bounding_box()
        assert middle
        inwards = math.atan2(
            middle["y"] + middle["height"] / 2 - y, middle["x"] + middle["width"] / 2 - x
        )
        mouse = self.page.mouse
        for step in range(17):
            angle = inwards + 2 * math.pi * step / 16
            mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
            if step == 0:
                mouse.down()
        mouse.up()

    def box_around(self, cell: int, cells: float) -> None:
        x, y, half = self.around(cell, cells)
        self.drag((x - half, y - half), (x + half, y + half))


@pytest.fixture(scope="module")
def patterns_site(champions_home: Path) -> Iterator[SiteServer]:
    with SiteServer(champions_home, PATROLIQ_WORKERS="1").running() as server:
        yield server


@pytest.fixture(scope="module")
def patterns_facts(patterns_site: SiteServer) -> Iterator[Facts]:
    found = Facts(patterns_site.database)
    yield found
    found.close()


Opened = Callable[..., PatternsPage]


@pytest.fixture
def open_patterns(patterns_site: SiteServer, new_page: Callable[..., Page]) -> Opened:
    def opened(query: str = "", fragment: str = "", **options: Any) -> PatternsPage:
        page = PatternsPage(new_page(**options), patterns_site.url)
        page.open(query, fragment)
        page.stands()
        return page

    return opened


def cells_of(page: PatternsPage) -> list[str]:
    """Cells of the selection, as the page's own store has it."""
    text: str = page.page.evaluate("window.patroliq.state.text")
    found = re.search(r"tsne_1=([0-9,]+)", text)
    assert found, text
    return found[1].split(",")


def busiest(facts: Facts) -> int:
    """Cell of the map with most incidents."""
    return max(by_cell(facts).items(), key=lambda pair: pair[1])[0]


def by_cell(facts: Facts) -> dict[int, int]:
    return dict(facts.rows("SELECT attr_tsne_1::INT, count(*) FROM incidents GROUP BY 1"))


def test_a_lasso_chooses_all_incidents_there_in_one_request(
    open_patterns: Opened, patterns_facts: Facts
) -> None:
    page = open_patterns(fragment="color=hour")
    with page.gesture() as made:
        page.draw_around(busiest(patterns_facts), 6)
    assert len(made.requests) == 1
    cells = cells_of(page)
    inside = f"attr_tsne_1 IN ({', '.join(cells)})"
    there = patterns_facts.count(inside)
    assert str(busiest(patterns_facts)) in cells
    assert 0 < there < patterns_facts.count()
    assert page.chosen == there
    # the rest of the program follows: the same clause on the Explore page, by its address
    explore = ExplorePage(page.page, page.url)
    explore.open(page.page.url.partition("?")[2].partition("#")[0])
    shows_what_sql_counts(explore, patterns_facts, inside)


def shows_what_sql_counts(explore: ExplorePage, facts: Facts, inside: str) -> None:
    """Headline, bars, map and table of the Explore page against the snapshot's own file."""
    there = facts.count(inside)
    assert explore.incidents == explore.total == there
    types = explore.bars("offenses")
    assert {key: types[key] for key in facts.by("type", inside) if key in types} == {
        key: count for key, count in facts.by("type", inside).items() if key in types
    }
    assert types
    with explore.gesture():
        explore.menu("map", "Table of the same numbers")
    cells = facts.rows(  # those without a place are a row, too
        f"SELECT count(*) AS n FROM incidents WHERE {inside} "
        "GROUP BY floor(x_m / 500), floor(y_m / 500) ORDER BY n DESC LIMIT 500"
    )
    shown = sorted((whole(row[1]) for row in explore.numbers("map")), reverse=True)
    assert shown == [count for (count,) in cells]
    newest = facts.rows(
        "SELECT strftime(occurred_from, '%-m/%-d/%Y %-I:%M %p') FROM incidents "
        f"WHERE {inside} ORDER BY occurred_from DESC LIMIT 3"
    )
    assert explore.column("occurred_from")[:3] == [when for (when,) in newest]


def test_a_box_chooses_shift_adds_and_a_double_click_takes_away(
    open_patterns: Opened, patterns_facts: Facts
) -> None:
    page = open_patterns(fragment="tool=select&draw=density")
    cell = busiest(patterns_facts)
    with page.gesture():
        page.box_around(cell, 1.6)
    first = set(cells_of(page))
    assert len(first) <= 16  # whose middles lie in a box of 3.2 cells
    counts = by_cell(patterns_facts)
    other = max(set(counts) - {int(one) for one in first}, key=lambda one: counts[one])
    page.page.keyboard.down("Shift")
    with page.gesture():
        page.box_around(other, 1.6)
    page.page.keyboard.up("Shift")
    assert first | {str(other)} <= set(cells_of(page))
    assert page.chosen == patterns_facts.count(f"attr_tsne_1 IN ({', '.join(cells_of(page))})")
    x, y, _ = page.around(cell, 1)
    with page.gesture():
        page.page.mouse.dblclick(x, y)
    assert page.chosen == patterns_facts.count()


def test_a_selection_dims_everything_else(
    open_patterns: Opened, champions_home: Path, patterns_facts: Facts
) -> None:
    sample = f"{champions_home}/models/patterns_tsne/1/sample.parquet"
    page = open_patterns("type=BATTERY&hour=20-23")
    ((drawn, chosen),) = patterns_facts.rows(
        "SELECT count(*), count(*) FILTER (WHERE incidents.type = 'BATTERY' AND "
        f"incidents.hour >= 20) FROM incidents JOIN read_parquet('{sample}') AS s USING (id)"
    )
    faint, *bright = [size for _, size in page.page.evaluate(SIZES)]
    assert 0 < chosen < drawn
    assert (faint, sum(bright)) == (drawn - chosen, chosen)
    assert page.chosen == patterns_facts.count("type = 'BATTERY' AND hour >= 20")


def test_a_offense_profile_is_a_clause(open_patterns: Opened, patterns_facts: Facts) -> None:
    page = open_patterns(fragment="color=offense_profile")
    button = page.page.locator(".offense-profile").first
    name = button.locator(".offense-profile-name").inner_text()
    said = button.locator(".offense-profile-count").inner_text().replace(",", "")
    with page.gesture() as made:
        button.click()
    assert len(made.requests) == 1
    expected = patterns_facts.by("attr_offense_profile_1")[name]
    assert page.chosen == int(said) == expected
    pressed = page.page.locator(
        '.offense-profile[aria-pressed="true"] .offense-profile-name'
    ).all_inner_texts()
    assert pressed == [name]
    # the list owns its dimension: the others keep their counts, so that one can change one's mind
    assert "0" not in page.page.locator(".offense-profile-count").all_inner_texts()


@pytest.mark.parametrize(
    "fragment", ["method=pca", "axes=3", "draw=density", "color=harm", "color=district"]
)
def test_every_way_to_draw_is_drawn(open_patterns: Opened, fragment: str) -> None:
    page = open_patterns("type=THEFT", fragment)
    for part in fragment.split("&"):
        name, _, value = part.partition("=")
        assert page.page.locator(f"select[data-option={name}]").input_value() == value


def test_components_stand_beside_what_noise_gives(
    open_patterns: Opened, champions_home: Path, patterns_facts: Facts
) -> None:
    page = open_patterns()
    scree = f"{champions_home}/models/patterns_pca/1/scree.parquet"
    rows = patterns_facts.rows(f"SELECT explained, noise_high FROM read_parquet('{scree}')")
    page.page.locator("#patterns-scree-card details.menu > summary").click()
    page.page.locator("#patterns-scree-card .menu-entry", has_text="Table").click()
    first = page.page.locator("#patterns-scree-numbers tbody tr").first.inner_text()
    assert first.split("\t")[1:] == [f"{100 * share:.1f}%" for share in rows[0]]


def test_figures_of_trust_are_those_of_the_run(open_patterns: Opened, champions_home: Path) -> None:
    bundle = json.loads((champions_home / "models/patterns_tsne/1/bundle.json").read_text())
    said = open_patterns().page.inner_text("#patterns-quality")
    for name in ("trustworthiness", "continuity", "stability"):
        metric = bundle["metrics"][name]
        assert f"{metric['value']:.3f} ({metric['low']:.3f} to {metric['high']:.3f})" in said


def test_without_a_map_the_page_says_so_and_asks_the_worker(
    demo_home: Path,
    tmp_path: Path,
    serve: Callable[[Path], SiteServer],
    new_page: Callable[..., Page],
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    page = PatternsPage(new_page(), serve(home).url)
    page.open()
    assert "not trained for this data yet" in page.page.inner_text("#patterns-missing")
    with page.gesture():
        page.page.locator("#patterns-missing button", has_text="Train now").click()
    with sqlite3.connect(home / "state.db") as state:
        rows = state.execute("SELECT command, status FROM jobs").fetchall()
    assert rows == [('["train", "patterns_umap", "--promote-first"]', "waiting")]
    assert "waiting" in page.page.inner_text("#patterns-missing")
    train = page.page.locator("#patterns-missing button", has_text="Train now")
    assert train.is_disabled()
