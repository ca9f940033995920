"""The page of custom areas, and filters on them: files in and out, forms, people of other roles."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from analytics.access.reader import open_access, reading
from analytics.custom_area_file import read_shapes
from analytics.custom_areas import CustomAreaStore
from analytics.errors import InputError
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.training.train import chosen_incidents
from callbacks.frame.ask import answer_to
from callbacks.frame.pages import PAGES
from tests.integration.reader_answers import answers

NORTH = [[-87.63, 41.87], [-87.62, 41.87], [-87.62, 41.88], [-87.63, 41.88], [-87.63, 41.87]]
AWAY = [[lat, lon] for lon, lat in NORTH]
DRAWN = "41.87,-87.63;41.87,-87.62;41.88,-87.62;41.88,-87.63"
"""A square with incidents 1 and 2 of the small snapshot."""
EXPLORE = next(page for page in PAGES if page.page.name == "Explore")


def file(*shapes: tuple[str, list[list[float]]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for name, ring in shapes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def load(client: FlaskClient, content: bytes, name: str = "city.geojson") -> Any:
    form = {"action": "load", "file": (io.BytesIO(content), name)}
    return client.post("/custom-areas", data=form, content_type="multipart/form-data")


def ids(settings: Settings) -> dict[str, str]:
    return {area.name: area.id for area in CustomAreaStore(State(settings), settings).own()}


def alert(text: str) -> str:
    found = re.search(r'role="(?:alert|status)">([^<]*)<', text)
    return found[1] if found else ""


def test_a_file_becomes_areas_that_filter_and_come_out_again(
    client: FlaskClient, settings: Settings
) -> None:
    answer = load(client, file(("North <b>", NORTH), ("South", [[x, y - 1] for x, y in NORTH])))
    assert answer.status_code == 200
    assert "<b>" not in answer.text.replace("North &lt;b&gt;", "")
    area = ids(settings)["North <b>"]
    for query in (f"custom_area={area}", f"polygon={DRAWN}"):
        found = client.get(f"/export/incidents.csv?{query}")
        assert found.headers["X-PatrolIQ-Incidents"] == "2"
    taken = client.get(f"/custom-areas.geojson?area={area}")
    assert taken.headers["Content-Disposition"].endswith('.geojson"')
    (feature,) = taken.get_json()["features"]
    assert feature["properties"] == {"id": area, "name": "North <b>"}
    assert sorted(map(tuple, feature["geometry"]["coordinates"][0][1:])) == sorted(
        map(tuple, NORTH[1:])
    )
    assert len(client.get("/custom-areas.geojson").get_json()["features"]) == 2


def test_an_area_without_places_of_the_data_is_said(client: FlaskClient) -> None:
    said = alert(load(client, file(("North", NORTH), ("Turned round", AWAY))).text)
    assert "North, Turned round" in said
    assert said.count("Turned round") == 2
    assert said.count("North") == 1


@pytest.mark.parametrize(
    "content", [b"", b"{}", file(("North", NORTH[:3])), file(("A", NORTH), ("A", NORTH))]
)
def test_a_faulty_file_adds_nothing(
    client: FlaskClient, settings: Settings, content: bytes
) -> None:
    answer = load(client, content)
    assert answer.status_code == 400
    assert alert(answer.text)
    assert ids(settings) == {}


def test_the_message_names_the_file_and_not_its_folder(client: FlaskClient) -> None:
    assert alert(load(client, b"{", "/secret/<i>.json").text).startswith("&lt;i&gt;.json: ")


def test_forms_of_the_page_keep_change_and_end_an_area(
    client: FlaskClient, settings: Settings
) -> None:
    shown = client.get("/custom-areas", query_string={"polygon": DRAWN})
    assert "4 corners" in shown.text
    kept = {"action": "draw", "polygon": DRAWN, "name": "North", "roles": ["viewer"]}
    assert client.post("/custom-areas", data=kept).status_code == 200
    area = ids(settings)["North"]
    for wrong in (
        kept,
        {**kept, "name": "Z", "roles": ["admin"]},
        {**kept, "name": "Z", "polygon": "1,2"},
        {**kept, "name": "Z", "polygon": f"{DRAWN}&type=THEFT"},
        {**kept, "name": "Bow", "polygon": "0,0;1,1;0,1;1,0"},
        {"action": "end", "area": area},
        {"action": "change", "area": "0" * 10, "name": "Z"},
        {"action": "load"},
        {"action": "x"},
    ):
        assert client.post("/custom-areas", data=wrong).status_code == 400, wrong
    client.post("/custom-areas", data={"action": "change", "area": area, "name": "Northside"})
    assert ids(settings) == {"Northside": area}
    ended = {"action": "end", "area": area, "reason": "Replaced"}
    assert client.post("/custom-areas", data=ended).status_code == 200
    assert "Ended (1)" in client.get("/custom-areas").text
    found = client.get(f"/export/incidents.csv?custom_area={area}")
    assert found.headers["X-PatrolIQ-Incidents"] == "2"
    assert "ended" in found.text


def test_a_refused_form_comes_back_as_it_was_filled_in(client: FlaskClient) -> None:
    kept = {"action": "draw", "polygon": DRAWN, "name": "North", "roles": ["viewer"]}
    client.post("/custom-areas", data=kept)
    again = client.post("/custom-areas", data={**kept, "roles": ["steward"]}).text
    drawn, _, listed = again.partition("<h2>My areas</h2>")
    assert 'name="name" value="North"' in drawn
    assert re.findall(r'value="(\w+)" checked', drawn) == ["steward"]
    assert re.findall(r'value="(\w+)" checked', listed) == ["viewer"]
    area = re.findall(r'name="area" value="(\w+)"', listed)[0]
    change = {"action": "change", "area": area, "name": "x" * 81, "roles": ["analyst"]}
    shown = client.post("/custom-areas", data=change).text
    assert f'name="name" value="{change["name"]}"' in shown
    assert re.findall(r'value="(\w+)" checked', shown) == ["analyst"]
    assert "<details open" in shown


def test_what_is_not_found_is_refused_where_it_would_count_more(client: FlaskClient) -> None:
    for address in (
        "/export/incidents.csv?custom_area=0000000000",
        "/compstat?selection=custom_area=0000000000",
        "/custom-areas.geojson?area=0000000000",
    ):
        assert client.get(address).status_code == 400, address


@pytest.mark.usefixtures("small")
def test_every_page_answers_for_a_custom_area(settings: Settings) -> None:
    services = Services(settings)
    with reading(open_access("analyst")):
        shapes = read_shapes("city.geojson", file(("North", NORTH)))
        (area,) = CustomAreaStore(services.state, settings).add(shapes)
        for page in PAGES:
            opened, _ = json.loads(answers(services, page, f"custom_area={area.id}"))
            assert opened["state"]["text"] == f"custom_area={area.id}"
            assert '"North"' in opened["sentence"], page.page.name
            assert opened["left_out"] == []


@pytest.mark.usefixtures("small")
def test_a_page_says_that_an_area_was_not_found(settings: Settings) -> None:
    opened, _ = json.loads(answers(Services(settings), EXPLORE, "custom_area=00000000ff"))
    assert opened["state"]["text"] == ""
    assert "00000000ff" in json.dumps(opened["left_out"])


def test_the_map_outlines_a_chosen_area(client: FlaskClient, settings: Settings) -> None:
    load(client, file(("North", NORTH)))
    area = ids(settings)["North"]
    opened, _ = json.loads(answers(Services(settings), EXPLORE, f"custom_area={area}"))
    (feature,) = opened["map"]["shapes"]["features"]
    assert feature["properties"]["name"] == "North"
    assert sorted(feature["geometry"]["coordinates"][0][:4]) == sorted(NORTH[:4])
    assert opened["map"]["frame"]["corners"] == [[41.87, -87.63], [41.88, -87.62]]


def test_the_panel_of_filters_offers_areas_and_to_keep_a_drawn_one(
    client: FlaskClient, settings: Settings
) -> None:
    load(client, file(("North", NORTH)))
    asked = answers(Services(settings), EXPLORE, f"polygon={DRAWN}", more="1")
    panel = json.dumps(json.loads(asked)[0]["more"])
    assert ids(settings)["North"] in panel
    assert "/custom-areas?polygon=41.87" in panel


def test_the_box_finds_areas_by_name_and_an_exact_name_comes_first(
    client: FlaskClient, settings: Settings
) -> None:
    load(client, file(("Theft strip", NORTH), ("Robbery at night", NORTH)))
    areas = ids(settings)

    def found(phrase: str) -> list[str]:
        with reading(open_access("analyst")):
            answer = json.dumps(answer_to(Services(settings), phrase, ""), cls=PlotlyJSONEncoder)
        return re.findall(r"custom_area=[0-9a-f]{10}|type=[A-Z]+", answer)

    assert found("strip") == [f"custom_area={areas['Theft strip']}"]
    assert found("Robbery at night")[0] == f"custom_area={areas['Robbery at night']}"
    assert found("theft")[0] == "type=THEFT"
    assert f"custom_area={areas['Theft strip']}" in found("theft")


def test_lists_of_views_and_watch_lists_name_areas_that_the_reader_may_use(
    client: FlaskClient, settings: Settings
) -> None:
    load(client, file(("North", NORTH)))
    chosen = f"custom_area={ids(settings)['North']}"
    for address, form in (
        ("/views", {"action": "save", "address": f"/explore?{chosen}", "name": "Mine"}),
        ("/interventions", {"action": "record", "name": "Patrol", "first": "2017-01-02",
                            "where": chosen}),
    ):  # fmt: skip
        client.post(address, data=form)
        assert "&#34;North&#34;" in client.get(address).text, address


@pytest.mark.usefixtures("small")
def test_a_model_is_not_trained_on_a_custom_area(settings: Settings) -> None:
    pinned = Services(settings).pin()
    assert pinned is not None
    with pytest.raises(InputError, match="trained"):
        chosen_incidents(pinned.reader, settings, "all", "custom_area=00000000ff")
