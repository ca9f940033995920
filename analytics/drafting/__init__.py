"""Drafts of briefings: which cards, for which incidents and days, with numbers that cite both."""
