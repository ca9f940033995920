"""t-SNE: a map on which near incidents are alike; sizes of and gaps between groups say nothing.

References
----------
van der Maaten & Hinton (2008), Visualizing data using t-SNE, JMLR 9; Linderman et al. (2019), Fast
interpolation-based t-SNE, Nature Methods 16; Kobak & Berens (2019), The art of using t-SNE for
single-cell transcriptomics, Nature Communications 10 (started from principal components, learning
rate n/12); Poličar, Stražar & Zupan (2024), openTSNE, Journal of Statistical Software 109.
"""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

EXAGGERATED, ITERATIONS = 250, 500
IN_SPACE = (100, 200)
"""The same for three axes, where each step takes far longer: no interpolation there."""
INTERPOLATED = 10_000
"""Incidents from which interpolation is the faster one: 4,000 take 29 s by it, 7 s by a tree."""


def embed_tsne(features: Floats, *, axes: int, perplexity: float, seed: int) -> Floats:
    """Places of incidents, shape (incidents, axes).

    Parameters
    ----------
    features : array of shape (incidents, columns)
    perplexity : float
        How many incidents count as near, smoothly; at most a third of them.
    """
    from openTSNE import TSNE  # noqa: PLC0415 - training only
    from openTSNE.affinity import PerplexityBasedNN  # noqa: PLC0415

    # openTSNE takes -1 for all processors of the machine, and never asks what OpenMP may have.
    allowed = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    jobs = int(allowed) if allowed.isdigit() else len(os.sched_getaffinity(0))
    near = PerplexityBasedNN(
        features,
        perplexity=min(perplexity, (len(features) - 1) / 3),
        method="exact",
        random_state=seed,
        n_jobs=jobs,
    )
    exaggerated, iterations = (EXAGGERATED, ITERATIONS) if axes == 2 else IN_SPACE
    interpolated = axes == 2 and len(features) >= INTERPOLATED
    fitted = TSNE(
        n_components=axes,
        initialization="pca",
        negative_gradient_method="fft" if interpolated else "bh",
        early_exaggeration_iter=exaggerated,
        n_iter=iterations,
        random_state=seed,
        n_jobs=jobs,
    ).fit(features, affinities=near)
    return np.asarray(fitted, dtype=np.float32)
