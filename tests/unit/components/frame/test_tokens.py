"""Colors: the css and the figures say the same, and both can be read."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from components.frame.stylesheets import ALONE, ORDER
from components.frame.theme import TOKENS, colorscale, sequential, template
from tests import ROOT

CSS = ROOT / "assets" / "frame" / "tokens.css"
TEXT_PAIRS = [
    ("text", "surface"),
    ("text", "ground"),
    ("text", "raised"),
    ("text", "selected-soft"),
    ("text-muted", "surface"),
    ("text-muted", "ground"),
    ("text-muted", "raised"),
    ("accent", "surface"),
    ("accent", "ground"),
    ("accent", "raised"),
    ("accent-text", "accent"),
    ("selected", "surface"),
    ("selected", "selected-soft"),
    ("warn", "warn-soft"),
    ("more", "surface"),
    ("less", "surface"),
    ("surface", "text"),  # hover labels are drawn the other way round
]
MARK_PAIRS = [
    ("mark", "surface"),
    ("mark-muted", "surface"),
    ("unknown", "surface"),
    ("selected", "surface"),
    ("selected", "casing"),
    ("line", "surface"),
    ("outline", "ground"),
    ("control", "surface"),
]


def luminance(shade: str) -> float:
    """Relative luminance of `#rrggbb`, WCAG 2.2."""
    linear = []
    for start in (1, 3, 5):
        channel = int(shade[start : start + 2], 16) / 255
        linear.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def css_tokens(theme: str) -> dict[str, str]:
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{(.*?)\}}', CSS.read_text(), re.S)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_css_and_figures_have_the_same_colors(theme: str) -> None:
    assert css_tokens(theme) == TOKENS[theme]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "behind"), TEXT_PAIRS)
def test_text_can_be_read(theme: str, text: str, behind: str) -> None:
    assert contrast(TOKENS[theme][text], TOKENS[theme][behind]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "behind"), MARK_PAIRS)
def test_marks_can_be_told_from_what_is_behind_them(theme: str, mark: str, behind: str) -> None:
    assert contrast(TOKENS[theme][mark], TOKENS[theme][behind]) >= 3


@pytest.mark.parametrize(("theme", "sign"), [("light", -1), ("dark", 1)])
def test_the_scale_runs_one_way_in_even_steps(theme: str, sign: int) -> None:
    # L* of CIE 1976, the scale on which equal steps look equal
    lightness = [
        116 * max(luminance(shade), 0.008856) ** (1 / 3) - 16 for shade in sequential(theme)
    ]
    steps = [sign * (after - before) for before, after in pairwise(lightness)]
    assert min(steps) > 5
    assert max(steps) < 3 * min(steps)


def test_the_color_scale_spans_nought_to_one() -> None:
    assert [place for place, _ in colorscale("light")] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_have_no_ground_of_their_own(theme: str) -> None:
    layout = template(theme).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color == TOKENS[theme]["text"]


def test_every_stylesheet_has_its_place_in_the_order() -> None:
    assets = CSS.parents[1]
    found = {path.relative_to(assets).as_posix() for path in assets.rglob("*.css")}
    assert found == {*ORDER, *ALONE}
    assert len(ORDER) == len(set(ORDER))
