"""Our stylesheets in loading order: later ones override earlier ones."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ORDER = (
    "frame/tokens.css",
    "frame/shell.css",
    "frame/selection.css",
    "pages/explore.css",
    "frame/bars-and-tables.css",
    "frame/map.css",
    "frame/narrow.css",
    "frame/print.css",
    "frame/estimates.css",
    "frame/jobs.css",
    "pages/hotspots.css",
    "pages/models.css",
    "pages/explain.css",
    "pages/temporal.css",
    "pages/patterns.css",
    "pages/overview.css",
)
LOADED_BY_NAME = r"\.css$"
"""Files that Dash must not load by itself, which it would do in alphabetical order."""


def addresses() -> list[str]:
    """Addresses of the stylesheets; `m` is the time of the last change, so browsers may cache."""
    return [f"/assets/{name}?m={(ASSETS / name).stat().st_mtime}" for name in ORDER]
