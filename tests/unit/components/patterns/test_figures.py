"""What the Patterns page draws and says, without a browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from analytics.patterns.grid import Grid
from analytics.patterns.stored import cell_counts, outline
from callbacks.patterns.cards import PatternsOptions, colored
from components.frame.theme import color
from components.frame.variables import category_color
from components.patterns.figures import (
    Category,
    MapExtent,
    Points,
    density_figure,
    points_figure,
    scree_figure,
    space_figure,
)
from components.patterns.layout import (
    axes_list,
    categories_table,
    legend,
    missing,
    offense_profile_list,
)
from components.patterns.sentences import (
    OffenseProfile,
    parameters_said,
    profile_words,
    quality_metrics,
)

GRID = Grid(0.0, 0.0, 1.0)
FRAME = MapExtent("umap_3", 0.0, 0.0, 1.0, 4, (0, 5))


@dataclass(frozen=True)
class Number:
    value: float
    low: float | None = None
    high: float | None = None


def points(axes: int) -> Points:
    random = np.random.default_rng(3)
    category = random.integers(0, 2, 60).astype(np.uint8)
    places = random.random((60, axes)).astype(np.float32)
    named = (Category("Theft", "#111111", 30, 10), Category("Others", "#222222", 30, 10))
    return Points(places, category, random.random(60) < 0.4, named)


@pytest.mark.parametrize("axes", [2, 3])
def test_each_incident_is_drawn_once_chosen_ones_by_color(axes: int) -> None:
    given = points(axes)
    figure = (
        points_figure(given, FRAME, ([], []), "light")
        if axes == 2
        else space_figure(given, FRAME, "light")
    )
    faint, *bright = figure.data[:3]
    assert len(faint.x) == int((~given.chosen).sum())
    assert faint.marker.opacity < 0.1 < bright[0].marker.opacity
    if axes == 3:  # where some of them lie in front
        assert faint.marker.size < bright[0].marker.size / 2
    for index, trace in enumerate(bright):
        inside = given.chosen & (given.category == index)
        assert np.array_equal(trace.x, given.coordinates[inside][:, 0])
        assert trace.marker.color == given.categories[index].color
        assert trace.marker.opacity > faint.marker.opacity


def test_points_in_the_plane_are_drawn_with_webgl_and_know_their_cells() -> None:
    figure = points_figure(points(2), FRAME, ([], []), "light")
    assert {trace.type for trace in figure.data[:3]} == {"scattergl"}
    lasso = figure.layout.meta["lasso"]
    assert (lasso["dimension"], lasso["occupied"]) == ("umap_3", [0, 5])
    assert figure.layout.dragmode == "lasso"


def test_density_shows_every_cell_where_it_lies() -> None:
    figure = density_figure({0: 1, 7: 1000}, FRAME, ([], []), "dark")
    z = np.asarray(figure.data[0].z)
    assert z[0, 0] == 0  # log10 of 1
    assert z[1, 3] == pytest.approx(3)
    assert np.isnan(z).sum() == 14
    assert figure.data[0].text[1][3] == "1,000 incidents here"


def test_an_outline_has_the_edges_between_chosen_cells_and_others() -> None:
    """Against every pair of neighboring cells of a small grid."""
    size = 6
    chosen = set(np.random.default_rng(5).choice(size * size, 15, replace=False).tolist())
    expected = set()
    for cell in chosen:
        column, row = cell % size, cell // size
        for step, edge in {
            (-1, 0): ((0, 0), (0, 1)), (1, 0): ((1, 0), (1, 1)),
            (0, -1): ((0, 0), (1, 0)), (0, 1): ((0, 1), (1, 1)),
        }.items():  # fmt: skip
            beside = (column + step[0], row + step[1])
            within = all(0 <= one < size for one in beside)
            if not (within and beside[0] + size * beside[1] in chosen):
                expected.add(tuple((column + dx, row + dy) for dx, dy in edge))
    x, y = outline(chosen, GRID, size)
    found = {((x[at], y[at]), (x[at + 1], y[at + 1])) for at in range(0, len(x), 3)}
    assert found == expected
    assert x[2::3] == y[2::3] == [None] * len(expected)


def test_cells_are_read_from_the_view_and_unknown_is_none_of_them() -> None:
    frame = pl.DataFrame({"umap_1": ["12.0", "unknown", "4095.0"], "incidents": [5, 7, 1]})
    assert cell_counts(frame, "umap_1") == {12: 5, 4095: 1}


def test_components_beyond_noise_are_dark() -> None:
    figure = scree_figure([0.4, 0.3, 0.2, 0.1], [0.3, 0.29, 0.21, 0.2], 2, "light")
    assert (
        list(figure.data[0].marker.color)
        == [color("light", "mark")] * 2 + [color("light", "mark-muted")] * 2
    )
    assert list(figure.data[1].y) == [0.3, 0.29, 0.21, 0.2]


def test_a_component_that_permuted_data_explain_as_well_is_marked() -> None:
    row = {
        "component": 1,
        "low": [{"feature": "hour", "value": "22"}, {"feature": "arrest", "value": "no"}],
        "high": [{"feature": "type", "value": "THEFT"}, {"feature": "weekday", "value": "5"}],
        "features": [{"feature": "hour", "share": 0.5}],
        "share": 0.2,
    }
    said = str(axes_list([{**row, "noise": 0.3}, {**row, "component": 2, "noise": 0.1}]))
    assert said.count("no more than permuted data") == 1
    for words in ("10 PM, no arrest", "theft, Friday", "hour 50%"):
        assert words in said


def test_an_offense_profile_is_described_by_its_lifts() -> None:
    lift = {"feature": "type", "value": "ROBBERY", "share": 0.9, "lift": 20.04}
    night = {"feature": "hour", "value": "2", "share": 0.125, "lift": 1.5}
    assert (
        profile_words({"lifts": [lift, night]}) == "Robbery 90% (20.0 times); 2 AM 12% (1.5 times)"
    )
    assert profile_words({"lifts": []}) == "Like the city"
    assert profile_words({"words": "robbery 90%", "lifts": []}) == "Robbery 90%"


def test_figures_of_trust_carry_their_interval_and_what_they_mean() -> None:
    metrics = {
        "stability": Number(0.5, 0.4, 0.6),
        "trustworthiness": Number(0.95, 0.94, 0.96),
        "incidents": Number(500_000),
        "sample": Number(20_000),
    }
    found = quality_metrics(metrics, "umap")
    assert [one.name for one in found] == ["Trustworthiness", "Stability"]
    assert found[0].value == "0.950 (0.940 to 0.960)"
    assert "seeds" in found[1].meaning
    assert "plane" in quality_metrics(metrics, "pca")[1].meaning
    said = parameters_said({"neighbors": "30", "min_dist": "0.1"}, metrics, 3, "umap")
    assert said == (
        "UMAP version 3. Trained on 20,000 of 500,000 incidents, the rest projected; "
        "30 neighbors, minimum distance 0.1."
    )


def test_a_offense_profile_is_a_button_that_chooses_it() -> None:
    rows = [OffenseProfile("Night-time robbery", 30, 0.3, "Robbery 90% (20.0 times)", True)]
    listed = offense_profile_list(rows, "offense_profile_2", "Two halves agree.")[0]
    button = listed.children[0].children.to_plotly_json()["props"]
    assert button["data-dimension"] == "offense_profile_2"
    assert button["data-key"] == "Night-time robbery"
    assert button["aria-pressed"] == "true"


def test_without_a_map_there_is_a_way_to_one_and_why() -> None:
    offer = missing("Map (UMAP)", ["stability is 0.1"], waiting=False, model="patterns_umap")
    said = str(offer)
    assert "stability is 0.1" in said
    assert "data-act='train'" in said
    assert "value='patterns_umap'" in said


@pytest.mark.parametrize(
    ("draw", "axes", "chosen", "expected"),
    [
        ("auto", "2", 20_000, False),
        ("auto", "2", 25_001, True),
        ("auto", "3", 25_001, False),
        ("points", "2", 90_000, False),
        ("density", "2", 1, True),
    ],
)
def test_a_map_is_density_when_dense(draw: str, axes: str, chosen: int, expected: bool) -> None:
    shown = PatternsOptions("umap", "type", axes, draw, "lasso")
    assert shown.as_density(chosen) is expected


def test_colors_that_no_shown_incident_has_are_left_out() -> None:
    named = (Category("Theft", "#111111", 30, 10), Category("Unknown", "#222222", 0, 0))
    for made in (legend(named), categories_table(named)):
        assert "Theft" in str(made)
        assert "Unknown" not in str(made)


def test_what_is_chosen_has_a_color_and_comes_first() -> None:
    """Types keep the colors that they have on every page; robbery has none of its own."""
    values = pl.Series(["THEFT"] * 5 + ["BATTERY"] * 3 + ["ROBBERY", "ARSON", None])
    codes, top, shades = colored(values, frozenset({"ROBBERY"}), "light", own_colors=True)
    assert top == ["ROBBERY", "THEFT", "BATTERY"]
    assert shades == [
        color("light", "mark"), *(category_color(one, "light") for one in top[1:])
    ]  # fmt: skip
    assert codes.tolist() == [1] * 5 + [2] * 3 + [0, 3, 3]
    districts = pl.Series([f"{number:03d}" for number in range(1, 23)])
    _, top, shades = colored(districts, frozenset({"019"}), "light", own_colors=False)
    assert top[0] == "019"
    assert len(set(shades)) == len(top) == 6
