"""Storage of estimators through skops with a fixed list of trusted types, never as pickles.

Unpickling runs code that the file chooses; skops only builds objects of trusted types.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from analytics.errors import IntegrityError

TRUSTED = (
    # Part of HistGradientBoosting; skops trusts all other types we use.
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "analytics.forecasting.learned.BoostedPoissonRegressor",
)
FILE = "model.skops"


def dump_estimator(estimator: Any, path: Path) -> None:
    """Write an estimator, and refuse one with types that are not trusted.

    Raises
    ------
    IntegrityError
        It holds a type that is not on the list.
    """
    from skops.io import dump  # noqa: PLC0415 - loads scikit-learn

    dump(estimator, path)
    try:
        _check(path)
    except IntegrityError:
        path.unlink()
        raise


def _check(path: Path) -> None:
    from skops.io import get_untrusted_types  # noqa: PLC0415 - loads scikit-learn

    if not zipfile.is_zipfile(path):
        raise IntegrityError(f"{path} is not a skops file; pickles are never loaded.")
    try:
        untrusted = sorted(set(get_untrusted_types(file=path)) - {*TRUSTED})
    except (KeyError, ValueError, TypeError) as error:
        raise IntegrityError(f"{path} is not a skops file: {error}") from error
    if untrusted:
        raise IntegrityError(f"{path} holds types that are not trusted: {', '.join(untrusted)}.")
