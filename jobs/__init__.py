"""Long work: a durable queue in the state database, and the worker that runs it."""
