"""The registry of pages."""

from __future__ import annotations

import subprocess
import sys

from tests import ROOT

PROGRAM = """
import sys
import callbacks
from dash.development.base_component import ComponentRegistry
from importlib import import_module
from callbacks.frame.pages import PAGES
known = set(ComponentRegistry.registry)
for one in PAGES:
    import_module(f"callbacks.{one.page.key}.answer")
print(sorted(set(ComponentRegistry.registry) - known))
"""


def test_no_page_brings_a_component_library_that_the_start_did_not_load() -> None:
    """Dash answers 500 to a callback in which one is imported first."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
