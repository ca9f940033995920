"""requirements.lock pins everything, and names no place to get it from."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests import ROOT

LINES = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> dict[str, Version]:
    found = {}
    for line in LINES:
        if line and not line.lstrip().startswith("#"):
            name, _, pinned = line.partition("==")
            found[canonicalize_name(name)] = Version(pinned)
    return found


def test_every_line_is_a_pin_or_a_comment() -> None:
    for line in LINES:
        assert not line or re.fullmatch(r"\s*#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line


def test_no_host_and_no_index_is_named() -> None:
    for name in ("requirements.lock", "package.json", "package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:/|--index|--find-links|--trusted|resolved", text), (
            name
        )


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    locked = pins()
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, wanted):
        pinned = locked.get(canonicalize_name(requirement.name))
        assert pinned is not None, requirement.name
        assert requirement.specifier.contains(pinned), f"{requirement} is locked at {pinned}"


def test_the_builder_is_pinned_too() -> None:
    assert "setuptools" in pins()
