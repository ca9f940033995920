"""Figures made while another thread imports pandas."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import plotly.graph_objects as go
import pytest
from _plotly_utils import optional_imports

from components.frame.half_imported import ignore_half_imported


@pytest.fixture
def half_imported_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `import pandas` in another thread leaves in `sys.modules` until it ends."""
    pandas = ModuleType("pandas")
    pandas.__spec__ = ModuleSpec("pandas", None)
    pandas.__spec__._initializing = True  # type: ignore[attr-defined] # what importlib sets
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    monkeypatch.setattr(optional_imports, "sys", sys)


@pytest.mark.usefixtures("half_imported_pandas")
def test_plotly_alone_fails_on_a_half_imported_module() -> None:
    with pytest.raises(AttributeError, match="Series"):
        go.Figure(layout={"colorway": ["red"]})


@pytest.mark.usefixtures("half_imported_pandas")
def test_a_half_imported_module_counts_as_absent() -> None:
    ignore_half_imported()
    figure = go.Figure(go.Scatter(x=np.arange(3), y=[1, 2, 3]), layout={"colorway": ["red"]})
    assert '"colorway":["red"]' in figure.to_json()


def test_a_whole_module_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional_imports, "sys", sys)
    ignore_half_imported()
    assert optional_imports.get_module("numpy", should_load=False) is np
    assert optional_imports.get_module("no_such_module", should_load=False) is None
