"""Watch lists, what they fire, and what people do about it."""
