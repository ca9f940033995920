"""Answers to a chief's first questions: what changed, where, when, and what is unusual."""
