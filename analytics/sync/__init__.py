"""Live data: what feeds bring is loaded in one ingest, and nothing is lost or loaded in a loop."""
