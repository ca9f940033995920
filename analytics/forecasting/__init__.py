"""Forecasters of the next week or month by cell, and their evaluation.

docs/forecasts.md has the formulas, sources and limits.
"""
