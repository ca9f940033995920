"""The container file: pinned, from the lock, without secrets and rights; built where it can be."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import pytest

from analytics.cli import patroliq
from analytics.settings import Settings
from tests import ROOT

FILE = ROOT / "docs" / "container" / "Containerfile"
MISSING = "podman or a daemon of docker is missing"
NO_BASE = f"{MISSING}, or has no way to the base images"
SECRETS = re.compile("SECRET|PASSWORD|TOKEN|API_KEY")
HOME = "/var/lib/patroliq"


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of each instruction, without comments, lines joined."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (name, rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def of(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def test_base_images_are_pinned_by_version() -> None:
    for image in of("FROM"):
        assert re.fullmatch(r"docker\.io/library/\w+:\d+\.\d+\.\d+-[\w-]+( AS \w+)?", image)
    version = re.search(r"python:(\d+\.\d+)", of("FROM")[-1])
    assert version
    compiled = (ROOT / "requirements.lock").read_text().splitlines()[1]
    assert f"Python {version[1]}" in compiled  # hashes are of this one's wheels


def test_packages_come_from_the_lock_with_their_hashes_and_from_nowhere_else() -> None:
    installs = [run for run in of("RUN") if "pip install" in run]
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert {"--no-deps", "--no-index", "--no-build-isolation"} <= {*installs[1].split()}
    assert any("npm ci --ignore-scripts" in run for run in of("RUN"))
    assert not re.search(r"curl|wget|\bADD\b|--index-url|trusted-host", FILE.read_text())


def test_it_holds_no_secret_and_no_data() -> None:
    assert not of("ARG")
    assert not of("ADD")
    assert not SECRETS.search(" ".join(of("ENV")))
    copied = {word.rstrip("/") for line in of("COPY") for word in line.split()[:-1]}
    assert not copied & {".", "var", "tests", ".git", "docs"}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms <= copied | {"assets", "docs"}
    for name in copied - {"--from=charts", "/charts/built"}:
        assert (ROOT / name).exists(), name


def test_it_runs_without_rights_and_writes_to_its_volume_alone() -> None:
    assert of("USER") == ["10001:10001"]
    named = [name for name, _ in instructions()]
    assert named.index("USER") < named.index("ENTRYPOINT")
    assert "RUN" not in named[named.index("USER") :]
    assert of("VOLUME") == [HOME]
    settings = dict(word.split("=", 1) for line in of("ENV") for word in shlex.split(line))
    known = {f"PATROLIQ_{one.name.upper()}" for one in fields(Settings)}
    ours = {name: value for name, value in settings.items() if name.startswith("PATROLIQ_")}
    assert ours.keys() <= known
    read = Settings.from_environment(ours)
    assert read.home == Path(HOME)
    assert read.sign_in == "required"  # as it listens to all of the container's network
    assert settings["NUMBA_CACHE_DIR"].startswith(f"{HOME}/cache/")  # in no backup


def test_it_is_healthy_when_it_is_ready_and_starts_a_command_that_exists() -> None:
    (check,) = of("HEALTHCHECK")
    assert "/ready" in json.loads(check.partition("CMD ")[2])[-1]
    assert json.loads(of("ENTRYPOINT")[0]) == ["patroliq"]
    (start,) = map(json.loads, of("CMD"))
    assert patroliq.get_command(click.Context(patroliq), start[0]) is not None


def test_it_builds_and_says_its_version(tmp_path: Path) -> None:
    tool = builder()
    if tool is None:
        pytest.skip(MISSING)
    for image in of("FROM"):
        pulled = run(tool, "pull", "--quiet", image.partition(" ")[0])
        if pulled.returncode:
            pytest.skip(NO_BASE)
    built = run(tool, "build", "--file", str(FILE), "--tag", "patroliq-test", str(ROOT))
    assert built.returncode == 0, built.stderr[-2000:]
    options = ("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop=all")  # noqa: S108 - in the container
    asked = run(tool, *options, "patroliq-test", "doctor", "--json")
    assert "Python" in asked.stdout, asked.stderr


def builder() -> str | None:
    """Podman, or docker where its daemon answers."""
    if shutil.which("podman"):
        return "podman"
    has_docker = shutil.which("docker") and run("docker", "info").returncode == 0
    return "docker" if has_docker else None


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=1500)
