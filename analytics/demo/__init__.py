"""The demo city: synthetic incidents that look and behave like a real city's."""
