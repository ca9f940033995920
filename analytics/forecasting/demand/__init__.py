"""Demand: counts by area, shift and day, 1 to 28 days ahead, with intervals.

docs/demand.md has the rule, its sources and what it was measured to do.
"""
