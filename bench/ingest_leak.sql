-- name: count_sent(steps, devices, start)^
-- Readings that are there, those of them that are of a step of the room sensors, and what is kept.
SELECT (SELECT count(*) FROM reading) AS stored,
       (SELECT count(*) FROM quarantine) AS quarantined,
       (SELECT count(*)
        FROM generate_series(0, :steps - 1) step
        JOIN point p ON p.key = 'room-' || mod(step, :devices)
        JOIN reading r ON r.point_id = p.id
         AND r.time = :start + interval '10 minutes' * (step / :devices)
       ) AS sent;
