"""Plotly must not meet a module that another thread is still importing.

It asks `sys.modules` for pandas at every value it checks. While a thread imports scikit-learn or
statsmodels, pandas is there without its classes, and a figure made then fails (plotly.py issue
2433). Here such a module counts as absent, as it was a moment before.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from _plotly_utils import optional_imports


class _Imported:
    """`sys.modules` without those whose import has not ended."""

    @staticmethod
    def get(name: str, default: ModuleType | None = None) -> ModuleType | None:
        module = sys.modules.get(name, default)
        spec = getattr(module, "__spec__", None)
        return default if getattr(spec, "_initializing", False) else module


def ignore_half_imported() -> None:
    """Have Plotly see only modules whose import has ended."""
    optional_imports.sys = SimpleNamespace(modules=_Imported)
