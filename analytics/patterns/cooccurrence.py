"""How often two codes of two facts meet: all that covariances of features need."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from analytics.patterns.features import Codes

Ints = npt.NDArray[np.int64]


def meetings(facts: Codes, sizes: Ints) -> dict[tuple[int, int], Ints]:
    """Tables of counts by pair of facts, the first of which comes first.

    Parameters
    ----------
    facts : uint16 array of shape (facts, incidents)
        Contiguous; the transpose of codes.
    sizes : int array of shape (facts,)
        How many codes each fact has.

    Returns
    -------
    dict
        Pair of facts → array of shape (codes of the first, codes of the second).
    """
    pairs = [(one, other) for one in range(len(sizes)) for other in range(one + 1, len(sizes))]
    lengths = [int(sizes[one] * sizes[other]) for one, other in pairs]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    counts = _count(facts, sizes.astype(np.int64), starts)
    return {
        pair: counts[start : start + length].reshape(sizes[pair[0]], sizes[pair[1]])
        for pair, start, length in zip(pairs, starts[:-1].tolist(), lengths, strict=True)
    }


@nb.njit(cache=True, nogil=True)
def _count(facts: Codes, sizes: Ints, starts: Ints) -> Ints:  # pragma: no cover - compiled
    counts = np.zeros(starts[-1], np.int64)
    pair = 0
    for one in range(len(sizes)):
        for other in range(one + 1, len(sizes)):
            start, size = starts[pair], sizes[other]
            pair += 1
            for at in range(facts.shape[1]):
                counts[start + facts[one, at] * size + facts[other, at]] += 1
    return counts
