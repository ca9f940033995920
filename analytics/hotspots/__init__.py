"""Where: zones, surfaces and tests of concentration, in local metres, weighted by incidents or harm.

docs/methods.md has the formulas, sources and limits of every method.
"""
