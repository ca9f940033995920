"""A file from the browser into the data, step by step, by the worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from analytics.cli import patroliq
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.state import State
from analytics.uploads.store import Uploads
from app import create_app
from jobs.queue import Queue
from jobs.worker import Worker

ROWS = 240
LINES = ["Ref;Day;Clock;What;Lat;Lon"] + [
    f"R{row:04};{row % 28 + 1:02}.{row % 12 + 1:02}.2025;{row % 24:02}:{row % 60:02};"
    f"{('Theft', 'Assault', 'Arson')[row % 3]};{52.1 + row % 17 / 500:.5f};"
    f"{4.3 + row % 19 / 400:.5f}"
    for row in range(ROWS)
]
FILE = ("\r\n".join(LINES) + "\r\n").encode()


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings).server.test_client()


def work(settings: Settings) -> None:
    """Do the waiting job in this process, which is faster than a worker's."""
    state = State(settings)
    queue = Queue(state)
    job = queue.take("test")
    assert job is not None
    done = CliRunner().invoke(
        patroliq, [*job.command, "--json"], env={"PATROLIQ_HOME": str(settings.home)}
    )
    error = "" if done.exception is None else str(done.exception)
    queue.finish(job, "failed" if error else "done", exit_code=done.exit_code, error=error)
    state.close()


def send(client: FlaskClient, content: bytes = FILE, name: str = "town.csv") -> str:
    begun = client.post("/data/uploads", json={"name": name, "size": len(content)})
    assert begun.status_code == 200, begun.text
    address = f"/data/uploads/{begun.json['id']}"
    for start in range(0, len(content), 5_000):
        part = content[start : start + 5_000]
        answer = client.post(f"{address}/parts?start={start}", data=part)
        assert answer.status_code == 200, answer.text
    return address


def test_each_step_is_a_job_and_the_data_is_served_at_the_end(
    client: FlaskClient, settings: Settings
) -> None:
    address = send(client)
    waiting = client.get(f"{address}/state").json
    assert waiting["state"] == "waiting"
    assert client.post(address, data={"action": "try"}).status_code == 400  # one step at a time
    Worker(settings).run(once=True)
    shown = client.get(address).text
    assert "<option selected>What</option>" in shown
    assert f"{ROWS} rows, of which 0 would be refused" in shown
    assert client.post(address, data={"action": "load"}).status_code == 400  # not counted yet

    assert client.post(address, data={"action": "try"}).status_code == 303
    Worker(settings).run(once=True)
    assert f"<dd>{ROWS}</dd>" in client.get(address).text
    assert Warehouse(settings.home).current() is None

    assert client.post(address, data={"action": "load"}).status_code == 303
    Worker(settings).run(once=True)
    assert "Open Explore" in client.get(address).text
    current = Warehouse(settings.home).current()
    assert current is not None
    assert current.manifest.incidents == ROWS
    assert current.manifest.source.unit_of_count == "row"
    assert "town.csv" not in client.get("/data").text.partition("What is served")[0]
    upload = Uploads(settings).all()[0]
    assert not upload.path.exists()

    again = send(client, FILE.replace(b"R0001;", b"R9999;"))
    work(settings)
    client.post(again, data={"action": "understand", "source": current.manifest.source.name})
    work(settings)
    client.post(again, data={"action": "try"})
    work(settings)
    assert "another source" not in client.get(again).text
    client.post(again, data={"action": "load"})
    work(settings)
    served = Warehouse(settings.home).current()
    assert served is not None
    assert served.manifest.incidents == ROWS + 1


def test_a_doubtful_first_load_waits_for_a_confirmation(
    client: FlaskClient, settings: Settings
) -> None:
    lost = "".join(f"X{row};unknown;10:00;Theft;52.1;4.3\r\n" for row in range(16))
    address = send(client, FILE + lost.encode())
    work(settings)
    client.post(address, data={"action": "try"})
    work(settings)
    assert 'name="confirm"' in client.get(address).text
    client.post(address, data={"action": "load"})
    work(settings)
    assert Warehouse(settings.home).current() is None
    client.post(address, data={"action": "load", "confirm": "yes"})
    work(settings)
    assert Warehouse(settings.home).current() is not None


def test_what_cannot_be_read_is_said_on_the_page(client: FlaskClient, settings: Settings) -> None:
    address = send(client, b"%PDF-1.7 not a table\n\x00\x01", "report.pdf")
    work(settings)
    answer = client.get(address)
    assert answer.status_code == 200
    alert = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert "PDF" in alert
    assert client.get(f"{address}/state").json["state"] == "failed"
    assert str(settings.home) not in answer.text
    assert "Traceback" not in answer.text


def test_the_order_of_day_and_month_can_be_chosen(client: FlaskClient, settings: Settings) -> None:
    rows = "".join(f"{row};0{row % 9 + 1}/0{row % 7 + 1}/2025;Theft\n" for row in range(60))
    address = send(client, f"Ref;Day;What\n{rows}".encode())
    work(settings)
    for choice, ninth in (("yes", "2025-02-09"), ("no", "2025-09-02")):
        client.post(address, data={"action": "understand", "day_first": choice})
        work(settings)
        assert ninth in client.get(address).text.partition("First rows")[2]


def test_the_same_file_again_is_nothing_new(client: FlaskClient, settings: Settings) -> None:
    for words in ("<h2>Loaded</h2>", "<h2>Nothing new</h2>"):
        address = send(client)
        work(settings)
        for action in ("try", "load"):
            client.post(address, data={"action": action})
            work(settings)
        assert words in client.get(address).text


def test_a_load_that_refuses_many_rows_is_loaded_and_says_so(
    client: FlaskClient, settings: Settings
) -> None:
    broken = FILE
    for row in range(0, ROWS, 10):
        day = f"R{row:04};{row % 28 + 1:02}.{row % 12 + 1:02}.2025"
        broken = broken.replace(day.encode(), f"R{row:04};soon".encode())
    address = send(client, broken)
    work(settings)
    for action in ("try", "load"):
        client.post(address, data={"action": action, "confirm": "yes"})
        work(settings)
    shown = client.get(address).text
    assert "<h2>Loaded</h2>" in shown
    assert f"{ROWS // 10} of {ROWS} rows (10%) were refused" in shown
    current = Warehouse(settings.home).current()
    assert current is not None
    assert current.manifest.incidents == ROWS - ROWS // 10


def test_a_proposed_source_does_not_take_the_name_of_one_that_is_there(
    client: FlaskClient, settings: Settings
) -> None:
    address = send(client, name="Chicago.csv")
    work(settings)
    shown = client.get(address).text
    assert "Is this a file of source chicago, which is there already?" in shown
    assert 'value="chicago_2"' in shown


def test_the_next_file_of_the_agency_is_read_by_its_source_and_keeps_its_groups(
    client: FlaskClient, settings: Settings
) -> None:
    address = send(client)
    work(settings)
    for action in ("try", "load"):
        client.post(address, data={"action": action})
        work(settings)
    page = client.get("/data/tables").text
    table = "groups/town.csv"
    began = page.partition('name="began" value="')[2].partition('"')[0]
    text = "scheme,group,code,fbi_code,type,label\nheadline,property,,,Theft,\n"
    form = {"table": table, "text": text, "began": began, "action": "keep"}
    assert "kept" in client.post("/data/tables", data=form).text
    work(settings)
    current = Warehouse(settings.home).current()
    assert current is not None
    assert current.manifest.views_off.get("group") is None

    more = send(client, FILE.replace(b"R0", b"S0"), "town december.csv")
    work(settings)
    assert "<option selected>town</option>" in client.get(more).text
    for action in ("try", "load"):
        client.post(more, data={"action": action})
        work(settings)
    current = Warehouse(settings.home).current()
    assert current is not None
    assert current.manifest.incidents == 2 * ROWS
    assert current.manifest.views_off.get("group") is None


def test_a_step_that_waits_keeps_its_choices_and_its_file(
    client: FlaskClient, settings: Settings
) -> None:
    address = send(client)
    refused = client.post(address, data={"action": "understand", "source": "chicago"})
    assert refused.status_code == 400
    upload = Uploads(settings).all()[0]
    assert upload.read("choices") == {}
    state = State(settings)
    assert Queue(state).take("test") is not None
    state.close()
    removed = client.post("/data", data={"action": "remove", "upload": upload.id})
    assert removed.status_code == 400
    assert upload.is_whole


def test_a_guessed_zone_is_asked_for_until_somebody_names_another(
    client: FlaskClient, settings: Settings
) -> None:
    rows = "".join(f"{row};{row % 28 + 1:02}.05.2025;Theft\n" for row in range(60))
    address = send(client, f"Ref;Day;What\n{rows}".encode())
    work(settings)
    assert "Which time zone" in client.get(address).text
    client.post(address, data={"action": "understand", "timezone": "UTC", "column.type": "What"})
    work(settings)
    assert "Which time zone" in client.get(address).text
    client.post(address, data={"action": "understand", "timezone": "Europe/Oslo"})
    work(settings)
    assert "Which time zone" not in client.get(address).text


def test_parts_that_do_not_fit_are_refused(client: FlaskClient) -> None:
    begun = client.post("/data/uploads", json={"name": "town.csv", "size": 10})
    address = f"/data/uploads/{begun.json['id']}/parts"
    for start, part in (("5", b"x"), ("-1", b"x"), ("x", b"x"), ("0", b"x" * 11)):
        assert client.post(f"{address}?start={start}", data=part).status_code == 400
    for body in ({}, {"name": "a.csv"}, {"name": "a.csv", "size": "10"}, [], {"size": 3}):
        assert client.post("/data/uploads", json=body).status_code == 400


def test_the_page_of_data_lists_and_removes_uploads(
    client: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    address = send(client, name="a <b> file.csv")
    listed = client.get("/data").text
    assert "a &lt;b&gt; file.csv" in listed
    form = {"action": "remove", "upload": address.rpartition("/")[2]}
    assert "was removed" in client.post("/data", data=form).text
    assert Uploads(settings).all() == []
    assert client.get(address).status_code == 400
