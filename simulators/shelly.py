"""A Shelly Pro 3EM on the three phases of a main feed, second generation JSON-RPC over MQTT.

Every minute it notifies what has changed: `em:0` (power, voltage, current of each phase) and, a
moment later, `emdata:0` (energy since it was mounted, Wh); every ten minutes its own temperature.
Members, order and decimals as recorded from firmware 1.x; see also the Shelly API documentation,
"EM" and "EMData".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators import noise
from simulators.noise import Floats, Ints
from simulators.senml import Encoded

PHASES = "abc"
WARM_EVERY = 600  # s


@dataclass(frozen=True)
class Shelly:
    """One device: `id` is what it calls itself, `key` seeds everything that is only its own."""

    id: str
    key: int
    producing: bool = False  # sits behind a solar inverter: power factor near one


def messages(
    device: Shelly, time: Ints, power: Floats, energy: Floats
) -> list[tuple[int, Encoded]]:
    """(when [s], message) for every time; power [W], energy [Wh] at these times."""
    share = _shares(device.key)
    volts = 231.5 + 1.6 * _per_phase(device.key, time, 1_800)
    factor = np.clip(
        (0.995 if device.producing else 0.93) + 0.02 * _per_phase(device.key + 11, time, 600),
        0.4,
        1.0,
    )
    hertz = 50.0 + 0.012 * noise.smooth(device.key + 21, time, 120)
    hundredth = (noise.uniform(device.key + 22, time) * 40).astype(np.int64)
    warmth = 41.0 + 3.0 * noise.smooth(device.key + 23, time, 7_200)
    phase = power[:, None] * share
    apparent = np.abs(phase) / factor
    out: list[tuple[int, Encoded]] = []
    for i, at in enumerate(time.tolist()):
        stamp = f"{at}.{hundredth[i]:02}"
        measured = _em(phase[i], apparent[i], volts[i], factor[i], hertz[i], float(power[i]))
        out.append((at, _notify(device.id, stamp, measured)))
        later = f"{at}.{hundredth[i] + 35:02}"
        out.append((at, _notify(device.id, later, _emdata(float(energy[i]), share))))
        if at // 60 % (WARM_EVERY // 60) == device.key % (WARM_EVERY // 60):
            inside = float(warmth[i])
            told = f'"temperature:0":{{"id": 0,"tC":{inside:.1f}, "tF":{inside * 1.8 + 32:.1f}}}'
            out.append((at, _notify(device.id, later, told)))
    return out


def _notify(device: str, stamp: str, component: str) -> Encoded:
    return f"{device}/events/rpc", (
        f'{{"src":"{device}","dst":"{device}/events","method":"NotifyStatus",'
        f'"params":{{"ts":{stamp},{component}}}}}'
    ).encode()


def _em(
    watt: Floats, apparent: Floats, volts: Floats, factor: Floats, hertz: float, total: float
) -> str:
    amps = apparent / volts
    phases = "".join(
        f'"{name}_current":{amps[i]:.3f},"{name}_voltage":{volts[i]:.1f},'
        f'"{name}_act_power":{watt[i]:.1f},"{name}_aprt_power":{apparent[i]:.1f},'
        f'"{name}_pf":{factor[i]:.2f},"{name}_freq":{hertz:.1f},'
        for i, name in enumerate(PHASES)
    )
    return (
        f'"em:0":{{"id":0,{phases}"n_current":null,"total_current":{amps.sum():.3f},'
        f'"total_act_power":{total:.3f},"total_aprt_power":{apparent.sum():.3f}}}'
    )


def _emdata(energy: float, share: Floats) -> str:
    phases = "".join(
        f'"{name}_total_act_energy":{energy * share[i]:.2f},"{name}_total_act_ret_energy":0.00,'
        for i, name in enumerate(PHASES)
    )
    return f'"emdata:0":{{"id":0,{phases}"total_act":{energy:.2f},"total_act_ret":0.00}}'


def _shares(key: int) -> Floats:
    """How the load lies on the three phases; an electrician meant it to be even."""
    weight = 1.0 + 0.5 * noise.uniform(key, np.arange(3, dtype=np.int64))
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _per_phase(key: int, time: Ints, period: int) -> Floats:
    """Noise for each phase, (times, 3)."""
    return np.stack([noise.smooth(key + phase, time, period) for phase in range(3)], axis=1)
