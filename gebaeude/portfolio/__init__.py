"""Reading, checking and writing the file that describes what is managed."""
