"""Co-occurrence counts of the codes of two features, which suffice for their covariance."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from analytics.patterns.features import Codes

Ints = npt.NDArray[np.int64]


def cooccurrence(codes: Codes, sizes: Ints) -> dict[tuple[int, int], Ints]:
    """Incidents by the codes of each pair of features.

    Parameters
    ----------
    codes : uint16 array of shape (features, incidents)
        Contiguous: a row per feature.
    sizes : int array of shape (features,)
        Number of codes of each feature.

    Returns
    -------
    dict
        (first, second) with first < second → array of shape (codes of first, codes of second).
    """
    pairs = [(one, other) for one in range(len(sizes)) for other in range(one + 1, len(sizes))]
    lengths = [int(sizes[one] * sizes[other]) for one, other in pairs]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    counts = _count(codes, sizes.astype(np.int64), starts)
    return {
        pair: counts[start : start + length].reshape(sizes[pair[0]], sizes[pair[1]])
        for pair, start, length in zip(pairs, starts[:-1].tolist(), lengths, strict=True)
    }


@nb.njit(cache=True, nogil=True)
def _count(codes: Codes, sizes: Ints, starts: Ints) -> Ints:  # pragma: no cover - compiled
    counts = np.zeros(starts[-1], np.int64)
    pair = 0
    for one in range(len(sizes)):
        for other in range(one + 1, len(sizes)):
            start, size = starts[pair], sizes[other]
            pair += 1
            for at in range(codes.shape[1]):
                counts[start + codes[one, at] * size + codes[other, at]] += 1
    return counts
