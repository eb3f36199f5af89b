-- name: version()$
-- Changes whenever a device, a channel or a point does.
SELECT version FROM channels_version;

-- name: hold()$
-- The same, and nobody changes them before this transaction is over. Who wants to waits, and from
-- then on no batch that was resolved by the old ones is written.
SELECT version FROM channels_version FOR SHARE;

-- name: insist(version)!
-- Likewise; an error where they are no longer of this version.
SELECT hold_channels(:version);

-- name: channels()
-- Every channel of every device, and the devices that have none (yet).
SELECT device.format, device.external_id, channel.field,
       CASE WHEN channel.valid_from = '-infinity' THEN NULL
            ELSE (extract(epoch FROM channel.valid_from) * 1000000)::bigint END,
       CASE WHEN channel.valid_to = 'infinity' THEN NULL
            ELSE (extract(epoch FROM channel.valid_to) * 1000000)::bigint END,
       channel.point_id, point.quantity, point.unit, channel.unit, channel.factor, device.profile
FROM device
LEFT JOIN channel ON channel.device_id = device.id
LEFT JOIN point ON point.id = channel.point_id
ORDER BY device.format, device.external_id, channel.field, channel.valid_from;
