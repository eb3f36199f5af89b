"""Decoders of raw LoRaWAN frames, for devices whose network server decodes nothing.

A decoder is one module with `decode(port, data) -> dict[str, float]`, from its vendor's document,
and one line in `DECODERS`. Field names are those of the vendor's own decoder, so that a device
looks the same whoever decodes it; `UNITS` says in what they are. States are numbers, as sent.
Texts (versions, serial numbers) are left out, and so is a sensor that says it cannot measure.

Frames may also hold values of earlier, with their times: `HISTORIES` has what finds those. Both
raise DecodeError, and nothing else: invalid_structure for a frame cut short, undecoded for one
with something unknown in it, of which the length is unknown as well.
"""

from __future__ import annotations

from collections.abc import Callable

from ingest.decoders import (
    dragino_lht65n,
    elsys_ers,
    milesight_am307,
    milesight_ct101,
    milesight_em300_di,
    milesight_em300_th,
    yobiiq_em2101,
    yobiiq_em4301,
)

# port and frame → field → value
Decoder = Callable[[int, bytes], dict[str, float]]
# port and frame → (µs since 1970-01-01 UTC, field → value), oldest first or as they come
History = Callable[[int, bytes], list[tuple[int, dict[str, float]]]]

DECODERS: dict[str, Decoder] = {
    "milesight-em300-th": milesight_em300_th.decode,
    "milesight-em300-di": milesight_em300_di.decode,
    "milesight-am307": milesight_am307.decode,
    "milesight-ct101": milesight_ct101.decode,
    "elsys-ers": elsys_ers.decode,
    "yobiiq-em2101": yobiiq_em2101.decode,
    "yobiiq-em4301": yobiiq_em4301.decode,
    "dragino-lht65n": dragino_lht65n.decode,
}
HISTORIES: dict[str, History] = {
    "milesight-em300-th": milesight_em300_th.history,
    "milesight-em300-di": milesight_em300_di.history,
    "milesight-am307": milesight_am307.history,
    "dragino-lht65n": dragino_lht65n.history,
}
UNITS: dict[str, dict[str, str]] = {
    "milesight-em300-th": milesight_em300_th.UNITS,
    "milesight-em300-di": milesight_em300_di.UNITS,
    "milesight-am307": milesight_am307.UNITS,
    "milesight-ct101": milesight_ct101.UNITS,
    "elsys-ers": elsys_ers.UNITS,
    "yobiiq-em2101": yobiiq_em2101.UNITS,
    "yobiiq-em4301": yobiiq_em4301.UNITS,
    "dragino-lht65n": dragino_lht65n.UNITS,
}
