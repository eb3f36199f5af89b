-- name: in_order()!
-- Numbers are given in the order of commits, so that nobody who asks for the newer ones misses one.
LOCK TABLE sparkplug_birth IN SHARE ROW EXCLUSIVE MODE;

-- name: keep_born(node, device, since, doubted, reach, metrics)!
INSERT INTO sparkplug_birth (node, device, since, doubted, reach, metrics)
SELECT * FROM unnest(:node::bytea[], :device::bytea[], :since::bigint[], :doubted::bigint[],
                     :reach::bigint[], :metrics::bytea[])
ON CONFLICT DO NOTHING;

-- name: prune(nodes)!
-- Of each device the newest hundred.
DELETE FROM sparkplug_birth AS old USING (
    SELECT id, row_number() OVER (PARTITION BY node, device ORDER BY since DESC) AS place
    FROM sparkplug_birth WHERE node = ANY (:nodes::bytea[])
) AS placed
WHERE placed.id = old.id AND placed.place > 100;

-- name: keep_states(node, heard, state)!
INSERT INTO sparkplug_node AS known (node, heard, state)
SELECT * FROM unnest(:node::bytea[], :heard::bigint[], :state::bytea[]) AS told (node, heard, state)
ORDER BY told.node
ON CONFLICT (node) DO UPDATE SET heard = excluded.heard, state = excluded.state
WHERE known.heard <= excluded.heard;

-- name: forget(nodes)!
WITH gone AS (DELETE FROM sparkplug_birth WHERE node = ANY (:nodes::bytea[]))
DELETE FROM sparkplug_node WHERE node = ANY (:nodes::bytea[]);

-- name: born(after)
SELECT id, node, device, since, doubted, reach, metrics FROM sparkplug_birth
WHERE id > :after ORDER BY id;

-- name: states(after, most)
SELECT node, heard, state FROM sparkplug_node WHERE heard > :after ORDER BY heard DESC LIMIT :most;

-- name: keep_described(device, heard, properties)!
INSERT INTO homie_description AS known (device, heard, properties)
SELECT * FROM unnest(:device::bytea[], :heard::bigint[], :properties::bytea[])
    AS told (device, heard, properties) ORDER BY told.device
ON CONFLICT (device) DO UPDATE SET heard = excluded.heard, properties = excluded.properties
WHERE known.heard <= excluded.heard;

-- name: prune_described(most)!
-- Those told last stay.
DELETE FROM homie_description WHERE heard < (
    SELECT heard FROM homie_description ORDER BY heard DESC OFFSET :most LIMIT 1);

-- name: described(after, most)
SELECT device, heard, properties FROM homie_description
WHERE heard > :after ORDER BY heard DESC LIMIT :most;
