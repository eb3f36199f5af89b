"""What else a municipality could use, run beside Gebäude on the same broker and database."""
