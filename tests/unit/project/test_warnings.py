"""Warnings are errors: a filter names one message of one module, and only of third parties."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

OURS = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} | {"sql", "app"}


def filters(path: Path) -> Iterator[str]:
    """Filters in a test file: those of marks as written, and the name of what filters in code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = node.func.attr
        if name == "filterwarnings" and ast.unparse(node.func.value) == "pytest.mark":
            yield from (str(ast.literal_eval(given)) for given in node.args)
        elif name in {"filterwarnings", "simplefilter"}:
            action = node.args[0] if node.args else node.keywords[0].value
            if not (isinstance(action, ast.Constant) and action.value in {"error", "always"}):
                yield ast.unparse(node)


def is_narrow(given: str) -> bool:
    """Whether a filter names a message, a category and a module of somebody else."""
    if given == "error":
        return True
    fields = [part.strip() for part in given.split(":")]
    if len(fields) < 4 or not all(fields[:4]):
        return False
    _action, message, category, module = fields[:4]
    package = module.replace("\\", "").partition(".")[0]
    return message != ".*" and category not in {"Warning", "Exception"} and package not in OURS


@pytest.mark.parametrize(
    ("given", "narrow"),
    [
        ("error", True),
        ("ignore", False),
        ("ignore::DeprecationWarning", False),
        ("ignore:is deprecated:DeprecationWarning", False),
        ("ignore:is deprecated::mlflow", False),
        ("ignore:is deprecated:Warning:mlflow", False),
        ("ignore:is deprecated:DeprecationWarning:analytics.training", False),
        (r"ignore:is deprecated:DeprecationWarning:mlflow\.store", True),
    ],
)
def test_a_filter_without_message_category_or_module_is_blanket(given: str, narrow: bool) -> None:
    assert is_narrow(given) is narrow


def test_no_filter_is_blanket() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    found = {"pyproject.toml": options["ini_options"]["filterwarnings"]}
    assert found["pyproject.toml"][0] == "error"
    for path in sorted((ROOT / "tests").rglob("*.py")):
        found[str(path.relative_to(ROOT))] = list(filters(path))
    blanket = {path: [one for one in given if not is_narrow(one)] for path, given in found.items()}
    assert not {path: given for path, given in blanket.items() if given}
