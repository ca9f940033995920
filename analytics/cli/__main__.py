"""Run the `patroliq` command with `python -m analytics.cli`."""

from analytics.cli import main

main()
