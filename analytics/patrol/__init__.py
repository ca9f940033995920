"""Patrol: whether a measure at places worked."""
