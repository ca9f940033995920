"""The state database on PostgreSQL: the tests that SQLite passes, and many writers at once."""
