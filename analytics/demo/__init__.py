"""The demo city: synthetic incidents with the statistics of a real city."""
