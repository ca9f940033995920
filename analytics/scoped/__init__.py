"""Scoped snapshots: what a reader may see, as a snapshot of its own."""
