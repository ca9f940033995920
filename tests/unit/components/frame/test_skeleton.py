"""The page as plain HTML: words and classes, nothing that acts, nothing unescaped."""

from __future__ import annotations

from html.parser import HTMLParser

from dash import dcc, html

from components.frame.shell import PAGES, shell
from components.frame.skeleton import WITHOUT_END, skeleton
from tests.unit.components.frame.test_layout import MANIFEST, page, walk


class _Elements(HTMLParser):
    """Start and end tags in order; fails on an element closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.classes: list[str] = []
        self.words: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.classes.append(given.get("class") or "")
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> _Elements:
    found = _Elements()
    found.feed(text)
    assert not found.open
    return found


def test_every_card_of_the_page_is_there_under_its_title() -> None:
    found = read(skeleton(page()))
    cards = [part for part in walk(page()) if part.__class__.__name__ == "Section"]
    assert [name for name in found.classes if name.split()[:1] == ["card"]] == [
        part.className for part in cards
    ]
    assert {entry.name for entry in PAGES} <= set(found.words)
    assert not found.ids


def test_nothing_in_it_can_be_reached() -> None:
    assert skeleton(shell(None, [])).startswith('<div inert aria-busy="true">')


def test_words_and_attributes_are_escaped() -> None:
    bad = "<script>alert('\"x\"')</script>"
    found = skeleton(html.P([bad, html.A(bad, className=bad)], style={"width": bad}))
    assert "<script" not in found
    assert read(found).words[0] == bad


def test_what_scripts_draw_is_an_empty_box_and_what_is_never_seen_is_left_out() -> None:
    drawn = html.Div([dcc.Store(id="s"), dcc.Graph(id="g", className="graph"), html.Br(), None, 3])
    assert skeleton(drawn) == (
        '<div inert aria-busy="true"><div><div class="graph"></div><br>3</div></div>'
    )


def test_the_manifest_is_named() -> None:
    assert MANIFEST.source.title in read(skeleton(shell(MANIFEST, []))).words
