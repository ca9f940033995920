"""What the Patrol page is made of."""
