"""Methods that need a package of an extra, which may not be installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from analytics.errors import InputError

EXTRA_MODULES: Mapping[str, str] = {"lstm": "torch"}
"""Method → the module that it needs, of the extra with the method's name."""


def is_available(method: str) -> bool:
    """Whether all that a method needs is installed; nothing is imported."""
    module = EXTRA_MODULES.get(method)
    return module is None or find_spec(module) is not None


def require_extra(method: str) -> None:
    """Check that all that a method needs is installed.

    Raises
    ------
    InputError
        It is not.
    """
    if not is_available(method):
        raise InputError(
            f"{method} needs the extra {method!r} ({EXTRA_MODULES[method]}), which is not installed"
            f": pip install '.[{method}]' in the project's folder."
        )
