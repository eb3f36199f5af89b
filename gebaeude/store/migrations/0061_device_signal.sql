-- How well a device's radio was heard last, where its messages tell; written as the battery is.
ALTER TABLE device_heard
    ADD COLUMN signal       double precision,
    ADD COLUMN signal_unit  text;  -- dBm, %, LQI (0 to 255, Zigbee)
