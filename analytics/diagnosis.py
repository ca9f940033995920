"""The checks of `patroliq doctor`. Each reports its finding, and what to do about a problem."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from analytics import private
from analytics.access import accounts
from analytics.access.restriction import FILE as SENSITIVE
from analytics.access.restriction import read_sensitive
from analytics.access.secret_key import FILE as SECRET_KEY
from analytics.address import require_loopback
from analytics.artifacts.bundle import Bundle, champion_versions, version_folder
from analytics.artifacts.champions import ChampionDecision, Champions, outdated_pointers
from analytics.artifacts.extras import EXTRA_MODULES, is_available
from analytics.artifacts.index import read_index
from analytics.audit import Audit
from analytics.audit.key import AuditKeyError, AuditKeys
from analytics.calls.tables import require_version
from analytics.cluster.connection import Cluster, ClusterError
from analytics.cluster.scheduler_address import INSTALL_DASK
from analytics.compiled_code import distrust, folder_of
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import DamagedError, InputError, IntegrityError, PatrolIQError
from analytics.hotspots.default_addresses import address_proposals, decided_addresses
from analytics.incidents.intact import newest_intact
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.champion_labels import unlabeled
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.layers.layer_store import MEND as MEND_LAYER
from analytics.layers.layer_store import LayerStore
from analytics.publisher import late_pull, read_pulled
from analytics.scoped.resolve import count_sensitive
from analytics.settings import PREFIX, Settings
from analytics.sources.record_kinds import CALLS
from analytics.state import HEAD, State
from analytics.state_file import StateFile
from analytics.sync.drop_folder import failed_files
from analytics.sync.feed_state import FeedState

Status = Literal["ok", "warning", "failed", "damaged"]

FEWEST_FREE_BYTES = 2 * 1024**3
NOT_SETTINGS = ("PATROLIQ_REAL_DATA", "PATROLIQ_BENCH_HOME")  # read by tests and benchmarks
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """Result of a check: `damaged` data cannot be trusted; `failed` keeps the app from working."""

    name: str
    status: Status
    message: str


def diagnose(settings: Settings, root: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Run all checks, one after the other. `root` is the folder of app.py."""
    yield _python()
    yield _packages(root / "requirements.lock")
    yield _extras()
    yield _settings(settings, environment)
    if settings.cluster:
        yield _cluster(settings)
    yield _strict_charts(root)
    yield _tool("npm", ("npm",), "`make install` cannot build the charts' strict script.")
    yield _tool("chromium", CHROMIUM, "Browser tests cannot run.")
    yield _home(settings.home)
    yield _private(settings.home)
    if pulled := _pulled(settings):
        yield pulled
    state = _state(settings)
    yield state
    warehouse = Warehouse(settings.home)
    yield from _data(warehouse, settings)
    if calls := _calls(Warehouse(settings.home / CALLS.home)):
        yield calls
    if state.status == "ok" and (settings.state_url or StateFile(settings.home).path.exists()):
        yield _audit_log(settings)
        yield _champions(warehouse, settings)
        if pulled is None:  # cited snapshots stay with the machine that publishes
            yield from _cited(warehouse, settings)
        yield _feeds(settings)


def _python() -> Finding:
    return Finding("python", "ok", f"Python {'.'.join(map(str, sys.version_info[:3]))}.")


def _packages(lock: Path) -> Finding:
    if not lock.exists():
        return Finding("packages", "warning", "No requirements.lock to compare with.")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    wrong = []
    for name, pinned in pins:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != pinned:
            wrong.append(f"{name} is {found}, but {pinned} is locked")
    if wrong:
        return Finding("packages", "warning", f"{'; '.join(wrong)}. Run `make install`.")
    return Finding("packages", "ok", f"{len(pins)} packages match the lock file.")


def _extras() -> Finding:
    missing = [
        f"{name} ({module})" for name, module in EXTRA_MODULES.items() if not is_available(name)
    ]
    if missing:
        return Finding("extras", "ok", f"Not installed, and not needed: {', '.join(missing)}.")
    return Finding("extras", "ok", f"Installed: {', '.join(EXTRA_MODULES)}.")


def _settings(settings: Settings, environment: Mapping[str, str]) -> Finding:
    known = {PREFIX + setting.name.upper() for setting in fields(settings)} | {*NOT_SETTINGS}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        return Finding("settings", "warning", f"Unknown settings: {', '.join(unknown)}.")
    try:
        require_loopback(settings.host, settings.hosts, accounts=accounts.are_kept(settings))
    except PatrolIQError as error:
        return Finding("settings", "failed", str(error))
    return Finding("settings", "ok", "All settings are known.")


def _cluster(settings: Settings) -> Finding:
    """Whether the workers of the cluster answer."""
    name = "cluster"
    try:
        cluster = Cluster.of(settings)
        if cluster is None:
            missing = f"Dask is missing, so this machine answers alone: {INSTALL_DASK}."
            return Finding(name, "warning", missing)
        with closing(cluster):
            threads = cluster.workers()
    except InputError as error:
        return Finding(name, "failed", str(error))
    except ClusterError as error:
        return Finding(name, "warning", f"This machine answers alone: {error}")
    found = f"{len(threads)} workers with {sum(threads.values())} threads"
    return Finding(name, "ok", f"{found} at {cluster.address}.")


def _strict_charts(root: Path) -> Finding:
    if (root / "assets" / "vendor" / "charts.js").is_file():
        return Finding("content policy", "ok", "The charts' strict script is built; no eval.")
    return Finding(
        "content policy",
        "warning",
        "The charts' strict script is missing, so the content policy allows 'unsafe-eval'. "
        "Install npm and run `make install`.",
    )


def _tool(name: str, programs: tuple[str, ...], without: str) -> Finding:
    found = next((path for program in programs if (path := shutil.which(program))), None)
    return (
        Finding(name, "ok", f"{found}.")
        if found
        else Finding(name, "warning", f"Missing. {without}")
    )


def _home(home: Path) -> Finding:
    nearest = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    unwritable = [
        str(folder)
        for folder in (nearest, home / "snapshots", home / "raw", home / "outlines", home / "cache")
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK)
    ]
    if unwritable:
        return Finding("home folder", "failed", f"Cannot write to {', '.join(unwritable)}.")
    free = shutil.disk_usage(nearest).free
    message = f"{home.absolute()}, {free / 1024**3:.1f} GiB free."
    if free < FEWEST_FREE_BYTES:
        return Finding("home folder", "warning", f"{message} An ingest may not fit.")
    return Finding("home folder", "ok", message)


def _pulled(settings: Settings) -> Finding | None:
    """Of a machine that pulls: from which one, how old that is, and whether it has its keys."""
    name, home = "pulled snapshots", settings.home
    try:
        pulled = read_pulled(home)
    except DamagedError as error:
        return Finding(name, "damaged", str(error))
    if pulled is None and not settings.pull_from:
        return None
    if pulled is None or not pulled.push:
        return Finding(name, "failed", "Nothing was pulled whole yet: `patroliq snapshots pull`.")
    missing = [
        one.name
        for one in (home / SECRET_KEY, AuditKeys(settings).path)
        if settings.state_url and not one.exists()
    ]
    if missing:
        return Finding(
            name, "failed", f"Copy {' and '.join(missing)} from the machine that publishes."
        )
    if late := late_pull(home):
        return Finding(name, "warning", late)
    minutes = pulled.age_s(time.time()) / 60
    return Finding(
        name,
        "ok",
        f"Snapshot {pulled.snapshot} of {pulled.publisher} from {pulled.address}, pushed "
        f"{minutes:,.0f} minutes ago.",
    )


def _private(home: Path) -> Finding:
    found = list(private.open_to_others(home))
    if not found:
        return Finding("privacy", "ok", "Only this user can read the home folder.")
    return Finding(
        "privacy",
        "warning",
        f"Other users of this machine can read {home.absolute()} ({len(found):,} files and "
        f"folders). Close it: chmod -R go= {shlex.quote(str(home.absolute()))}",
    )


def _state(settings: Settings) -> Finding:
    file = StateFile(settings.home)
    if not settings.state_url and file.trouble:
        return Finding("state database", "damaged", file.trouble)
    if not settings.state_url and not file.path.exists():
        return Finding("state database", "ok", "Not created yet; first use creates it.")
    try:
        found = State(settings).version()
    except Exception as error:
        return Finding("state database", "damaged", f"It cannot be opened: {error}")
    if found != HEAD:
        return Finding(
            "state database", "warning", f"At migration {found}; this program needs {HEAD}."
        )
    return Finding("state database", "ok", f"At migration {found}.")


def _audit_log(settings: Settings) -> Finding:
    """Whether the audit log is intact and matches its anchor."""
    name = "audit log"
    try:
        with closing(State(settings)) as state:
            found = Audit(state, settings).verify()
    except (IntegrityError, AuditKeyError) as error:
        return Finding(name, "damaged", str(error))
    key = AuditKeys(settings).path
    if found.signed and key.stat().st_mode & private.OTHERS:
        return Finding(
            name, "warning", f"Others can read its key. Close it: chmod 600 {shlex.quote(str(key))}"
        )
    return Finding(name, "ok", f"{found.entries:,} entries; the chain is intact.")


def _data(warehouse: Warehouse, settings: Settings) -> Iterator[Finding]:
    yield from _snapshot(warehouse, settings)
    yield _older(warehouse)
    yield _models(warehouse.home)
    yield _layers(LayerStore(warehouse.home))


def _snapshot(warehouse: Warehouse, settings: Settings) -> Iterator[Finding]:
    current = ""
    try:
        current = warehouse.current_id() or ""
        snapshot = warehouse.current()
        if snapshot is None:
            yield Finding(
                "snapshot", "warning", "No data yet; run `patroliq ingest` or `patroliq demo`."
            )
            return
        warehouse.verify(snapshot)
    except DamagedError as error:
        yield Finding("snapshot", "damaged", f"{error} {_meanwhile(warehouse, current)}")
        return
    except IntegrityError as error:  # another schema version
        yield Finding("snapshot", "damaged", str(error))
        return
    manifest = snapshot.manifest
    synthetic = ", synthetic" if manifest.source.synthetic else ""
    yield Finding(
        "snapshot",
        "ok",
        f"{snapshot.id}: {manifest.incidents:,} incidents of {manifest.source.title}{synthetic}, "
        f"{manifest.first} to {manifest.last}; every file matches its checksum.",
    )
    yield _scan(snapshot)
    yield _harm(manifest)
    yield _default_addresses(snapshot, settings)
    yield _sensitive(snapshot, settings)


def _calls(warehouse: Warehouse) -> Finding | None:
    """Whether the calls for service are whole and can be served; None where none were loaded."""
    try:
        snapshot = warehouse.current()
        if snapshot is None:
            return None
        warehouse.verify(snapshot)
    except IntegrityError as error:
        remedy = "`patroliq snapshots rollback ID --kind calls` serves an earlier one."
        return Finding("calls", "damaged", f"{error} {remedy}")
    manifest = snapshot.manifest
    try:
        require_version(manifest)
    except IntegrityError as error:
        return Finding("calls", "failed", str(error))
    return Finding(
        "calls",
        "ok",
        f"{snapshot.id}: {manifest.incidents:,} calls of {manifest.source.title}, "
        f"{manifest.first} to {manifest.last}; every file matches its checksum.",
    )


def _meanwhile(warehouse: Warehouse, damaged: str) -> str:
    """What web workers serve while the current snapshot is damaged."""
    if not damaged:
        return "Nothing is served until it is repaired."
    found = newest_intact(warehouse, damaged)
    if found is None:
        return "No other snapshot is intact."
    return f"Meanwhile, web workers serve the intact snapshot {found.id}."


def _scan(snapshot: Snapshot) -> Finding:
    """Whether the compiled scan can answer, or only SQL."""
    try:
        CodeFiles(snapshot)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        return Finding(
            "compiled scan",
            "warning",
            f"The codes cannot be used ({error}), so the slower SQL answers. Ingest again.",
        )
    if problem := distrust(folder_of(compiled.SOURCE)):
        return Finding(
            "compiled scan",
            "warning",
            f"The stored scan is not loaded, but compiled again by each worker. {problem}",
        )
    if not compiled.are_stored():
        return Finding(
            "compiled scan",
            "warning",
            "No compiled scan is stored beside the program. Each worker compiles it after its "
            "first request, which takes some 10 s, and answers with SQL until then.",
        )
    return Finding("compiled scan", "ok", "The snapshot has codes, and the scan is compiled.")


def _older(warehouse: Warehouse) -> Finding:
    """Whether every kept snapshot can be read; checking their checksums would take too long."""
    name = "kept snapshots"
    try:
        faults = warehouse.unreadable()
        schemas = [manifest.schema_version for manifest in warehouse.list()]
    except IntegrityError as error:
        return Finding(name, "damaged", str(error))
    if faults:
        faults_found = " ".join(faults.values())
        return Finding(name, "damaged", f"{faults_found} Until then, no snapshot is removed.")
    servable = schemas.count(SCHEMA_VERSION)
    message = f"{servable} available for `patroliq snapshots rollback`."
    if others := len(schemas) - servable:
        message += f" {others} of another schema version cannot be served."
    return Finding(name, "ok", message)


def _cited(warehouse: Warehouse, settings: Settings) -> Iterator[Finding]:
    """Whether what people's work cites is there; no finding where others say why it is unknown."""
    try:
        cited = kept_snapshots(settings)
        known = {manifest.id for manifest in warehouse.list()}
    except PatrolIQError:
        return
    if cited is None:
        return
    name = "cited snapshots"
    if missing := sorted(cited - known):
        shown = ", ".join(missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        yield Finding(
            name,
            "warning",
            f"Plans, briefings, open alerts or champions cite {shown}{more}, not in "
            f"{warehouse.home / 'snapshots'}: their data cannot be shown as it was. Copies of the "
            "state alone are newer than the snapshots of their backup; a later whole backup may "
            "have them.",
        )
    else:
        yield Finding(name, "ok", f"{len(cited)} snapshots are cited; all are there.")


def _models(home: Path) -> Finding:
    """Whether the model files that web workers use can be read."""
    faults = []
    for read in (read_index, champion_versions):
        try:
            read(home)
        except IntegrityError as error:
            faults.append(str(error))
    if faults:
        return Finding("models", "damaged", " ".join(faults))
    return Finding("models", "ok", "The index and every champion can be read.")


def _layers(store: LayerStore) -> Finding:
    """Whether every layer matches its checksums."""
    name = "layers"
    try:
        infos = store.infos()
    except DamagedError as error:
        return Finding(name, "damaged", str(error))
    wrong = [str(path) for info in infos if info.checksums for path in store.changed(info)]
    if wrong:
        return Finding(
            name, "damaged", f"Missing, new or changed: {', '.join(wrong)}. {MEND_LAYER}"
        )
    unverified = [info.id for info in infos if not info.checksums]
    if unverified:
        return Finding(
            name,
            "warning",
            f"No checksums of {', '.join(unverified)}: an earlier version added them. {MEND_LAYER}",
        )
    return Finding(name, "ok", f"{len(infos)} layers; every file matches its checksum.")


def _feeds(settings: Settings) -> Finding:
    """What `patroliq sync` could not read or load, until a run or the file is right."""
    name = "feeds"
    try:
        with closing(State(settings)) as state:
            troubles = [*FeedState(state).troubles(), *failed_files(state)]
    except PatrolIQError as error:
        return Finding(name, "failed", str(error))
    if troubles:
        return Finding(name, "warning", " ".join(troubles))
    return Finding(name, "ok", "No feed failed at its last run.")


def _champions(warehouse: Warehouse, settings: Settings) -> Finding:
    """Whether everything derived from the champion decisions agrees with them."""
    with closing(State(settings)) as state:
        holding = Champions(state, settings).holding()
    wrong = {
        "champion.json": outdated_pointers(warehouse.home, holding),
        "the index": _not_in_index(warehouse.home, holding),
        "the labels": _not_labeled(warehouse, holding),
    }
    places = [
        f"{what} of {', '.join(f'{one.model} {one.version}' for one in found)}"
        for what, found in wrong.items()
        if found
    ]
    if not places:
        return Finding("champions", "ok", f"{len(holding)} champions; all files agree.")
    return Finding(
        "champions",
        "warning",
        f"Decided, but not yet in {'; '.join(places)}. Run `patroliq doctor --repair`.",
    )


def _not_in_index(home: Path, holding: Mapping[str, ChampionDecision]) -> list[ChampionDecision]:
    try:
        rows = read_index(home)["versions"]
    except IntegrityError:
        return []  # `_models` reports it
    marked = {(row.get("name"), row.get("version")) for row in rows if row.get("champion")}
    return [one for one in holding.values() if (one.model, one.version) not in marked]


def _not_labeled(
    warehouse: Warehouse, holding: Mapping[str, ChampionDecision]
) -> list[ChampionDecision]:
    try:
        current = warehouse.current()
    except IntegrityError:
        return []  # `_snapshot` reports it
    if current is None:
        return []
    bundles = []
    for one in holding.values():
        with suppress(PatrolIQError):
            bundles.append(Bundle.load(version_folder(warehouse.home, one.model, one.version)))
    return [holding[bundle.name] for bundle in unlabeled(current.manifest, bundles)]


def _harm(manifest: Manifest) -> Finding:
    codes = manifest.without_harm
    if not codes:
        return Finding("harm weights", "ok", "Every code in the data has an offense class.")
    incidents = sum(int(code.get("incidents", 0)) for code in codes)
    shown = ", ".join(str(code.get("code") or code.get("type") or "?") for code in codes[:10])
    more = f" and {len(codes) - 10} more" if len(codes) > 10 else ""
    return Finding(
        "harm weights",
        "warning",
        f"{len(codes)} codes ({incidents:,} incidents) have no offense class and no harm weight: "
        f"{shown}{more}. Add them to your tables (PATROLIQ_TABLES) and ingest again.",
    )


def _sensitive(snapshot: Snapshot, settings: Settings) -> Finding:
    """Whether the table of sensitive offenses fits the data."""
    name = "sensitive offenses"
    try:
        rules = read_sensitive(find_table(SENSITIVE, settings.own_tables))
        with closing(SnapshotReader(snapshot, settings)) as reader:
            counts = count_sensitive(rules, reader, Vocabulary.of(reader))
    except DamagedError as error:
        return Finding(name, "damaged", str(error))
    except InputError as error:
        return Finding(name, "failed", f"{error} Readers below analyst see nothing until then.")
    lacking = sum(not count for count in counts.values())
    if lacking == len(counts):
        return Finding(
            name,
            "warning",
            f"No incident is among the sensitive offenses of {SENSITIVE}, so none is kept from "
            "readers below analyst. Name those of your data in your tables (PATROLIQ_TABLES).",
        )
    shown = "; ".join(f"{text[:60]} ({count:,})" for text, count in counts.items() if count)
    return Finding(
        name,
        "ok",
        f"Kept from readers below analyst: {shown}. The data has no incident of {lacking} "
        "further rows.",
    )


def _default_addresses(snapshot: Snapshot, settings: Settings) -> Finding:
    """Whether places stand out that may be default addresses."""
    name = "default addresses"
    try:
        decided = decided_addresses(snapshot.manifest, settings)
        with closing(SnapshotReader(snapshot, settings)) as reader:
            found = address_proposals(reader, *decided)
    except DamagedError as error:
        return Finding(name, "damaged", str(error))
    except InputError as error:  # a table is missing or not valid
        return Finding(name, "warning", str(error))
    if not found:
        return Finding(name, "ok", "No place stands out that is not decided on.")
    shown = "; ".join(
        f"{one.lat},{one.lon} ({one.incidents:,} incidents, mostly "
        f"{one.types[0][0] or 'of unknown location type'})"
        for one in found[:3]
    )
    more = f"; {len(found) - 3} more" if len(found) > 3 else ""
    return Finding(
        name,
        "warning",
        f"{len(found)} places may be default addresses: {shown}{more}. See `patroliq addresses "
        "list`, then accept or decline each.",
    )
