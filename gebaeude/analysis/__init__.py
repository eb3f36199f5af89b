"""Pure numpy, one question a file: no connection, no clock."""
