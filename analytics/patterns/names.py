"""Names and labels of the attributes that pattern models add to incidents."""

from __future__ import annotations

import re

from analytics.incidents.manifest import Attribute

PREFIX = "patterns_"
LABELS = {
    "pca": "Cell of the PCA projection",
    "umap": "Cell of the UMAP embedding",
    "tsne": "Cell of the t-SNE embedding",
    "offense_profile": "Offense profile",
}

_LABELED = re.compile(rf"({'|'.join(LABELS)})_[0-9]+")


def is_label(attribute: str) -> bool:
    """Whether an attribute of incidents is a pattern model's label."""
    return _LABELED.fullmatch(attribute) is not None


def attribute_of(name: str, version: int) -> Attribute:
    """The attribute of a version of a model: `umap_3` of `patterns_umap` 3."""
    method = name.removeprefix(PREFIX)
    kind = "category" if method == "offense_profile" else "number"
    return Attribute(f"{method}_{version}", f"{LABELS[method]} (version {version})", kind)
