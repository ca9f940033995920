"""What the browser draws by itself is html alone; it asks as Dash's renderer would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template

OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {"areas": "block", "map": "block"},
    {"map": "district", "measure": "arrest_share"},
    {"size": "points", "bounds": "-180,-90,180,90", "narrow": "1"},
    {"offenses": "group", "areas": "location_type"},
)


def laid_out(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    """Properties of the components of a page before its first answer."""
    layout = client.get("/_dash-layout", headers={"Referer": f"http://localhost{path}"}).get_json()
    return [one["props"] for one in components(layout)]


def drawn(client: FlaskClient) -> set[str]:
    """Ids of the elements that assets/frame/draw.js fills."""
    return {one["id"] for one in laid_out(client, "/explore") if "data-drawn" in one}


def components(part: Any) -> Iterator[dict[str, Any]]:
    """All components of a part of a page as JSON."""
    if isinstance(part, list):
        for one in part:
            yield from components(one)
    elif isinstance(part, dict) and "namespace" in part:
        yield part
        yield from components(part["props"].get("children"))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("text", ["", "type=THEFT", "hour=03&date=1999-01-01"])
def test_what_the_browser_draws_is_html(
    client: FlaskClient, options: dict[str, str], text: str
) -> None:
    page = AnalystPage(template(client.get(DEPENDENCIES).get_json()))
    page.shown.update(options)
    answer = client.post(UPDATE, json=page.ask({"action": "open", "text": text})).get_json()
    shown = answer["response"]
    places = drawn(client) & shown.keys()
    assert {"explore-headline", "explore-offenses", "explore-areas"} <= places
    for place in places:
        assert shown[place].keys() == {"children"}, place
        kinds = {one["namespace"] for one in components(shown[place]["children"])}
        assert kinds <= {"dash_html_components"}, place


def asked(client: FlaskClient, path: str) -> list[str]:
    """Outputs that a page's elements name."""
    return [one["data-asks"] for one in laid_out(client, path) if "data-asks" in one]


def test_explore_names_the_callback_that_answers_it(client: FlaskClient) -> None:
    (output,) = asked(client, "/explore")
    assert output == template(client.get(DEPENDENCIES).get_json())["output"]


def test_pages_that_dash_draws_name_none(client: FlaskClient) -> None:
    assert asked(client, "/") == asked(client, "/temporal") == []
