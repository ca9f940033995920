"""What a form of a page asks the server to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flask import request

from analytics.errors import InputError

Act = TypeVar("Act")


def chosen_act(acts: Mapping[str, Act], name: str | None = None) -> Act:
    """The act of a name, by default that of the form's field `action`.

    Raises
    ------
    InputError
        The page has no such form.
    """
    act = acts.get(request.form.get("action", "") if name is None else name)
    if act is None:
        raise InputError("The form is not one of this page.")
    return act
