"""Measurements of the whole system; `python -m bench`, or `make bench`."""
