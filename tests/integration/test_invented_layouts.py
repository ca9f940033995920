"""What is proposed for files of agencies that nobody saw before."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.ingest.suggest import Suggestion, suggest
from analytics.sources.source import Source
from tests.integration.invented_layouts import LAYOUTS, Layout


@pytest.fixture(scope="module", params=LAYOUTS, ids=lambda layout: layout.name)
def proposed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Layout, Suggestion]:
    layout: Layout = request.param
    path = tmp_path_factory.mktemp("layout") / "town.csv"
    path.write_bytes(layout.content())
    return layout, suggest(path)


def test_every_field_has_its_column(proposed: tuple[Layout, Suggestion]) -> None:
    layout, suggestion = proposed
    columns = {one.field: one.column for one in suggestion.fields}
    assert {name: columns.get(name) for name in layout.fields} == layout.fields
    unwarned = {one.field for one in suggestion.fields if one.warning is None}
    assert unwarned <= layout.fields.keys()
    assert suggestion.refused == len(layout.after)


def test_the_source_loads_and_has_the_settings(proposed: tuple[Layout, Suggestion]) -> None:
    layout, suggestion = proposed
    source = Source.parse(suggestion.toml, Path("town.toml"))
    assert source.timezone == layout.timezone or layout.timezone is None
    assert source.skip_lines == len(layout.before)
    assert source.empty.get("all", ()) == tuple(layout.empty)
    asked = any("time zone" in question for question in suggestion.questions)
    assert asked == (source.timezone == "UTC")
