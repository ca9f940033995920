"""Snapshots on several machines: one pushes what it serves to a storage, others pull it."""
