"""What `patroliq doctor` looks at. Each check says what is so, and what to do where it is wrong."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from analytics import private
from analytics.address import require_loopback
from analytics.artifacts.bundle import Bundle, champion_versions, version_folder
from analytics.artifacts.champions import ChampionDecision, Champions, outdated_pointers
from analytics.artifacts.index import read_index
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.errors import DamagedError, IntegrityError, PatrolIQError
from analytics.incidents.intact import newest_intact
from analytics.incidents.manifest import Manifest
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.champion_labels import unlabeled
from analytics.settings import PREFIX, Settings
from analytics.state import HEAD, State
from analytics.state_file import StateFile

Status = Literal["ok", "warning", "failed", "damaged"]

FEWEST_FREE_BYTES = 2 * 1024**3
NOT_SETTINGS = ("PATROLIQ_REAL_DATA", "PATROLIQ_BENCH_HOME")  # read by the tests and by bench
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Check:
    """`damaged` is stored data that cannot be trusted; `failed` keeps the app from working."""

    name: str
    status: Status
    message: str


def diagnose(settings: Settings, root: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    """All checks, one after the other. `root` is the folder of app.py."""
    yield _python()
    yield _packages(root / "requirements.lock")
    yield _settings(settings, environment)
    yield _strict_bundle(root)
    yield _tool("npm", ("npm",), "`make install` cannot fetch the charts' strict script.")
    yield _tool("chromium", CHROMIUM, "Browser tests cannot run.")
    yield _home(settings.home)
    yield _private(settings.home)
    state = _state(settings)
    yield state
    warehouse = Warehouse(settings.home)
    yield from _data(warehouse)
    if state.status == "ok" and (settings.state_url or StateFile(settings.home).path.exists()):
        yield _champions(warehouse, settings)


def _python() -> Check:
    return Check("python", "ok", f"Python {'.'.join(map(str, sys.version_info[:3]))}.")


def _packages(lock: Path) -> Check:
    if not lock.exists():
        return Check("packages", "warning", "There is no requirements.lock to compare with.")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    wrong = []
    for name, pinned in pins:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != pinned:
            wrong.append(f"{name} is {found}, locked {pinned}")
    if wrong:
        return Check("packages", "warning", f"{'; '.join(wrong)}. Run `make install`.")
    return Check("packages", "ok", f"{len(pins)} packages are as locked.")


def _settings(settings: Settings, environment: Mapping[str, str]) -> Check:
    known = {PREFIX + setting.name.upper() for setting in fields(settings)} | {*NOT_SETTINGS}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        return Check("settings", "warning", f"No such setting: {', '.join(unknown)}.")
    try:
        require_loopback(settings.host)
    except PatrolIQError as error:
        return Check("settings", "failed", str(error))
    return Check("settings", "ok", "All settings are known.")


def _strict_bundle(root: Path) -> Check:
    if (root / "assets" / "vendor" / "plotly-strict.min.js").is_file():
        return Check("content policy", "ok", "The charts' strict script is there; no eval.")
    return Check(
        "content policy",
        "warning",
        "The charts' strict script is missing, so the content policy admits 'unsafe-eval'. "
        "Install npm and run `make install`.",
    )


def _tool(name: str, programs: tuple[str, ...], without: str) -> Check:
    found = next((path for program in programs if (path := shutil.which(program))), None)
    return (
        Check(name, "ok", f"{found}.") if found else Check(name, "warning", f"Missing. {without}")
    )


def _home(home: Path) -> Check:
    nearest = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    unwritable = [
        str(folder)
        for folder in (nearest, home / "snapshots", home / "raw", home / "outlines", home / "cache")
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK)
    ]
    if unwritable:
        return Check("home folder", "failed", f"Cannot write to {', '.join(unwritable)}.")
    free = shutil.disk_usage(nearest).free
    message = f"{home.absolute()}, {free / 1024**3:.1f} GiB free."
    if free < FEWEST_FREE_BYTES:
        return Check("home folder", "warning", f"{message} An ingest may not fit.")
    return Check("home folder", "ok", message)


def _private(home: Path) -> Check:
    found = list(private.open_to_others(home))
    if not found:
        return Check("privacy", "ok", "Only this user can read the home folder.")
    return Check(
        "privacy",
        "warning",
        f"Other users of this machine can read or enter {home.absolute()} ({len(found):,} files "
        f"and folders). Close it: chmod -R go= {shlex.quote(str(home.absolute()))}",
    )


def _state(settings: Settings) -> Check:
    file = StateFile(settings.home)
    if not settings.state_url and file.trouble:
        return Check("state database", "damaged", file.trouble)
    if not settings.state_url and not file.path.exists():
        return Check("state database", "ok", "Not made yet; it is at first use.")
    try:
        found = State(settings).version()
    except Exception as error:
        return Check("state database", "damaged", f"It does not open: {error}")
    if found != HEAD:
        return Check("state database", "warning", f"At migration {found}, this program at {HEAD}.")
    return Check("state database", "ok", f"At migration {found}.")


def _data(warehouse: Warehouse) -> Iterator[Check]:
    yield from _snapshot(warehouse)
    yield _older(warehouse)
    yield _models(warehouse.home)


def _snapshot(warehouse: Warehouse) -> Iterator[Check]:
    current = ""
    try:
        current = warehouse.current_id() or ""
        snapshot = warehouse.current()
        if snapshot is None:
            yield Check(
                "snapshot", "warning", "No data yet; run `patroliq ingest` or `patroliq demo`."
            )
            return
        warehouse.verify(snapshot)
    except DamagedError as error:
        yield Check("snapshot", "damaged", f"{error} {_meanwhile(warehouse, current)}")
        return
    except IntegrityError as error:  # of another schema version
        yield Check("snapshot", "damaged", str(error))
        return
    manifest = snapshot.manifest
    synthetic = ", synthetic" if manifest.source.synthetic else ""
    yield Check(
        "snapshot",
        "ok",
        f"{snapshot.id}: {manifest.incidents:,} incidents of {manifest.source.title}{synthetic}, "
        f"{manifest.first} to {manifest.last}; every file matches its checksum.",
    )
    yield _scan(snapshot)
    yield _harm(manifest)


def _meanwhile(warehouse: Warehouse, damaged: str) -> str:
    """What web workers do while the current snapshot is damaged."""
    if not damaged:
        return "Nothing is served until then."
    found = newest_intact(warehouse, damaged)
    if found is None:
        return "No other snapshot is intact."
    return f"Web workers serve snapshot {found.id} meanwhile, which is intact."


def _scan(snapshot: Snapshot) -> Check:
    """Whether the compiled scan can answer, or SQL has to."""
    try:
        CodeFiles(snapshot)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        return Check(
            "compiled scan",
            "warning",
            f"SQL answers, which is slower: the codes cannot be used ({error}). Ingest again.",
        )
    if not compiled.are_stored():
        return Check(
            "compiled scan",
            "warning",
            "It is not compiled beside the program. Each worker compiles it after its first "
            "request, some 10 s, and answers with SQL until then.",
        )
    return Check("compiled scan", "ok", "The snapshot has codes, and the scan is compiled.")


def _older(warehouse: Warehouse) -> Check:
    """Whether every kept snapshot can be read; their files are not compared, which takes long."""
    name = "kept snapshots"
    try:
        faults = warehouse.unreadable()
        count = len(warehouse.list())
    except IntegrityError as error:
        return Check(name, "damaged", str(error))
    if faults:
        said = " ".join(faults.values())
        return Check(name, "damaged", f"{said} Until then nothing old is removed.")
    return Check(name, "ok", f"{count} for `patroliq snapshots rollback`.")


def _models(home: Path) -> Check:
    """Whether what web workers read of models can be read."""
    faults = []
    for read in (read_index, champion_versions):
        try:
            read(home)
        except IntegrityError as error:
            faults.append(str(error))
    if faults:
        return Check("models", "damaged", " ".join(faults))
    return Check("models", "ok", "The index and every champion can be read.")


def _champions(warehouse: Warehouse, settings: Settings) -> Check:
    """Whether all that is derived from the decisions on champions says what was decided."""
    with closing(State(settings)) as state:
        holding = Champions(state, settings).holding()
    wrong = {
        "champion.json": outdated_pointers(warehouse.home, holding),
        "the index": _not_in_index(warehouse.home, holding),
        "the labels": _not_labeled(warehouse, holding),
    }
    told = [
        f"{what} of {', '.join(f'{one.model} {one.version}' for one in found)}"
        for what, found in wrong.items()
        if found
    ]
    if not told:
        return Check("champions", "ok", f"{len(holding)} decided, and all files say the same.")
    return Check(
        "champions",
        "warning",
        f"Decided, but not yet in {'; '.join(told)}. `patroliq doctor --repair` completes it.",
    )


def _not_in_index(home: Path, holding: Mapping[str, ChampionDecision]) -> list[ChampionDecision]:
    try:
        rows = read_index(home)["versions"]
    except IntegrityError:
        return []  # told elsewhere
    marked = {(row.get("name"), row.get("version")) for row in rows if row.get("champion")}
    return [one for one in holding.values() if (one.model, one.version) not in marked]


def _not_labeled(
    warehouse: Warehouse, holding: Mapping[str, ChampionDecision]
) -> list[ChampionDecision]:
    try:
        current = warehouse.current()
    except IntegrityError:
        return []  # told elsewhere
    if current is None:
        return []
    bundles = []
    for one in holding.values():
        with suppress(PatrolIQError):
            bundles.append(Bundle.load(version_folder(warehouse.home, one.model, one.version)))
    return [holding[bundle.name] for bundle in unlabeled(current.manifest, bundles)]


def _harm(manifest: Manifest) -> Check:
    codes = manifest.without_harm
    if not codes:
        return Check("harm weights", "ok", "Every code in the data has an offense class.")
    incidents = sum(int(code.get("incidents", 0)) for code in codes)
    shown = ", ".join(str(code.get("code") or code.get("type") or "?") for code in codes[:10])
    more = f" and {len(codes) - 10} more" if len(codes) > 10 else ""
    return Check(
        "harm weights",
        "warning",
        f"{len(codes)} codes ({incidents:,} incidents) have no offense class and weigh nothing: "
        f"{shown}{more}. Add them to your tables (PATROLIQ_TABLES) and ingest again.",
    )
