"""The REST interface: one router a resource, no arithmetic."""
