"""The locks pin everything, and name no place to get it from."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests import ROOT

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
SCRIPTS = ("vendor", "bench/mosaic")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked(name: str) -> dict[str, tuple[Version, int]]:
    """Pinned version and number of hashes by package."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            package, _, rest = line.partition("==")
            pinned, *hashes = rest.split()
            assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", each) for each in hashes), line
            found[canonicalize_name(package)] = (Version(pinned), len(hashes))
    return found


@pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    assert len(locked(name)) > 50
    assert [package for package, (_, hashes) in locked(name).items() if not hashes] == []


def test_no_host_and_no_index_is_named() -> None:
    for name in (RUNTIME, DEVELOPMENT, *(f"{folder}/package.json" for folder in SCRIPTS)):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:/|--index|--find-links|--trusted", text), name
    for folder in SCRIPTS:
        text = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
        assert "resolved" not in text, folder


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    extra = PROJECT["optional-dependencies"]["dev"]
    for name, wanted in (
        (RUNTIME, PROJECT["dependencies"]),
        (DEVELOPMENT, [*PROJECT["dependencies"], *extra]),
    ):
        pinned = locked(name)
        for requirement in map(Requirement, wanted):
            package = canonicalize_name(requirement.name)
            assert package in pinned, requirement.name
            version, _ = pinned[package]
            assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


def test_both_locks_pin_the_same_versions() -> None:
    runtime, development = locked(RUNTIME), locked(DEVELOPMENT)
    assert {name: development[name][0] for name in runtime} == {
        name: version for name, (version, _) in runtime.items()
    }


def test_only_what_runs_is_in_the_runtime_lock() -> None:
    unused = {"pytest", "mypy", "ruff", "playwright", "locust", "torch"}
    assert not unused & locked(RUNTIME).keys()


def test_the_builder_is_pinned_too() -> None:
    assert "setuptools" in locked(RUNTIME)


def test_everything_imported_is_declared() -> None:
    """What a room imports is a dependency by name, not one that another package brings."""
    declared = {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]}
    development = declared | {
        canonicalize_name(Requirement(one).name) for one in PROJECT["optional-dependencies"]["dev"]
    }
    ours = {"analytics", "api", "app", "bench", "callbacks", "components", "docs", "jobs", "sql"}
    ours |= {"security", "tests"}
    carried = {"_plotly_utils": "plotly", "gevent": "locust"}  # private parts of these
    providers = {**packages_distributions(), **{name: [of] for name, of in carried.items()}}
    extras = {  # file → what it alone imports, and of which extra
        "analytics/forecasting/demand/lstm_network.py": ("torch", "lstm"),
        "analytics/cluster/connection.py": ("distributed", "cluster"),
        "analytics/cluster/row_segments.py": ("distributed", "cluster"),
        "analytics/cluster/worker_snapshots.py": ("distributed", "cluster"),
        "analytics/cluster/worker_start.py": ("distributed", "cluster"),
    }
    for path, (module, extra) in extras.items():
        assert module in imported(ROOT / path)
        (requirement,) = map(Requirement, PROJECT["optional-dependencies"][extra])
        assert requirement.name == module
    for folder in ("analytics", "api", "callbacks", "components", "jobs", "security", "bench"):
        allowed = development if folder == "bench" else declared
        for path in (ROOT / folder).rglob("*.py"):
            optional = {*extras.get(str(path.relative_to(ROOT)), ())}
            for name in imported(path) - ours - optional - set(sys.stdlib_module_names):
                found = {canonicalize_name(each) for each in providers.get(name, [])}
                assert found & allowed, f"{path.relative_to(ROOT)} imports {name}: not declared"


def imported(path: Path) -> set[str]:
    """Top-level names of the modules a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
