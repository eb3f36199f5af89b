-- A sub-meter names the counter that its consumption runs through, so that sums do not count it twice.
ALTER TABLE point ADD COLUMN within_id integer REFERENCES point CHECK (within_id <> id);

-- Quarantine by reason is answered from this index alone; the messages themselves are large.
CREATE INDEX quarantine_by_reason ON quarantine (reason, last_at) INCLUDE (first_at, times, id);
