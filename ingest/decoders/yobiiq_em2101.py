"""Yobiiq EM2101: electricity meter of one phase with LoRaWAN and a relay.

T1 and T2 are tariffs; the total is their sum. Currents are in mA, energies in Wh.

Source: Yobiiq, em2101.js in the LoRaWAN device repository (EM2101, codec 1.0.1).
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.yobiiq import ABOUT_THE_DEVICE, CLOCKS, table, values

UNITS: dict[str, str] = {
    "activeEnergyImportL1T1": "Wh", "activeEnergyImportL1T2": "Wh",
    "activeEnergyExportL1T1": "Wh", "activeEnergyExportL1T2": "Wh",
    "reactiveEnergyImportL1T1": "varh", "reactiveEnergyImportL1T2": "varh",
    "reactiveEnergyExportL1T1": "varh", "reactiveEnergyExportL1T2": "varh",
    "voltageL1N": "V", "currentL1": "mA", "maximumL1CurrentDemand": "mA",
    "activePowerL1": "W", "averagePower": "W", "totalSystemActivePower": "kW",
    "reactivePowerL1": "kvar", "totalSystemReactivePower": "kvar",
    "apparentPowerL1": "kVA", "totalSystemApparentPower": "kVA",
    "powerFactorL1": "1", "phaseAngleL1": "°", "frequency": "Hz",
}  # fmt: skip

REGISTERS: dict[int, Part] = {
    **CLOCKS,
    **ABOUT_THE_DEVICE,
    0x04: Part("activeEnergyImportL1T1", "I"),
    0x05: Part("activeEnergyImportL1T2", "I"),
    0x06: Part("activeEnergyExportL1T1", "I"),
    0x07: Part("activeEnergyExportL1T2", "I"),
    0x08: Part("reactiveEnergyImportL1T1", "I"),
    0x09: Part("reactiveEnergyImportL1T2", "I"),
    0x0A: Part("reactiveEnergyExportL1T1", "I"),
    0x0B: Part("reactiveEnergyExportL1T2", "I"),
    0x0C: Part("voltageL1N", "i", 10),
    0x10: Part("currentL1", "i"),
    0x14: Part("activePowerL1", "i"),
    0x17: Part("reactivePowerL1", "i", 1000),
    0x1A: Part("apparentPowerL1", "i", 1000),
    0x1D: Part("powerFactorL1", "b", 100),
    0x20: Part("phaseAngleL1", "h", 100),
    0x23: Part("frequency", "h", 100),
    0x24: Part("totalSystemActivePower", "I"),
    0x25: Part("totalSystemReactivePower", "I", 1000),
    0x26: Part("totalSystemApparentPower", "I", 1000),
    0x27: Part("maximumL1CurrentDemand", "i"),
    0x2A: Part("averagePower", "i"),
}
TABLE: dict[bytes, Item] = table(REGISTERS)


def decode(port: int, data: bytes) -> dict[str, float]:
    """The registers of the frame; none for ports of settings and events. Raises DecodeError."""
    return values(TABLE, port, data)
