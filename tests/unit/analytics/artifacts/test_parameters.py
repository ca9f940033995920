"""Parameters of models: each number has a range, and what is outside is refused by name."""

from __future__ import annotations

import pytest

from analytics.artifacts.catalog import CATALOG
from analytics.artifacts.parameters import CHOICES, range_of, read_parameter
from analytics.errors import InputError
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
    with pytest.raises(InputError, match=r"eps_m=.*a number from 1 to 2,000"):
        read_parameter("zones_dbscan", "eps_m", text)
    if text:
        with pytest.raises(InputError, match=r"eps_m=.*a number from 1 to 2,000"):
            check(("train", "zones_dbscan", f"--set=eps_m={text}"))


def test_a_whole_number_and_a_choice_are_held_to_theirs() -> None:
    for name, text in (("k", "2.5"), ("k", "0"), ("k", "501"), ("weight", "guns")):
        with pytest.raises(InputError, match=f"{name}={text}"):
            read_parameter("zones_kmeans", name, text)
    assert read_parameter("temporal_kmeans", "k", "0") == 0
