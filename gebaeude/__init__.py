"""Facility and building management for municipalities that run their buildings together."""
