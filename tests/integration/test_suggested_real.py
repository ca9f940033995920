"""What is proposed for the agencies' own files, compared with the bundled sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.suggest_scores import of_files

pytestmark = pytest.mark.real_data


def test_most_fields_are_right_and_none_is_wrong_without_a_warning(real_data: Path) -> None:
    scores = list(of_files(real_data))
    assert [one.name for one in scores if one.silent] == []
    assert sum(one.right for one in scores) >= 0.95 * sum(one.fields for one in scores)
