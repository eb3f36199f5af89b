"""Who may see and do what: roles, persons, passwords, second factors. No database, no clock."""
