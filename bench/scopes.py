"""Fifty people who signed in with scopes against fifty on open access: gestures on two workers.

A trusted proxy names the people, which is how the benchmark signs them in; each has a session in
the database, tokens and a scope, as after any sign-in. The two servers are measured in turn.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np

from analytics.access.people import People
from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.errors import UnavailableError
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from bench.clicks import choices_of
from bench.data import bench_settings, warehouse_of
from bench.machine import in_child, machine
from bench.site_server import WORKERS, SiteServer
from security.identity import COOKIE, TOKEN_COOKIE

READERS = 50
SECONDS = 20
SETTLING_S = 70
"""In which each worker opens each scope and computes each view of it for the first time."""
ROUNDS = 2
GOAL = 1.2
ANALYST = frozenset({Role.ANALYST})
PROXY = {"PATROLIQ_PROXY_HEADER": "X-Remote-User", "PATROLIQ_PROXY_ADDRESSES": "127.0.0.1"}


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """Percentiles in ms of both groups, and how long the scoped snapshots took to make."""
    about = machine()
    runs = []
    for size in sizes:
        whole = warehouse_of(size, file, source)
        with TemporaryDirectory() as folder:
            home = Path(shutil.copytree(whole, Path(folder) / "home"))
            settings = replace(bench_settings(whole), home=home)
            runs.append({"incidents": size, **_run(whole, settings, Path(folder))})
    return {
        "machine": about, "readers": READERS, "workers": WORKERS, "seconds": SECONDS,
        "settling_s": SETTLING_S, "rounds": ROUNDS, "goal": GOAL, "runs": runs,
    }  # fmt: skip


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents: {run['all_p95_ms']:.0f} ms p95 on open access, "
        f"{run['scoped_p95_ms']:.0f} ms signed in with {run['scopes']} scopes; "
        f"{run['ratio']:.2f} times; {run['errors']} errors. They were made in {run['made_s']:.1f} "
        f"s, the longest in {run['longest_s']:.1f} s, and take {run['scoped_mb']:.0f} MB, "
        f"the whole snapshot {run['whole_mb']:.0f} MB."
        for run in result["runs"]
    ]


def _run(whole: Path, settings: Settings, folder: Path) -> dict[str, Any]:
    services = Services(settings)
    pinned = services.pin()
    if pinned is None:
        raise LookupError("the warehouse is empty")
    choices = choices_of(pinned)
    readers = list(islice(_readers(choices.districts), READERS))
    made = [_seconds_to_pin(settings, reader) for reader in readers]
    _add_people(settings, readers)
    found: dict[str, list[Mapping[str, Any]]] = {"all": [], "scoped": []}
    for _ in range(ROUNDS):
        with SiteServer(whole).running() as server:
            found["all"].append(_clicks(server, asdict(choices), folder, []))
        with SiteServer(settings.home, **PROXY).running() as server:
            sessions = [_session(server.url, reader.name) for reader in readers]
            found["scoped"].append(_clicks(server, asdict(choices), folder, sessions))
    scoped = [path for path in (settings.home / "scoped").iterdir() if path.is_dir()]
    about = {
        f"{name}_{what}_ms": round(float(np.mean([one[f"{what}_ms"] for one in of])), 1)
        for name, of in found.items()
        for what in ("median", "p95")
    }
    return {
        "scopes": len(scoped),
        "made_s": round(sum(made), 1),
        "longest_s": round(max(made), 1),
        "scoped_mb": round(sum(map(_megabytes, scoped)), 1),
        "whole_mb": round(_megabytes(pinned.snapshot.path), 1),
        **about,
        "errors": sum(one["errors"] for of in found.values() for one in of),
        "requests": sum(one["requests"] for of in found.values() for one in of),
        "ratio": round(about["scoped_p95_ms"] / about["all_p95_ms"], 3),
    }


def _readers(districts: Sequence[str]) -> Iterator[Reader]:
    """Readers of one or two districts, of all but some kinds, and of coarse places, in turn."""
    wide = ((frozenset({Role.VIEWER}), ScopeRules()),
            (ANALYST, ScopeRules("", (("group=violent", Precision.BEAT),))))  # fmt: skip
    number = 0
    while True:
        roles, rules = wide[number % len(wide)]
        yield Reader(f"wide {number}", roles, rules)
        for step in range(4):
            at = (4 * number + step) % len(districts)
            named = ",".join(sorted({districts[at], districts[at - step % 2]}))
            yield Reader(f"of {number} {step}", ANALYST, ScopeRules(f"district={named}"))
        number += 1


def _add_people(settings: Settings, readers: Sequence[Reader]) -> None:
    with closing(State(settings)) as state:
        people = People(state, settings)
        for reader in readers:
            people.add(reader.name, reader.roles)
            people.limit(reader.name, reader.rules)


def _seconds_to_pin(settings: Settings, reader: Reader) -> float:
    """How long a web worker takes until a reader's snapshot is there."""
    services = Services(settings, web=True)
    started = time.perf_counter()
    with reading(reader):
        while True:
            try:
                services.pin()
            except UnavailableError:  # another process is making it
                continue
            return time.perf_counter() - started


def _session(url: str, name: str) -> dict[str, str]:
    """Headers of a person whom the proxy has just signed in."""
    answer = httpx.get(f"{url}/account", headers={"X-Remote-User": name}, timeout=60)
    answer.raise_for_status()
    cookies = {one: answer.cookies[one] for one in (COOKIE, TOKEN_COOKIE)}
    text = "; ".join(f"{one}={value}" for one, value in cookies.items())
    return {"Cookie": text, "X-CSRFToken": cookies[TOKEN_COOKIE]}


def _clicks(
    server: SiteServer,
    choices: Mapping[str, Any],
    folder: Path,
    sessions: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """What analysts with these sessions waited for."""
    known = folder / "choices.json"
    known.write_text(json.dumps({**choices, "sessions": list(sessions)}), encoding="utf-8")
    arguments = (server.url, str(known), str(READERS), str(SECONDS), str(SETTLING_S))
    found: dict[str, Any] = in_child("bench.analysts", *arguments, home=server.home)
    return found


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
