"""Raw LoRaWAN frames: what a network server hands on that decodes nothing itself."""

from __future__ import annotations

import binascii
from base64 import b64decode

from gebaeude.errors import DecodeError
from gebaeude.model import Reason, Sample
from ingest.decoders import DECODERS, HISTORIES, UNITS


class RawFrame(DecodeError):
    """A message that holds a frame instead of values: only the device's profile can read it.

    time: µs since 1970-01-01 UTC, of reception by the network server. data: base64.
    """

    def __init__(self, detail: str, device: str, time: int, port: int, data: str) -> None:
        super().__init__(Reason.UNDECODED, detail)
        self.device = device
        self.time = time
        self.port = port
        self.data = data

    def samples(self, decoder: str | None) -> list[Sample]:
        """The frame's values, also those of earlier. Raises DecodeError: itself without a decoder.

        A count has no unit here: what it counts is the channel's matter.
        """
        if decoder is None:
            raise self
        data = self._bytes()
        units = UNITS[decoder]
        packs = [(self.time, DECODERS[decoder](self.port, data))]
        if (history := HISTORIES.get(decoder)) is not None:
            packs += history(self.port, data)
        return [
            Sample(
                self.device, field, time, value, None if (unit := units.get(field)) == "1" else unit
            )
            for time, values in packs
            for field, value in values.items()
        ]

    def _bytes(self) -> bytes:
        try:
            return b64decode(self.data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise DecodeError(Reason.INVALID_STRUCTURE, f"{self.detail}: {error}") from None
