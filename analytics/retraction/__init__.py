"""Retraction: sealed, expunged or unfounded incidents leave everything that is kept."""
