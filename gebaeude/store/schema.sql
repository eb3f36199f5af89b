-- name: has_tables()$
-- Whether this database was ever migrated, to the end.
SELECT to_regclass('alembic_version') IS NOT NULL AND to_regclass('procrastinate_jobs') IS NOT NULL;

-- name: version()$
-- The newest applied migration.
SELECT version_num FROM alembic_version;
