"""Options of commands that limit what somebody, or a program, may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.errors import InputError

if TYPE_CHECKING:
    from analytics.access.reader import Precision, ScopeRules

selection_option = click.option(
    "--selection", default="", help="Filters that everything shown must match."
)
precision_option = click.option(
    "--precision",
    "precisions",
    multiple=True,
    metavar="FILTERS:PRECISION",
    help="How exactly incidents of these filters are shown: exact, block, beat or hidden.",
)


def rules_given(selection: str, precisions: tuple[str, ...]) -> ScopeRules:
    """The scope that the options say.

    Raises
    ------
    InputError
        A precision cannot be read.
    """
    from analytics.access.reader import ScopeRules

    return ScopeRules(selection, tuple(_precision(one) for one in precisions))


def _precision(text: str) -> tuple[str, Precision]:
    from analytics.access.reader import Precision

    filters, _, how = text.rpartition(":")
    if how not in {*Precision} or not filters:
        allowed = ", ".join(Precision)
        raise InputError(f"{text[:60]!r} is not valid: write filters, a colon, and {allowed}.")
    return filters, Precision(how)
