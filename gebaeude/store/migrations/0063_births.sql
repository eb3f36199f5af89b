-- What Sparkplug nodes and their devices said of their metrics at birth, as of when: a row where it
-- changed. Data that names a metric by its number alone is read by it, also after a restart, by
-- another process, or from quarantine long afterwards.
CREATE TABLE sparkplug_birth (
    id       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    node     bytea NOT NULL,    -- group/node
    device   bytea NOT NULL,    -- empty: the node itself
    since    bigint NOT NULL,   -- µs since 1970-01-01 UTC, when the birth was received
    doubted  bigint,            -- from when on the birth before was not certain any more; NULL: it was
    reach    bigint NOT NULL,   -- from when on this birth counts where no other is known
    metrics  bytea NOT NULL,    -- JSON: [name, number, datatype, unit] each
    PRIMARY KEY (node, device, since)
);

-- Where the count of each node's messages stands, and what of it is certain.
CREATE TABLE sparkplug_node (
    node   bytea PRIMARY KEY,
    heard  bigint NOT NULL,     -- µs, of its last message
    state  bytea NOT NULL       -- JSON
);

-- What Homie devices say of their properties: datatype and unit, which their values do not repeat.
CREATE TABLE homie_description (
    device      bytea PRIMARY KEY,
    heard       bigint NOT NULL,  -- µs, when it was last told
    properties  bytea NOT NULL    -- JSON
);
