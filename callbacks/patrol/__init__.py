"""The Patrol page: plans, their changes, and what becomes of them."""
