"""What next, by cell: forecasters of the next week or month, and what they are worth.

docs/forecasts.md has the formulas, sources and limits.
"""
