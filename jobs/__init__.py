"""Long jobs: a durable queue in the state database, and the worker that runs them."""
