"""As it was: a kept snapshot with what was known while it was the one served."""
