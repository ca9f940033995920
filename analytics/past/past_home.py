"""The home folder of a kept snapshot as it was: links to what is kept, copies of what is not.

    <home>/as_it_was/<snapshot>/    laid out like a home folder; made again when it is needed

Whatever reads a home folder reads this one without knowing. What is not put in it is missing in
it: a page says so, and never shows what was made later. Tables, sources and settings are today's,
and so is what a reader may see.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from analytics.access.accounts import MARK
from analytics.artifacts.bundle import FILE as BUNDLE
from analytics.artifacts.bundle import MEND_BUNDLE, point_to_champion, version_folder
from analytics.artifacts.champions import Champions
from analytics.artifacts.decisions import decision_entries
from analytics.artifacts.index import FILE as INDEX
from analytics.artifacts.index import MEND, write_index
from analytics.audit import Audit
from analytics.errors import DamagedError, InputError
from analytics.incidents import default_places
from analytics.incidents.manifest import Manifest
from analytics.incidents.snapshot_events import CALLS_PUBLISHED, ROLLED_BACK
from analytics.incidents.warehouse import Warehouse
from analytics.layers.layer_store import FOLDER as LAYERS
from analytics.layers.layer_store import LayerStore
from analytics.past.served_until import served_until
from analytics.past.state_then import SECOND, copy_state
from analytics.settings import Settings
from analytics.sources.own import FOLDER as SOURCES
from analytics.sources.record_kinds import CALLS
from analytics.state import HEAD, State
from analytics.stored import read_object, replace_text

FOLDER = "as_it_was"
FACTS = "as_it_was.json"
MADE_FOR = "migration"
"""In the facts: the newest migration when the home was made."""
KEPT = 8
"""Homes that stay on the disk: links, and a copy of some rows of the state."""
CACHE_MB = 32
_STORED = ("comparisons", "fairness", "risk_terrain")
"""Folders of stored results whose files say when they were made."""


@dataclass(frozen=True)
class PastFacts:
    """What is shown of a snapshot as it was, and what cannot be.

    Attributes
    ----------
    until
        Time before which it was the one served, ISO 8601.
    models
        Version by model, of the champions of then.
    gone
        Those whose files are not kept.
    calls
        Whether the calls for service of then are shown: `shown`, `gone` or `none`.
    layers
        Titles of map layers that were added or replaced later, and are left out.
    alerts, series
        Number of alerts left out, whose evidence a later check brought up to date, and of series,
        which a later run or person changed.
    is_latest
        Whether `until` is only the latest that it can be: the audit log of then is not kept.
    """

    until: str
    models: Mapping[str, int]
    gone: tuple[str, ...]
    calls: str
    layers: tuple[str, ...]
    alerts: int
    series: int
    is_latest: bool

    @property
    def until_day(self) -> date:
        """Its day, in UTC."""
        return date.fromisoformat(self.until[:10])


@dataclass(frozen=True)
class PastHome:
    """A home folder as it was; `settings` are those to read it with."""

    settings: Settings
    manifest: Manifest
    facts: PastFacts


def open_past(settings: Settings, snapshot_id: str) -> PastHome:
    """The home of a kept snapshot as it was, made if it is not there.

    Raises
    ------
    InputError
        The snapshot is not kept, or is the one served now.
    IntegrityError
        It has another schema version, or its manifest is damaged.
    StateError
        The state database cannot be read.
    """
    warehouse = Warehouse(settings.home)
    manifest = warehouse.get(snapshot_id).manifest
    if warehouse.current_id() == snapshot_id:
        raise InputError("This snapshot is the one served now; there is no later one yet.")
    folder = settings.home / FOLDER / snapshot_id
    then = _settings_of(settings, folder)
    with _lock(settings.home):
        facts = _read_facts(folder)
        if facts is None:
            _remove(folder)
            _remove_old(settings.home)
            facts = _make(settings, manifest, folder)
    return PastHome(then, manifest, facts)


def forget_past(settings: Settings, snapshot_id: str) -> None:
    """Have a home made again by whoever opens it next, from the rows of then."""
    with _lock(settings.home):
        _remove(settings.home / FOLDER / snapshot_id)


def _settings_of(settings: Settings, folder: Path) -> Settings:
    return replace(
        settings,
        home=folder,
        tables=settings.own_tables,
        state_url="",
        cache_mb=min(settings.cache_mb, CACHE_MB),
    )


def _make(settings: Settings, manifest: Manifest, folder: Path) -> PastFacts:
    """Make the folder aside, then move it in place."""
    aside = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    try:
        facts = _fill(settings, manifest, aside)
        replace_text(aside / FACTS, json.dumps({MADE_FOR: HEAD, **asdict(facts)}))
        aside.rename(folder)
        return facts
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fill(settings: Settings, manifest: Manifest, aside: Path) -> PastFacts:
    home = settings.home.resolve()
    warehouse = Warehouse(home)
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        until, is_latest = served_until(manifest.id, warehouse.list(), audit)
        decided = Champions(state, settings).holding(before=until)
        called = [
            one.subject
            for one in decision_entries(audit, CALLS_PUBLISHED, ROLLED_BACK)
            if one.happened < until
            and (one.event == CALLS_PUBLISHED or one.details.get("kind") == CALLS.name)
        ]
    for one in warehouse.list():
        if one.created <= manifest.created:
            _link(warehouse.snapshots_folder / one.id, aside / "snapshots" / one.id)
    _link(warehouse.raw, aside / "raw")  # as a whole: rows may move from one folder to another
    _link(home / SOURCES, aside / SOURCES)
    _link(home / MARK, aside / MARK)
    (aside / "current").write_text(f"{manifest.id}\n", encoding="utf-8")
    labeled = {name: int(version) for name, version in manifest.model_versions.items()}
    models = {name: one.version for name, one in decided.items()} | labeled
    gone = tuple(_link_models(home, aside, models, until))
    second = until[:SECOND]  # later than what has its times in whole seconds
    for name in _STORED:
        _copy_made_before(home / name, aside / name, second)
    _copy_default_places(home, aside, second)
    calls = _link_calls(home, aside, called[0]) if called else "none"
    layers = tuple(_link_layers(home, aside, second))
    alerts, series = copy_state(settings, _settings_of(settings, aside), until)
    return PastFacts(until, models, gone, calls, layers, alerts, series, is_latest)


def _link_models(home: Path, aside: Path, models: Mapping[str, int], until: str) -> Iterator[str]:
    """Link versions from before `until` and list them; yields champions that are not kept."""
    try:
        found = read_object(home / "models" / INDEX, MEND)
    except FileNotFoundError:
        found = {"titles": {}, "versions": []}
    rows = [
        {**row, "champion": models.get(row["name"]) == int(row["version"])}
        for row in found["versions"]
        if row["created"] < until
    ]
    for row in rows:
        name, version = row["name"], int(row["version"])
        _link(version_folder(home, name, version), version_folder(aside, name, version))
    for name, version in models.items():
        bundle = version_folder(home, name, version) / BUNDLE
        if not bundle.exists():
            yield f"{name} {version}"
            rows = [row for row in rows if (row["name"], int(row["version"])) != (name, version)]
            continue
        _link(bundle.parent, version_folder(aside, name, version))
        point_to_champion(aside, name, version, str(read_object(bundle, MEND_BUNDLE)["snapshot"]))
        _link(bundle.parents[1] / "forecasts", aside / "models" / name / "forecasts")
        checks = aside / "models" / name / "checks"
        _copy_made_before(bundle.parents[1] / "checks", checks, until[:SECOND])
    write_index(aside, found["titles"], rows)


def _copy_made_before(source: Path, target: Path, until: str) -> None:
    """Copy stored results that were made before a moment; a newer one has replaced the others."""
    for path in source.glob("*.json"):
        try:
            found = read_object(path, MEND)
        except DamagedError:
            continue
        made = found.get("made") or found.get("checked")
        if isinstance(made, str) and made < until:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / path.name)


def _copy_default_places(home: Path, aside: Path, until: str) -> None:
    decided = [one for one in default_places.read_default_places(home) if one.at < until]
    if decided:
        default_places.write_default_places(aside, decided)


def _link_calls(home: Path, aside: Path, snapshot_id: str) -> str:
    calls = home / CALLS.home
    if not (calls / "snapshots" / snapshot_id).is_dir():
        return "gone"
    _link(calls / "snapshots" / snapshot_id, aside / CALLS.home / "snapshots" / snapshot_id)
    (aside / CALLS.home / "current").write_text(f"{snapshot_id}\n", encoding="utf-8")
    return "shown"


def _link_layers(home: Path, aside: Path, until: str) -> Iterator[str]:
    """Link layers that were there; yields titles of the others."""
    infos = LayerStore(home).infos()
    there = [info for info in infos if info.added < until]
    for info in there:
        _link(home / LAYERS / info.folder, aside / LAYERS / info.folder)
    if there:
        LayerStore(aside).write_index(there)
    yield from (info.title for info in infos if info not in there)


def _link(source: Path, target: Path) -> None:
    if source.exists() and not target.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source)


def _read_facts(folder: Path) -> PastFacts | None:
    """What a home was made with; None if there is none, or another version of PatrolIQ made it.

    Its state is only read, so it cannot be migrated.
    """
    try:
        raw: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if raw.pop(MADE_FOR, None) != HEAD:
        return None
    return PastFacts(**{**raw, "gone": tuple(raw["gone"]), "layers": tuple(raw["layers"])})


def _remove_old(home: Path) -> None:
    """Remove the homes of snapshots that are not kept, and the longest unused ones."""
    folders = [path for path in (home / FOLDER).iterdir() if path.is_dir()]
    kept = [one for one in folders if (home / "snapshots" / one.name).is_dir()]
    kept.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for one in folders:
        if one not in kept[: KEPT - 1]:
            _remove(one)


def _remove(folder: Path) -> None:
    rests = folder.with_name(f".gone-{secrets.token_hex(4)}")
    if folder.exists():
        folder.rename(rests)
    shutil.rmtree(rests, ignore_errors=True)


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    """One process at a time makes or removes a home; the system frees the lock if it dies."""
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home / FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
