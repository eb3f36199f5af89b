-- name: write(points, times, values, qualities)!
-- Stores readings. One that is there already and differs is corrected; one that is the same stays
-- untouched, so that a message that comes again costs no write.
INSERT INTO reading AS present (point_id, time, value, quality)
SELECT * FROM unnest(:points, :times, :values, :qualities)
ON CONFLICT (point_id, time) DO UPDATE
SET value = excluded.value, quality = excluded.quality
WHERE (present.value, present.quality) IS DISTINCT FROM (excluded.value, excluded.quality);

-- name: add()!
-- Stores readings that are not there yet. Rows of one page are one record of the log, and nothing is
-- looked up before it is inserted: half the time of the other way. Raises where one is there already.
COPY reading (point_id, time, value, quality) FROM STDIN (FORMAT binary);
