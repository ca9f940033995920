"""What the HTML's head loads: the theme, the charts, then our stylesheets, in their order."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ORDER = (
    "frame/tokens.css",
    "frame/shell.css",
    "frame/selection.css",
    "frame/ask.css",
    "frame/session.css",
    "frame/as_it_was.css",
    "pages/explore.css",
    "frame/bars-and-tables.css",
    "frame/map.css",
    "frame/narrow.css",
    "frame/print.css",
    "frame/estimates.css",
    "frame/jobs.css",
    "pages/hotspots.css",
    "pages/forecast.css",
    "pages/patrol.css",
    "pages/calls.css",
    "pages/models.css",
    "pages/explain.css",
    "pages/temporal.css",
    "pages/patterns.css",
    "pages/overview.css",
    "pages/responsible_use.css",
)
ALONE = (
    "alone/alerts.css",
    "alone/briefings.css",
    "alone/compstat.css",
    "alone/data.css",
    "alone/document.css",
    "alone/intervention.css",
    "alone/officer.css",
    "alone/series.css",
    "alone/sheet.css",
)
"""Those of documents of their own, which the frame does not load."""
THEME = "frame/theme.js"
LOAD_CHARTS = "frame/load_charts.js"
CHARTS = "vendor/charts.js"
LOADED_BY_NAME = r"(\.css|theme\.js|load_charts\.js)$"
"""Files that Dash must not load by itself, which it would do late and in alphabetical order."""
LOADED_BY_SCRIPT = ("vendor", "alone")
"""Folders of what our scripts load, or documents of their own."""


def addresses() -> list[str]:
    """Addresses of the stylesheets; `m` is the time of the last change, so browsers may cache."""
    return [_address(name) for name in ORDER]


def scripts(assets: Path) -> str:
    """HTML of the scripts in the head.

    The first names the theme before anything is drawn; the second starts to load the charts'
    script, if `make vendor` has built it.
    """
    theme = f'<script src="{_address(THEME)}"></script>'
    if not (assets / CHARTS).is_file():
        return theme
    source = _address(CHARTS, assets)
    return f'{theme}<script src="{_address(LOAD_CHARTS)}" data-source="{source}"></script>'


def _address(name: str, assets: Path = ASSETS) -> str:
    return f"/assets/{name}?m={(assets / name).stat().st_mtime}"
