"""Records that other systems send: kept on disk from their receipt until they are published."""
