"""Texts whose numbers have sources, and what becomes of them when a person edits the text."""
