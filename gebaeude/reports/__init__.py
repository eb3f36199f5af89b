"""The joint: read, compute, hand out a frozen result; API, dashboard and worker call the same."""
