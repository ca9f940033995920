"""The level of every test and interval: what happens by chance in one case of twenty is shown."""

LEVEL = 0.05
