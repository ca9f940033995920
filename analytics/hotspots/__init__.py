"""Where: zones, surfaces and tests of concentration in local meters, by incidents or by harm.

docs/methods.md has the formulas, sources and limits of every method.
"""
