"""Patterns among incidents: features, PCA, UMAP and t-SNE embeddings, and offense profiles.

Web workers read stored results; scikit-learn and umap-learn are imported only for training.
"""
