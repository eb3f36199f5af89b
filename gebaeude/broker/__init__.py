"""Who may do what at the broker: accounts of gateways, in Mosquitto's own two files."""
