"""Charts: pure functions from a report to a figure."""
