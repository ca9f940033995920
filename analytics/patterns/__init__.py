"""What incidents have in common: facts as features, maps of likeness, and clusters of behaviour.

Web workers read what training left behind; scikit-learn and umap-learn are imported when fitting.
"""
