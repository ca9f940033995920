"""Our stylesheets and scripts as three files, each named by its content.

A file of its own costs more than half of these in headers, and a turn on each of the browser's few
connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from components.frame.stylesheets import ASSETS, IN_HEAD, ORDER

ICON = re.compile(r'url\("\.\./icons/(\w+\.svg)"\)')


@dataclass(frozen=True)
class JoinedFile:
    """One file made of several; `kind` is css or js."""

    name: str
    kind: str
    text: str

    @cached_property
    def content(self) -> bytes:
        return self.text.encode()

    @cached_property
    def address(self) -> str:
        """Where it is served, by its content."""
        return f"/bundles/{self.name}-{sha256(self.content).hexdigest()[:16]}.{self.kind}"


def styles() -> JoinedFile:
    """Bootstrap's stylesheet, then ours in their order, with their icons inside."""
    ours = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in ORDER)
    return JoinedFile("styles", "css", f"{_bootstrap()}\n{ICON.sub(_inline, ours)}")


def head() -> JoinedFile:
    """Scripts that run before the page is drawn: the theme, and what loads the largest scripts."""
    return JoinedFile("head", "js", _joined(ASSETS / name for name in IN_HEAD))


def scripts() -> JoinedFile:
    """All other scripts, by folder and name."""
    named = [ASSETS / name for name in IN_HEAD]
    files = sorted(path for path in (*ASSETS.glob("frame/*.js"), *ASSETS.glob("pages/*.js")))
    return JoinedFile("scripts", "js", _joined(path for path in files if path not in named))


def _joined(files: Iterable[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _inline(found: re.Match[str]) -> str:
    icon = (ASSETS / "icons" / found[1]).read_text(encoding="utf-8").strip()
    return f'url("data:image/svg+xml,{quote(icon, safe=" /:=;,()")}")'


def _bootstrap() -> str:
    """The file of Bootstrap-Flask, so that no content network is used.

    Raises
    ------
    FileNotFoundError
        The package is not installed.
    """
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Bootstrap-Flask is not installed; run `make install`.")
    folder = Path(spec.origin).parent / "static" / "bootstrap5" / "css"
    return (folder / "bootstrap.min.css").read_text(encoding="utf-8")
