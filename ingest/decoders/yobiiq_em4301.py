"""Yobiiq EM4301 (also -CT): electricity meter of three phases with LoRaWAN.

T1 and T2 are tariffs; the total is their sum. Currents are in mA, energies in Wh.

Source: Yobiiq, em4301.js in the LoRaWAN device repository (EM4301, codec 1.0.1).
"""

from __future__ import annotations

from ingest.decoders.items import Item, Part
from ingest.decoders.yobiiq import ABOUT_THE_DEVICE, CLOCKS, table, values

UNITS: dict[str, str] = {
    "activeEnergyImportL123T1": "Wh", "activeEnergyImportL123T2": "Wh",
    "activeEnergyExportL123T1": "Wh", "activeEnergyExportL123T2": "Wh",
    "reactiveEnergyImportL123T1": "varh", "reactiveEnergyImportL123T2": "varh",
    "reactiveEnergyExportL123T1": "varh", "reactiveEnergyExportL123T2": "varh",
    "voltageL1N": "V", "voltageL2N": "V", "voltageL3N": "V",
    "currentL123": "mA", "currentL1": "mA", "currentL2": "mA", "currentL3": "mA",
    "maximumL1CurrentDemand": "mA", "maximumL2CurrentDemand": "mA", "maximumL3CurrentDemand": "mA",
    "activePowerL123": "W", "activePowerL1": "W", "activePowerL2": "W", "activePowerL3": "W",
    "averagePower": "W", "totalSystemActivePower": "kW",
    "reactivePowerL1": "kvar", "reactivePowerL2": "kvar", "reactivePowerL3": "kvar",
    "totalSystemReactivePower": "kvar",
    "apparentPowerL1": "kVA", "apparentPowerL2": "kVA", "apparentPowerL3": "kVA",
    "totalSystemApparentPower": "kVA",
    "powerFactorL1": "1", "powerFactorL2": "1", "powerFactorL3": "1",
    "phaseAngleL1": "°", "phaseAngleL2": "°", "phaseAngleL3": "°", "frequency": "Hz",
}  # fmt: skip

REGISTERS: dict[int, Part] = {
    **CLOCKS,
    **ABOUT_THE_DEVICE,
    0x04: Part("activeEnergyImportL123T1", "I"),
    0x05: Part("activeEnergyImportL123T2", "I"),
    0x06: Part("activeEnergyExportL123T1", "I"),
    0x07: Part("activeEnergyExportL123T2", "I"),
    0x08: Part("reactiveEnergyImportL123T1", "I"),
    0x09: Part("reactiveEnergyImportL123T2", "I"),
    0x0A: Part("reactiveEnergyExportL123T1", "I"),
    0x0B: Part("reactiveEnergyExportL123T2", "I"),
    0x0C: Part("voltageL1N", "i", 10),
    0x0D: Part("voltageL2N", "i", 10),
    0x0E: Part("voltageL3N", "i", 10),
    0x0F: Part("currentL123", "i"),
    0x10: Part("currentL1", "i"),
    0x11: Part("currentL2", "i"),
    0x12: Part("currentL3", "i"),
    0x13: Part("activePowerL123", "i"),
    0x14: Part("activePowerL1", "i"),
    0x15: Part("activePowerL2", "i"),
    0x16: Part("activePowerL3", "i"),
    0x17: Part("reactivePowerL1", "i", 1000),
    0x18: Part("reactivePowerL2", "i", 1000),
    0x19: Part("reactivePowerL3", "i", 1000),
    0x1A: Part("apparentPowerL1", "i", 1000),
    0x1B: Part("apparentPowerL2", "i", 1000),
    0x1C: Part("apparentPowerL3", "i", 1000),
    0x1D: Part("powerFactorL1", "b", 100),
    0x1E: Part("powerFactorL2", "b", 100),
    0x1F: Part("powerFactorL3", "b", 100),
    0x20: Part("phaseAngleL1", "h", 100),
    0x21: Part("phaseAngleL2", "h", 100),
    0x22: Part("phaseAngleL3", "h", 100),
    0x23: Part("frequency", "h", 100),
    0x24: Part("totalSystemActivePower", "I"),
    0x25: Part("totalSystemReactivePower", "I", 1000),
    0x26: Part("totalSystemApparentPower", "I", 1000),
    0x27: Part("maximumL1CurrentDemand", "i"),
    0x28: Part("maximumL2CurrentDemand", "i"),
    0x29: Part("maximumL3CurrentDemand", "i"),
    0x2A: Part("averagePower", "i"),
}
TABLE: dict[bytes, Item] = table(REGISTERS)


def decode(port: int, data: bytes) -> dict[str, float]:
    """The registers of the frame; none for ports of settings and events. Raises DecodeError."""
    return values(TABLE, port, data)
