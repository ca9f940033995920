"""Who uses PatrolIQ: people, their roles, and what they may do and see."""
