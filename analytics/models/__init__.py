"""Models as data about data: fitted, gated, registered, promoted, rolled back.

Only `runs`, `registry`, `train`, `promote` and `kinds` may lead to an import of MLflow or
scikit-learn. Web workers read `index` and `bundle`.
"""
