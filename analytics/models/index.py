"""What the registry holds, as one file that web workers read without importing MLflow."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.errors import IntegrityError

FILE = "index.json"


def write_index(
    home: Path, titles: Mapping[str, str], versions: Sequence[Mapping[str, Any]]
) -> None:
    """Write <home>/models/index.json in one step."""
    path = home / "models" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{FILE}.{secrets.token_hex(4)}")
    text = json.dumps({"titles": titles, "versions": versions}, ensure_ascii=False, default=str)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_index(home: Path) -> dict[str, Any]:
    """`titles` by name, and `versions`, newest first, with metrics, verdicts and refusals.

    Raises
    ------
    IntegrityError
        The file is damaged; `patroliq models list` writes it anew.
    """
    try:
        found: dict[str, Any] = json.loads((home / "models" / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"titles": {}, "versions": []}
    except ValueError as error:
        raise IntegrityError(
            f"{home / 'models' / FILE} is damaged; `patroliq models list` writes it anew."
        ) from error
    return found
