"""Names and labels of the attributes that pattern models add to incidents."""

from __future__ import annotations

from analytics.incidents.manifest import Attribute

PREFIX = "patterns_"
LABELS = {
    "pca": "Cell of the PCA projection",
    "umap": "Cell of the UMAP embedding",
    "tsne": "Cell of the t-SNE embedding",
    "offense_profile": "Offense profile",
}


def attribute_of(name: str, version: int) -> Attribute:
    """The attribute of a version of a model: `umap_3` of `patterns_umap` 3.

    `umap_robbery_3` if its target is robbery.
    """
    method, _, target = name.removeprefix(PREFIX).partition(".")
    kind = "category" if method == "offense_profile" else "number"
    short = f"{method}_{target}" if target else method
    of = f"{target.replace('_', ' ')}, " if target else ""
    return Attribute(f"{short}_{version}", f"{LABELS[method]} ({of}version {version})", kind)
