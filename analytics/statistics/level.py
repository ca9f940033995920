"""The significance level of every test, and of every interval: one in twenty."""

LEVEL = 0.05
