"""A sample configuration of nginx as nginx runs it, on free ports."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.site_server import free_port
from tests import ROOT

SAMPLES = ROOT / "docs" / "nginx"
PROGRAM = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
IS_MISSING = PROGRAM is None or shutil.which("openssl") is None
MISSING = "nginx or openssl is not installed (apt-get install nginx-light openssl)"
PATIENCE_S = 60
CERTIFICATE = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", "/CN=crime.example.gov")  # fmt: skip


@dataclass(frozen=True)
class Nginx:
    """Its ports, and the file that it reads."""

    plain: int
    secure: int
    file: Path
    process: subprocess.Popen[bytes]

    def replace(self, text: str) -> None:
        """Have it go on with another text."""
        self.file.write_text(text)
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def nginx(folder: Path, sample: str, machines: Mapping[str, str]) -> Iterator[Nginx]:
    """Run a sample, whose machines are others: the sample's address → the one of the test."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", *CERTIFICATE, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    plain, secure = free_port(), free_port()
    text = (SAMPLES / sample).read_text(encoding="utf-8")
    for there, here in {
        **machines,
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/ssl/certs/patroliq.pem": str(certificate),
        "/etc/ssl/private/patroliq.key": str(key),
    }.items():
        assert there in text, there
        text = text.replace(there, here)
    (folder / sample).write_text(text)
    scratch = [
        f"{name}_temp_path {folder / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    ]
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{ {' '.join(scratch)} include {folder / sample}; }}\n"
    )
    run = [str(PROGRAM), "-c", str(configuration), "-p", str(folder), "-e", str(folder / "early")]
    tested = subprocess.run([*run, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    with subprocess.Popen([*run, "-g", "daemon off;"]) as process:
        try:
            _wait_for(plain)
            yield Nginx(plain, secure, folder / sample, process)
        finally:
            process.send_signal(signal.SIGTERM)


def sign_in(client: httpx.Client, address: str, name: str, password: str) -> None:
    """As a browser does, through the proxy."""
    form = client.get(address + "/sign-in").text
    sent = {"csrf_token": token_of(form), "name": name, "password": password}
    answer = client.post(address + "/sign-in", data=sent, headers=own_page("/sign-in"))
    assert answer.status_code == 302, answer.text


def token_of(form: str) -> str:
    """The token that a form has, without which it cannot be sent."""
    return form.partition('name="csrf_token" value="')[2].partition('"')[0]


def own_page(path: str) -> dict[str, str]:
    """Headers that a browser sends with a form of ours."""
    origin = "https://crime.example.gov"
    return {"Referer": origin + path, "Origin": origin}


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
