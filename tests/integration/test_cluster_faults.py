"""Workers that are killed, gone, or hold something else: answers stay right."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import dask
import polars as pl
import pytest
from click.testing import CliRunner
from distributed import Security

from analytics.access.reader import reading
from analytics.cli import patroliq
from analytics.cluster import code_segments, own_answer
from analytics.cluster.code_segments import CodeSegments
from analytics.cluster.connection import LONGEST_S, Cluster, ClusterError
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.diagnosis import diagnose
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from tests import ROOT
from tests.integration.repeated_city import copy_snapshot, repeated
from tests.integration.scoped_town import CASES, load_town, town
from tests.integration.snapshots import build

VIEWS = [view(name) for name in ("type", "hour_weekday", "district", "map:beat", "cells:250")]
CHOSEN = Selection.parse("hour=1-12&type=ROBBERY,THEFT")


class Machines:
    """A scheduler, and workers with their own home folder, each a process group of its own."""

    def __init__(self, folder: Path, snapshot: Snapshot) -> None:
        self.home = folder / "worker"
        copy_snapshot(snapshot, self.home)
        (self.home / "current").write_text(snapshot.id + "\n", encoding="utf-8")
        self.address = ""
        self._log = folder / "log"
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, workers: int, configuration: Mapping[str, str]) -> None:
        """Start a scheduler, with TLS if it is configured, and wait for its workers."""
        file = self._log.with_suffix(".scheduler.json")
        self._run("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0",
                  "--protocol", "tls" if configuration else "tcp",
                  "--no-dashboard", "--scheduler-file", str(file))  # fmt: skip
        _wait(file.exists)
        self.address = pl.read_json(file)["address"][0]
        for _ in range(workers):
            self._run("-m", "analytics.cli", "cluster", "worker", self.address, "--threads", "1")
        with dask.config.set(configuration), closing(Cluster(self.address)) as cluster:
            _wait(lambda: self._registered(cluster) == workers)

    def worker_processes(self, cluster: Cluster) -> list[int]:
        """Process ids of the workers, in the order of their addresses."""
        cluster.workers()
        assert cluster._client is not None
        return [pid for _, pid in sorted(cluster._client.run(os.getpid).items())]

    def stop(self, *, all_but_scheduler: bool = False) -> None:
        """Kill every process that was started here, with its children."""
        for process in self._started[1 if all_but_scheduler else 0 :]:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _registered(self, cluster: Cluster) -> int:
        cluster._read_at = float("-inf")
        with suppress(Exception):
            return len(cluster.workers())
        return 0

    def _run(self, *arguments: str) -> None:
        environment = {**os.environ, "PATROLIQ_HOME": str(self.home), "PYTHONWARNINGS": "default"}
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._started.append(process)


def _wait(happened: object, timeout_s: float = 60) -> None:
    until = time.monotonic() + timeout_s
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("city")
    return repeated(build(folder / "city", seed=6, incidents=500), folder / "home", 300)


@contextmanager
def machines_of(
    folder: Path,
    snapshot: Snapshot,
    workers: int = 2,
    configuration: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Machines]:
    machines = Machines(folder, snapshot)
    try:
        machines.start(workers, configuration)
        yield machines
    finally:
        machines.stop()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, snapshot: Snapshot) -> Iterator[Machines]:
    with machines_of(tmp_path_factory.mktemp("machines"), snapshot) as found:
        yield found


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_segments, "LEAST_BLOCKS", 1)


def engine(snapshot: Snapshot, cluster: Cluster | None = None) -> ScanCrossFilter:
    reader = SnapshotReader(snapshot, Settings(duckdb_threads=1))
    files = CodeFiles(snapshot)
    if cluster is None:
        return ScanCrossFilter(reader, files, compiled.load(), 1)
    return ScanCrossFilter(reader, files, compiled.load(), 1, CodeSegments(cluster, snapshot, 0))


def same(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> bool:
    return all(found[name].equals(frame) for name, frame in expected.items())


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == own_answer.__name__]


def test_a_worker_killed_in_the_middle_of_a_question_is_retried(
    machines: Machines, snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    with closing(Cluster(machines.address)) as cluster:
        together = engine(snapshot, cluster)
        assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
        killed = machines.worker_processes(cluster)[0]
        os.kill(killed, signal.SIGSTOP)  # so that the question surely waits for it
        killing = subprocess.Popen(["sh", "-c", f"sleep 1; kill -KILL {killed}"])
        started = time.monotonic()
        assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
        assert 0.9 < time.monotonic() - started < LONGEST_S
        killing.wait()
        for _ in range(5):
            assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
    assert not failures(caplog)


def test_without_workers_this_machine_answers_and_says_so(
    tmp_path: Path, snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    with (
        machines_of(tmp_path, snapshot, 1) as machines,
        closing(Cluster(machines.address)) as cluster,
    ):
        together = engine(snapshot, cluster)
        assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
        assert not failures(caplog)
        machines.stop(all_but_scheduler=True)
        started = time.monotonic()
        assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
        assert time.monotonic() - started < LONGEST_S
        (message,) = failures(caplog)
        assert "has no workers" in message
        assert snapshot.id in message
        assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
        assert len(failures(caplog)) == 1  # the cluster rests, and is not asked each time


def test_without_a_scheduler_this_machine_answers_in_bounded_time(
    snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    together = engine(snapshot, Cluster("tcp://127.0.0.1:9"))
    started = time.monotonic()
    assert same(together.counts(EVERYTHING, CHOSEN, VIEWS), expected)
    assert time.monotonic() - started < LONGEST_S
    (message,) = failures(caplog)
    assert "cannot be reached" in message


@pytest.mark.parametrize("kind", ["another id", "other content"])
def test_workers_without_this_snapshot_name_it_and_how_to_get_it(
    machines: Machines, snapshot: Snapshot, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    manifest = snapshot.manifest
    if kind == "another id":
        other = replace(snapshot, manifest=replace(manifest, id="20270101T000000000-00000000"))
    else:
        other = replace(snapshot, manifest=replace(manifest, checksums={"codes/day.bin": "0"}))
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    with closing(Cluster(machines.address)) as cluster:
        found = engine(other, cluster).counts(EVERYTHING, CHOSEN, VIEWS)
    assert same(found, expected)
    (message,) = failures(caplog)
    assert "Worker tcp://127.0.0.1" in message
    assert other.id in message
    assert "patroliq snapshots pull ADDRESS" in message


def test_what_a_restricted_reader_sees_is_never_asked_of_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers have whole snapshots; theirs is made here, of what they may see."""
    asked: list[str] = []

    def workers(cluster: Cluster) -> dict[str, int]:
        asked.append(cluster.address)
        raise ClusterError("nobody is there")

    monkeypatch.setattr(Cluster, "workers", workers)
    rows, case = town(), CASES[0]
    settings = Settings(home=tmp_path, cluster="tcp://127.0.0.1:9", cluster_from=0)
    load_town(settings, rows)
    compiled.load()
    services, thefts = Services(settings), Selection.parse("type=THEFT")
    with reading(case.reader):
        scoped = services.pin()
    assert scoped is not None
    assert scoped.is_scoped
    total = scoped.crossfilter.counts(EVERYTHING, thefts, [view("hour")])["hour"]
    assert total["incidents"].sum() == sum(row.type == "THEFT" for row in case.seen(rows))
    assert asked == []
    whole = services.pin()
    assert whole is not None
    whole.crossfilter.counts(EVERYTHING, thefts, [view("hour")])
    assert asked == ["tcp://127.0.0.1:9"]


def test_questions_are_answered_over_tls(
    tmp_path: Path,
    snapshot: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With certificates of Dask's configuration, and not without them."""
    made = Security.temporary()
    tls = {"ca-file": made.tls_ca_file}
    for role in ("scheduler", "worker", "client"):
        tls |= {f"{role}.cert": made.tls_client_cert, f"{role}.key": made.tls_client_key}
    files = {}
    for name, text in tls.items():
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(text, encoding="utf-8")
        variable = name.replace("-", "_").replace(".", "__").upper()
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{variable}", str(files[name]))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "True")
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    configuration = {f"distributed.comm.tls.{name}": str(path) for name, path in files.items()}
    with machines_of(tmp_path, snapshot, 1, configuration) as machines:
        assert machines.address.startswith("tls://")
        with dask.config.set(configuration), closing(Cluster(machines.address)) as cluster:
            found = engine(snapshot, cluster).counts(EVERYTHING, CHOSEN, VIEWS)
        assert same(found, expected)
        assert not failures(caplog)
        with closing(Cluster(machines.address)) as stranger:
            assert same(engine(snapshot, stranger).counts(EVERYTHING, CHOSEN, VIEWS), expected)
        assert len(failures(caplog)) == 1


def test_small_questions_stay_on_this_machine(snapshot: Snapshot) -> None:
    class Unasked(Cluster):
        def workers(self) -> dict[str, int]:
            raise AssertionError("the cluster was asked")

    reader, files = SnapshotReader(snapshot, Settings()), CodeFiles(snapshot)
    segments = CodeSegments(Unasked("tcp://127.0.0.1:9"), snapshot, files.rows + 10_000)
    scan = ScanCrossFilter(reader, files, compiled.load(), 1, segments)
    expected = engine(snapshot).counts(EVERYTHING, CHOSEN, VIEWS)
    assert same(scan.counts(EVERYTHING, CHOSEN, VIEWS), expected)


def test_an_address_that_is_not_encrypted_is_refused_but_on_this_machine(tmp_path: Path) -> None:
    far = "tcp://10.1.2.3:8786"
    settings = Settings(home=tmp_path, cluster=far)
    with pytest.raises(InputError, match="PATROLIQ_CLUSTER_UNENCRYPTED"):
        Services(settings, web=True)
    refused = CliRunner().invoke(patroliq, ["cluster", "worker", far])
    assert isinstance(refused.exception, InputError)
    (finding,) = (one for one in diagnose(settings, ROOT, {}) if one.name == "cluster")
    assert finding.status == "failed"
    for allowed in (
        Settings(home=tmp_path, cluster=far, cluster_unencrypted="yes"),
        Settings(home=tmp_path, cluster="tls://10.1.2.3:8786"),
        Settings(home=tmp_path, cluster="tcp://localhost:8786"),
        Settings(home=tmp_path, cluster="tcp://[::1]:8786"),
    ):
        assert Cluster.of(allowed) is not None
    assert Cluster.of(Settings(home=tmp_path)) is None


@pytest.mark.parametrize(
    "text", ["host:8786", "http://h:1", "tcp://h", "tcp://u@h:1", "tcp://h:1/x"]
)
def test_an_address_that_is_not_a_schedulers_is_not_valid(text: str) -> None:
    with pytest.raises(InputError, match="PATROLIQ_CLUSTER"):
        Settings.from_environment({"PATROLIQ_CLUSTER": text})


def test_without_dask_the_app_starts_as_before_and_doctor_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    settings = Settings(home=tmp_path, cluster="tcp://127.0.0.1:8786")
    with caplog.at_level(logging.WARNING):
        assert Services(settings).pin() is None
    assert "PATROLIQ_CLUSTER is not used" in caplog.text
    (finding,) = (one for one in diagnose(settings, ROOT, {}) if one.name == "cluster")
    assert finding.status == "warning"
    assert ".[cluster]" in finding.message
    with pytest.raises(InputError, match=r"\.\[cluster\]"):
        CliRunner().invoke(
            patroliq, ["cluster", "worker", "tcp://127.0.0.1:8786"], catch_exceptions=False
        )


def test_doctor_counts_the_workers(machines: Machines, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, cluster=machines.address)
    (finding,) = (one for one in diagnose(settings, ROOT, {}) if one.name == "cluster")
    assert finding.status == "ok"
    assert "2 workers with 2 threads" in finding.message
