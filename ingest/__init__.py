"""Ingest: what devices send becomes readings, or is kept with the reason why not."""
