"""Hide half-imported modules from Plotly.

Plotly looks up pandas in `sys.modules` at every value it checks. While another thread imports
scikit-learn or statsmodels, pandas is there without its classes, and a figure made then fails
(plotly.py issue 2433). Here such a module counts as absent.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from _plotly_utils import optional_imports


class _Imported:
    """`sys.modules` without modules that are still being imported."""

    @staticmethod
    def get(name: str, default: ModuleType | None = None) -> ModuleType | None:
        module = sys.modules.get(name, default)
        spec = getattr(module, "__spec__", None)
        return default if getattr(spec, "_initializing", False) else module


def ignore_half_imported() -> None:
    """Show Plotly only completely imported modules."""
    optional_imports.sys = SimpleNamespace(modules=_Imported)
