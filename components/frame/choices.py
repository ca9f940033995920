"""Selects: native ones, which open without the server and have a name for screen readers.

assets/frame/bus.js listens to those that are options of a page; assets/frame/pages.js shows in them
the options in the address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.frame.marks import data

Select = tuple[str, str, Mapping[str, str], str]
"""Name of the option, label, value → text, chosen value."""


def choices(selects: Sequence[Select]) -> list[Component]:
    """Selects whose entries and choice come with the page's answer, with labels beside them."""
    return [
        option_select(
            name,
            values,
            label,
            chosen=chosen,
            beside=True,
            key=f"{name}-{'-'.join(values)}-{chosen}",
        )
        for name, label, values, chosen in selects
    ]


def option_select(
    option: str,
    values: Mapping[str, str],
    label: str,
    *,
    chosen: str | None = None,
    beside: bool = False,
    **attributes: Any,
) -> html.Label:
    """A select that sets an option of its page.

    Parameters
    ----------
    values
        Value → words; without the option the `chosen` one is shown, by default the first.
    label
        Shown if it is `beside` the select, else for screen readers only.
    """
    name = html.Span(label, className=None if beside else "visually-hidden")
    return html.Label([name, select(values, chosen, **attributes, **data(option=option))])


def select(values: Mapping[str, str], chosen: str | None = None, **attributes: Any) -> html.Select:
    """A select alone, value → words."""
    return html.Select(entries(values, chosen), className="form-select small-select", **attributes)


def entries(values: Mapping[str, str], chosen: str | None = None) -> list[Component]:
    """The entries of a select."""
    return [
        html.Option(words, value=value, selected=None if chosen is None else value == chosen)
        for value, words in values.items()
    ]
