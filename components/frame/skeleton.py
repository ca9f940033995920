"""A page as plain HTML, sent with the address: frame and empty cards in their final places.

The browser shows it while the scripts load; they then put the live page in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from dash import dcc
from dash.development.base_component import Component

WITHOUT_END = frozenset({"br", "hr", "img", "input"})
INVISIBLE = (dcc.Store,)
KEPT = {"className": "class", "open": "open", "hidden": "hidden", "selected": "selected"}


def skeleton(layout: Component) -> str:
    """HTML of a layout: its words and classes, without ids, controls out of reach.

    Components that scripts draw, such as charts and maps, become empty boxes with their classes.
    """
    return f'<div inert aria-busy="true">{_html(layout)}</div>'


def _html(part: Any) -> str:
    if part is None or isinstance(part, INVISIBLE):
        return ""
    if not isinstance(part, Component):
        return "".join(map(_html, part)) if _is_list(part) else escape(str(part))
    if part._namespace != "dash_html_components":
        return _element("div", part, "")
    return _element(part._type.lower(), part, _html(getattr(part, "children", None)))


def _is_list(part: Any) -> bool:
    return isinstance(part, Sequence) and not isinstance(part, str)


def _element(tag: str, part: Component, inside: str) -> str:
    given = {own: getattr(part, name, None) for name, own in KEPT.items()}
    style = getattr(part, "style", None) or {}
    given["style"] = "; ".join(f"{name}: {value}" for name, value in style.items())
    said = "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in given.items()
        if value
    )
    return f"<{tag}{said}>" if tag in WITHOUT_END else f"<{tag}{said}>{inside}</{tag}>"
