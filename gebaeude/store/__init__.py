"""All SQL: one module and one .sql file of named queries per subject."""
