"""Parameters of models: each number has a range, and what is outside is refused by name."""

from __future__ import annotations

import pytest

from analytics import formats
from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.parameters import CHOICES, range_of, read_parameter
from analytics.errors import InputError
from components.frame.parameters import (
    brief_parameter,
    field_label,
    field_text,
    parameter_text,
)
from jobs.commands import check


@pytest.mark.parametrize(
    ("model", "name"), [(model, name) for model, one in CATALOG.items() for name in one.defaults]
)
def test_every_number_has_a_range_that_holds_its_default(model: str, name: str) -> None:
    default = CATALOG[model].defaults[name]
    if isinstance(default, str):
        assert range_of(model, name) is None
        assert default in CHOICES.get(name, (default,))
    else:
        allowed = range_of(model, name)
        assert allowed is not None
        assert default in allowed
        assert read_parameter(model, name, str(default)) == default


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "0", "-5", "1e9", "", "wide"])
def test_a_distance_that_is_none_is_refused_with_its_range(text: str) -> None:
    with pytest.raises(InputError, match=r"eps_m=.*a number from 1 to 2000"):
        read_parameter("zones_dbscan", "eps_m", text)
    if text:
        with pytest.raises(InputError, match=r"eps_m=.*a number from 1 to 2000"):
            check(("train", "zones_dbscan", f"--set=eps_m={text}"))


def test_a_whole_number_and_a_choice_are_held_to_theirs() -> None:
    for name, text in (("k", "2.5"), ("k", "0"), ("k", "501"), ("weight", "guns")):
        with pytest.raises(InputError, match=f"{name}={text}"):
            read_parameter("zones_kmeans", name, text)
    assert read_parameter("temporal_kmeans", "k", "0") == 0


@pytest.mark.usefixtures("american")
def test_lengths_are_written_in_the_units_of_the_reader_and_stored_in_meters() -> None:
    assert read_parameter("zones_hierarchical", "cell_m", "820", local=True) == 250
    assert isinstance(read_parameter("zones_dbscan", "eps_m", "328", local=True), float)
    assert read_parameter("zones_kmeans", "k", "12", local=True) == 12
    for meters in range(25, 500):
        shown = field_text("cell_m", meters)
        assert read_parameter("zones_hierarchical", "cell_m", shown, local=True) == meters
    for text in ("80", "32815", "nan", "inf", "wide"):
        with pytest.raises(InputError, match="a number of feet from 82 to 32808"):
            read_parameter("zones_hierarchical", "cell_m", text, local=True)
    formats.use("", "metric", "America/Chicago")
    assert read_parameter("zones_hierarchical", "cell_m", "820", local=True) == 820


@pytest.mark.usefixtures("american")
def test_lengths_are_labeled_with_their_unit() -> None:
    assert (field_label("eps_m"), field_text("eps_m", 100.0)) == (
        "Neighborhood radius (eps), feet",
        "328",
    )
    assert (parameter_text("cell_m", "250"), brief_parameter("eps_m", "100")) == (
        "820 ft",
        "eps 330 ft",
    )
    assert (field_text("k", None), field_text("select", "leaf"), parameter_text("k", "")) == (
        "",
        "leaf",
        "–",
    )
    formats.use("", "metric", "America/Chicago")
    assert (field_label("cell_m"), field_text("cell_m", 250)) == ("Cell size, meters", "250")
    assert parameter_text("weight", "harm") == "Harm"
