"""Devices of a municipality that does not exist: seeded physics, published as real devices would.

They meet the system only through the broker; nothing here shares code with the decoders.

    noise  sun  weather  calendar  profiles      what happens around a building
    building  loads  rooms  world                what happens in it, hour by hour
    signals                                      one point of the portfolio → values at any time
    chirpstack  wmbusmeters  shelly  senml       values → topic and payload bytes
    faults                                       what can go wrong, switched on by name and time
    schedule  publish  run                       when each device speaks, and to whom
"""
