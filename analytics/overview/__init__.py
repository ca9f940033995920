"""What a chief asks first, for any selection: what changed, where, when, and what is unusual."""
