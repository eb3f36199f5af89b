-- Ingest keeps the channels in memory; this number tells it, for the price of one row, that they
-- changed. A row and not a sequence: it must become visible together with the change itself.
CREATE TABLE channels_version (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version   bigint NOT NULL
);
INSERT INTO channels_version (version) VALUES (1);

CREATE FUNCTION bump_channels_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE channels_version SET version = version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER channels_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON channel
    FOR EACH STATEMENT EXECUTE FUNCTION bump_channels_version();
CREATE TRIGGER channels_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON device
    FOR EACH STATEMENT EXECUTE FUNCTION bump_channels_version();
CREATE TRIGGER channels_version AFTER UPDATE ON point
    FOR EACH STATEMENT EXECUTE FUNCTION bump_channels_version();
