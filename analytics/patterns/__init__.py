"""What incidents have in common: facts as features, maps of likeness, and offense profiles.

Web workers read what training left behind; scikit-learn and umap-learn are imported when fitting.
"""
