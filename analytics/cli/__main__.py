"""`python -m analytics.cli` is the `patroliq` command."""

from analytics.cli import main

main()
