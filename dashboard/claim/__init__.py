"""Saying what a device is: the form, what a person entered, and what is made of it."""
