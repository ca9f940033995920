"""The sample configuration of nginx is valid, and requests pass through it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.settings import Settings
from analytics.state import State
from bench.site_server import SiteServer, free_port
from tests import ROOT
from tests.integration.small_snapshot import publish_small

SAMPLE = ROOT / "docs" / "nginx" / "patroliq.conf"
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
PATIENCE_S = 60
PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of the account that the test makes
CERTIFICATE = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", "/CN=crime.example.gov")  # fmt: skip

pytestmark = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not installed (apt-get install nginx-light openssl)",
)


def test_pages_pass_through_the_sample_and_long_bodies_do_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_small(home)
    state = State(Settings(home=home))
    People(state, Settings(home=home)).add("analyst", [Role.ANALYST], PASSWORD)
    state.close()
    with (
        SiteServer(home, PATROLIQ_HOSTS="crime.example.gov").running() as site,
        nginx(tmp_path, site.port) as (plain, secure),
        httpx.Client(verify=False, headers={"Host": "crime.example.gov"}, timeout=60) as client,  # noqa: S501 - the test's own certificate
    ):
        assert client.get(f"http://127.0.0.1:{plain}/explore?type=THEFT").headers["Location"] == (
            "https://crime.example.gov/explore?type=THEFT"
        )
        address = f"https://127.0.0.1:{secure}"
        sign_in(client, address)
        page = client.get(address + "/")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"]
        assert len(page.headers["X-Request-ID"]) == 32  # nginx's, kept by the app
        export = client.get(address + "/export/incidents.csv?plain=1")
        assert len(export.text.splitlines()) == 6
        assert client.post(address + "/", content=b"1" * 1_100_000).status_code == 413
        assert client.get(address + "/?type=" + "A" * 5000).status_code == 414
        refused = client.get(address + "/health", headers={"Host": "other.example"})
        assert refused.status_code == 400


def sign_in(client: httpx.Client, address: str) -> None:
    """As a browser does, through the proxy."""
    form = client.get(address + "/sign-in").text
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = {"csrf_token": token, "name": "analyst", "password": PASSWORD}
    headers = {
        "Referer": "https://crime.example.gov/sign-in",
        "Origin": "https://crime.example.gov",
    }
    answer = client.post(address + "/sign-in", data=sent, headers=headers)
    assert answer.status_code == 302, answer.text


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[tuple[int, int]]:
    """The sample as nginx runs it, on free ports, in front of a port."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", *CERTIFICATE, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    plain, secure = free_port(), free_port()
    text = SAMPLE.read_text(encoding="utf-8")
    for there, here in {
        "127.0.0.1:8050": f"127.0.0.1:{port}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/ssl/certs/patroliq.pem": str(certificate),
        "/etc/ssl/private/patroliq.key": str(key),
    }.items():
        assert there in text, there
        text = text.replace(there, here)
    (folder / "patroliq.conf").write_text(text)
    scratch = [
        f"{name}_temp_path {folder / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    ]
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{ {' '.join(scratch)} include {folder / 'patroliq.conf'}; }}\n"
    )
    run = [str(NGINX), "-c", str(configuration), "-p", str(folder), "-e", str(folder / "early.log")]
    tested = subprocess.run([*run, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    with subprocess.Popen([*run, "-g", "daemon off;"]) as process:
        try:
            _wait_for(plain)
            yield plain, secure
        finally:
            process.send_signal(signal.SIGTERM)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S)
        except httpx.TransportError:
            assert time.monotonic() < deadline, "nginx does not answer"
            time.sleep(0.05)
        else:
            return
