"""The composed app: what it serves, what it lets the browser load, what it logs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from dash import Dash, Input, Output, dcc, html
from flask import Flask
from flask.testing import FlaskClient
from plotly.offline import get_plotlyjs_version

import app as app_module
from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.crossfilter.map_cells import SIZES, cell_keys
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame import first_html
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.preparation import ASK_LATER, OPEN, Quiet, prepare_pages
from callbacks.frame.selection import respond_to
from tests.integration.small_snapshot import publish_small

ROOT = Path(app_module.__file__).parent
HEAVY = ("mlflow", "umap", "sklearn", "numba", "shapely", "matplotlib", "pandas", "sqlalchemy")


def test_the_page_loads_only_from_this_host(client: FlaskClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) > 5
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    for address in addresses:
        assert client.get(address, buffered=True).status_code == 200, address


def test_every_inline_script_has_its_hash_in_the_policy(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    page = re.sub(r"<!--.*?-->", "", answer.text, flags=re.DOTALL)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    inline = [body for kind, body in scripts if body and "application/json" not in kind]
    assert inline
    for body in inline:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_eval_is_admitted_only_without_the_strict_charts(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "ASSETS", tmp_path)
    without = create_app(settings).server.test_client().get("/health")
    assert "'unsafe-eval'" in without.headers["Content-Security-Policy"]
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "charts.js").write_text("export default {};")
    client = create_app(settings).server.test_client()
    assert "'unsafe-eval'" not in client.get("/health").headers["Content-Security-Policy"]
    assert 'data-charts="/assets/vendor/charts.js?m=' in client.get("/").text


def test_the_strict_script_has_the_version_of_the_plotly_wheel() -> None:
    wanted = json.loads((ROOT / "vendor" / "package.json").read_text())["dependencies"]
    assert wanted["plotly.js"] == get_plotlyjs_version()


def test_the_first_html_shows_the_page_of_the_address_and_the_layout_holds_it(
    client: FlaskClient, small: Snapshot
) -> None:
    for path, shown in (("/explore", "Incidents by hour and weekday"), ("/temporal", "Every day")):
        found = client.get(path).text
        assert shown in found
        assert found.index("/bundles/head-") < found.index("stylesheet")
        asked = {"Referer": f"http://localhost{path}?type=THEFT"}
        assert shown in client.get("/_dash-layout", headers=asked).text
    assert "No page has the address" in client.get("/nowhere").text
    assert f"snapshot {small.id}" in client.get("/_dash-layout").text


def test_pages_are_prepared_when_no_request_has_come_for_a_while() -> None:
    server = Flask("busy")
    quiet = Quiet(server, quiet_s=0.3)
    answers = iter(range(1_000))
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (quiet.wait(), ended.set()))
    waiting.start()
    client = server.test_client()
    while next(answers) < 30:  # three quiet times, without one among them
        client.get("/")
        assert not ended.wait(0.03)
    waiting.join(timeout=10)
    assert ended.is_set()


def test_a_worker_that_stops_prepares_no_more_pages(
    settings: Settings, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[object] = []
    monkeypatch.setattr(
        "callbacks.frame.preparation.respond_to",
        lambda *facts: prepared.append(facts) or quiet.end() or {"state": {}},
    )
    quiet = Quiet(Flask("stopping"), quiet_s=0)
    prepare_pages(Services(settings), quiet)
    assert len(prepared) == 2  # the page in progress: opened, and its later parts


def test_prepared_pages_are_answered_from_the_cache(
    settings: Settings, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services(settings, web=True)
    prepare_pages(services, Quiet(Flask("idle"), quiet_s=0))
    pinned = services.pin()
    assert pinned is not None
    asked: list[object] = []
    monkeypatch.setattr(type(pinned.crossfilter._inner), "counts", lambda *a, **_: asked.append(a))
    for page in PAGES:
        opened = respond_to(services, page, OPEN, SelectionState())
        assert opened["state"]["snapshot"] == small.id, opened["notice"]
        later = respond_to(services, page, ASK_LATER, SelectionState.of(opened["state"]))
        assert ("zones" in later) == (page.page.key == "overview"), later["notice"]
    assert not asked


def test_pages_and_callback_answers_are_compressed(client: FlaskClient) -> None:
    styles = styles_of(client)
    for address in ("/", "/_dash-dependencies", "/_dash-layout", styles):
        asked = {"Accept-Encoding": "gzip, deflate, br, zstd"}
        answer = client.get(address, headers=asked, buffered=True)
        assert len(answer.data) < 500 or "Content-Encoding" in answer.headers, address


def styles_of(client: FlaskClient) -> str:
    found = re.search(r'href="(/bundles/[^"]+\.css)"', client.get("/").text)
    assert found
    return found[1]


def test_assets_named_by_their_time_are_kept_for_a_year(client: FlaskClient) -> None:
    address = re.search(r'href="(/assets/[^"]+\?m=[^"]+)"', client.get("/").text)
    assert address
    for kept in (address[1], styles_of(client)):
        answer = client.get(kept, buffered=True)
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_worker_starts_without_heavy_imports_and_without_opening_data(tmp_path: Path) -> None:
    program = (
        "import json, sys, app\n"
        "server = app.server\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    environment = {"PATROLIQ_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not set(HEAVY) & set(json.loads(done.stdout))
    assert not (tmp_path / "home").exists()


def test_the_process_lives_before_there_is_data(settings: Settings) -> None:
    client = create_app(settings).server.test_client()
    assert client.get("/health").json == {"status": "live"}
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert ready.json["status"] == "empty"
    assert client.get("/_dash-layout").status_code == 200


def test_ready_names_the_snapshot(client: FlaskClient, small: Snapshot) -> None:
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json["snapshot"] == small.id
    assert answer.json["incidents"] == 5


def test_a_damaged_snapshot_is_not_ready(settings: Settings, small: Snapshot) -> None:
    small.database.write_bytes(b"not a database")
    answer = create_app(settings).server.test_client().get("/ready")
    assert answer.status_code == 503
    assert answer.json["status"] == "failing"


def test_a_new_snapshot_is_served_without_a_restart(settings: Settings, small: Snapshot) -> None:
    client = create_app(settings).server.test_client()
    assert client.get("/ready").json["snapshot"] == small.id
    newer = publish_small(settings.home)
    assert client.get("/ready").json["snapshot"] == newer.id


def test_cells_are_in_the_order_of_their_keys_and_hold_their_points(
    client: FlaskClient, small: Snapshot, settings: Settings
) -> None:
    reader = SnapshotReader(small, settings)
    for size in SIZES:
        features = client.get(f"/geometry/{small.id}/cells-{size}.geojson").json["features"]
        keys = [feature["properties"]["id"] for feature in features]
        assert keys == cell_keys(reader, size)
    reader.close()
    assert keys == ["150:2987_30907", "150:2999_30912"]
    south_west, _, north_east, _, last = features[0]["geometry"]["coordinates"][0]
    assert south_west == last
    # 150 m at 42° N: 0.00135° of latitude, 0.00181° of longitude.
    assert north_east[1] - south_west[1] == pytest.approx(0.00135, abs=2e-5)
    assert north_east[0] - south_west[0] == pytest.approx(0.00181, abs=2e-5)


def test_geometry_is_compressed_kept_and_never_changes(
    client: FlaskClient, small: Snapshot, settings: Settings
) -> None:
    address = f"/geometry/{small.id}/cells-250.geojson"
    plain = client.get(address)
    assert "immutable" in plain.headers["Cache-Control"]
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert list((settings.home / "cache" / small.id).glob("cells-250.*"))


def test_geometry_of_an_earlier_snapshot_is_still_served(
    client: FlaskClient, small: Snapshot, settings: Settings
) -> None:
    publish_small(settings.home)
    assert client.get(f"/geometry/{small.id}/cells-500.geojson").status_code == 200


def test_geometry_is_served_where_the_cache_cannot_be_written(
    settings: Settings, small: Snapshot
) -> None:
    (settings.home / "cache").write_text("in the way")
    client = create_app(settings).server.test_client()
    for _ in range(2):
        assert client.get(f"/geometry/{small.id}/cells-500.geojson").json["features"]


def test_outlines_are_served_by_level(client: FlaskClient, small: Snapshot) -> None:
    answer = client.get(f"/geometry/{small.id}/outlines-district.geojson")
    assert answer.mimetype == "application/geo+json"
    assert [f["properties"]["id"] for f in answer.json["features"]] == ["001", "002", "003"]


@pytest.mark.parametrize(
    "path",
    [
        "{id}/cells-100.geojson",
        "{id}/outlines-ward.geojson",
        "{id}/outlines-..%2Fmanifest.geojson",
        "nothing/cells-250.geojson",
        "..%2f..%2fetc/outlines-district.geojson",
        "../outlines-district.geojson",
    ],
)
def test_unknown_geometry_is_not_found(client: FlaskClient, small: Snapshot, path: str) -> None:
    answer = client.get("/geometry/" + path.format(id=small.id))
    assert answer.status_code == 404


def test_each_request_has_an_id_that_a_proxy_may_give(client: FlaskClient) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", client.get("/health").headers["X-Request-ID"])
    given = client.get("/health", headers={"X-Request-ID": "proxy-12345678"})
    assert given.headers["X-Request-ID"] == "proxy-12345678"
    forged = client.get("/health", headers={"X-Request-ID": 'x" evil="1'})
    assert re.fullmatch(r"[0-9a-f]{16}", forged.headers["X-Request-ID"])


def _failing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Dash:
    def register_failing(app: Dash, _services: object) -> None:
        @app.callback(Output("out", "children"), Input("in", "value"))
        @needs(Permission.PAGES)
        def fail(value: str) -> str:
            raise RuntimeError(f"cannot say {value}")

    layout = html.Div([dcc.Input(id="in"), html.Div(id="out")])
    monkeypatch.setattr(app_module.callbacks, "register_all", register_failing)
    monkeypatch.setattr(first_html, "layout", lambda *_: layout)
    return create_app(settings)


def test_a_failing_callback_is_logged_with_the_request_and_tells_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = _failing(settings, monkeypatch).server.test_client()
    body = {
        "output": "out.children",
        "outputs": {"id": "out", "property": "children"},
        "inputs": [{"id": "in", "property": "value", "value": "secret-word"}],
        "changedPropIds": ["in.value"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 500
    request_id = answer.headers["X-Request-ID"]
    assert request_id in answer.text
    assert "secret-word" not in answer.text
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (failure,) = [line for line in lines if line["level"] == "error"]
    assert failure["request_id"] == request_id
    assert "RuntimeError: cannot say secret-word" in failure["exception"]


def test_requests_are_logged_as_json_without_their_query(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/export/view.csv?view=total&type=ROBBERY")
    (line,) = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert line["path"] == "/export/view.csv"
    assert line["status"] == 200
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "ROBBERY" not in json.dumps(line)


def test_two_apps_in_one_process_do_not_share_callbacks(settings: Settings) -> None:
    first, second = create_app(settings), create_app(replace(settings, cache_mb=1))
    assert first.callback_map.keys() == second.callback_map.keys()


def test_settings_that_cannot_be_read_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROLIQ_PORT", "none")
    with pytest.raises(Exception, match="PATROLIQ_PORT='none'"):
        _ = app_module.server


def test_the_composition_root_stays_short() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 80


def test_a_worker_whose_first_page_failed_serves_the_next_one(
    settings: Settings, small: Snapshot
) -> None:
    kept = small.database.read_bytes()
    small.database.write_bytes(b"not a database")
    client = create_app(settings).server.test_client()
    assert f"snapshot {small.id}" not in client.get("/_dash-layout").text
    assert client.get("/ready").status_code == 503
    small.database.write_bytes(kept)
    deadline = time.monotonic() + 60
    while client.get("/ready").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert f"snapshot {small.id}" in client.get("/_dash-layout").text
    for address in re.findall(r'src="(/_dash-component-suites/[^"]+)"', client.get("/").text):
        assert client.get(address, buffered=True).status_code == 200
