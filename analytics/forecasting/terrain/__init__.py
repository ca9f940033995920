"""Risk terrain: how much more often incidents happen near places, and whether that forecasts.

docs/risk-terrain.md has the method, its sources and what was measured.
"""
