"""t-SNE embedding: neighbors are similar; sizes of clusters and gaps between them mean nothing.

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
ITERATIONS_3D = (100, 200)
"""The same for three axes, where each step takes far longer, as there is no interpolation."""
INTERPOLATED = 10_000
"""Incidents from which interpolation is faster: with 4,000 it takes 29 s, a tree 7 s."""


def embed_tsne(features: Floats, *, axes: int, perplexity: float, seed: int) -> Floats:
    """Coordinates of incidents, shape (incidents, axes).

    Parameters
    ----------
    features : array of shape (incidents, columns)
    perplexity : float
        Effective number of neighbors, at most a third of the incidents.
    """
    from openTSNE import TSNE  # noqa: PLC0415 - training only
    from openTSNE.affinity import PerplexityBasedNN  # noqa: PLC0415

    # With -1 openTSNE uses all processors of the machine and ignores OMP_NUM_THREADS.
    allowed = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    jobs = int(allowed) if allowed.isdigit() else len(os.sched_getaffinity(0))
    near = PerplexityBasedNN(
        features,
        perplexity=min(perplexity, (len(features) - 1) / 3),
        method="exact",
        random_state=seed,
        n_jobs=jobs,
    )
    exaggerated, iterations = (EXAGGERATED, ITERATIONS) if axes == 2 else ITERATIONS_3D
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
