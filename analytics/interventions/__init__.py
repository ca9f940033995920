"""Interventions: what was done where and when, and what changed with it."""
