"""Travel times on a street grid, from a small server, and by distance."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from analytics.errors import InputError, UnavailableError
from analytics.layers.kinds import LayerKind
from analytics.patrol.travel import (
    DETOUR,
    METERS_PER_MINUTE,
    OsrmTravel,
    StraightTravel,
    StreetTravel,
    travel_of,
    whole_minutes,
)
from analytics.settings import Settings

CRS = "EPSG:32616"


def test_distance_is_straight_times_the_detour_rounded_up() -> None:
    xy = np.array([[0.0, 0.0], [300.0, 400.0], [0.0, 0.0]])
    found = StraightTravel().minutes(xy)
    assert found[0, 1] == found[1, 0] == np.ceil(500 * DETOUR / METERS_PER_MINUTE)
    assert found[0, 2] == found[0, 0] == 0


def test_streets_are_driven_around_the_block() -> None:
    # A square of 1 km with one side missing: from corner 0 to corner 3 it is 3 km, not 1.
    nodes = np.array([[0, 0], [1000, 0], [1000, 1000], [0, 1000]], dtype=float)
    graph = sparse.csr_array(([1000.0] * 3, ([0, 1, 2], [1, 2, 3])), shape=(4, 4))
    travel = StreetTravel(nodes, graph)
    found = travel.minutes(nodes[[0, 3, 1]])
    assert found[0, 1] == np.ceil(3000 / METERS_PER_MINUTE)
    assert found[0, 2] == np.ceil(1000 / METERS_PER_MINUTE)
    assert (found == found.T).all()


def test_a_place_far_from_any_street_is_reached_by_distance() -> None:
    nodes = np.array([[0.0, 0.0], [1000.0, 0.0]])
    graph = sparse.csr_array(([1000.0], ([0], [1])), shape=(2, 2))
    xy = np.array([[0.0, 0.0], [0.0, 5000.0]])
    assert StreetTravel(nodes, graph).minutes(xy)[0, 1] == np.ceil(
        5000 * DETOUR / METERS_PER_MINUTE
    )


class _Server(BaseHTTPRequestHandler):
    answer: object = None
    status = 200
    path_seen = ""

    def do_GET(self) -> None:
        type(self).path_seen = self.path
        body = json.dumps(self.answer).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def osrm() -> Iterator[OsrmTravel]:
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield OsrmTravel(f"http://127.0.0.1:{server.server_port}/", CRS, timeout_s=5)
    server.shutdown()
    thread.join()
    server.server_close()


XY = np.array([[448_100.0, 4_636_100.0], [449_900.0, 4_636_900.0]])


def test_osrm_is_asked_in_degrees_and_answers_in_seconds(osrm: OsrmTravel) -> None:
    _Server.answer, _Server.status = {"durations": [[0, 61], [119.9, 0]]}, 200
    assert osrm.minutes(XY).tolist() == [[0, 2], [2, 0]]
    path = _Server.path_seen
    assert path.startswith("/table/v1/driving/-87.62")
    assert ",41.87" in path


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"durations": [[0, None], [1, 0]]}, 200),
        ({"durations": [[0]]}, 200),
        ({"code": "InvalidQuery"}, 200),
        ({}, 500),
    ],
)
def test_an_answer_without_all_times_is_an_error(
    osrm: OsrmTravel, answer: object, status: int
) -> None:
    _Server.answer, _Server.status = answer, status
    with pytest.raises(UnavailableError):
        osrm.minutes(XY)


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnavailableError, match="PATROLIQ_OSRM"):
        OsrmTravel("http://127.0.0.1:9", CRS, timeout_s=1).minutes(XY)


def test_the_address_must_be_one_of_the_web() -> None:
    assert Settings.from_environment({"PATROLIQ_OSRM": "http://osrm.local:5000"}).osrm
    for text in ("osrm.local", "ftp://osrm.local", "http://user@host", "http://host/?a=b"):
        with pytest.raises(InputError, match="PATROLIQ_OSRM"):
            Settings.from_environment({"PATROLIQ_OSRM": text})


def test_whole_minutes_are_rounded_up() -> None:
    assert whole_minutes(np.array([0.0, 0.2, 1.0, 1.005, 1.02])).tolist() == [0, 1, 1, 1, 2]


class _Layers:
    """Tables of two layers of streets, whose nodes have the same numbers."""

    def tables(self, kind: LayerKind, name: str) -> pl.DataFrame:
        assert kind is LayerKind.STREETS
        if name == "edges":
            return pl.DataFrame(
                {
                    "from_node": [0, 1, 0, 2, 0],
                    "to_node": [1, 0, 0, 3, 1],
                    "length_m": [900.0, 1500.0, 50.0, 10.0, 1.0],
                    "layer": ["a", "a", "a", "a", "b"],
                }
            )
        return pl.DataFrame(
            {
                "node": [0, 1, 2, 3, 0, 1],
                "lat": [41.87, 41.878, 41.9, 41.901, 41.0, 41.1],
                "lon": [-87.62] * 6,
                "component": [0, 0, 1, 1, 0, 0],
                "layer": ["a"] * 4 + ["b"] * 2,
            }
        )


def test_the_network_is_the_largest_part_of_one_layer_with_its_shortest_edges() -> None:
    travel = StreetTravel.of(_Layers(), CRS)  # type: ignore[arg-type]
    assert travel is not None
    assert travel.nodes.shape == (2, 2)
    assert travel.graph.toarray().tolist() == [[0, 900], [0, 0]]
    assert travel.minutes(travel.nodes)[0, 1] == np.ceil(900 / METERS_PER_MINUTE)


def test_distance_is_used_without_streets_and_osrm_where_it_is_set(tmp_path: Path) -> None:
    assert travel_of(Settings(home=tmp_path), CRS).name == "distance"
    assert travel_of(Settings(home=tmp_path, osrm="http://127.0.0.1:5000"), CRS).name == "osrm"
