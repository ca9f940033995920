"""Methods for places: zones, surfaces and concentration, by incidents or by harm.

docs/methods.md has the formulas, sources and limits of every method.
"""
