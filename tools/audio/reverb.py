"""Put a dry sound into a room: convolution with the echoes of rooms that are drawn by chance, the same every time."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples, as_samples, as_stereo
from tools.audio.envelopes import decay, frames
from tools.audio.filters import fast_length, passed

Room = Literal["small", "hall", "outdoors"]
_ROOMS: dict[Room, tuple[float, float, float, float]] = {
    "small": (0.35, 0.012, 180, 6000),
    "hall": (1.6, 0.03, 120, 4500),
    "outdoors": (2.4, 0.09, 60, 1800),
}
"""Seconds in which the echoes fall by 60 dB, how widely the first ones are spread in seconds, and their band in Hz."""
_FIRST_ECHOES = 9


def in_room(samples: Samples, room: Room, wet: float) -> Samples:
    """Return a sound with the echoes of a room, in stereo and longer by them.

    Args:
        samples: The dry sound, mono or stereo; its own part is not changed.
        room: Which room.
        wet: Amplitude of the echoes against the sound: 0 is outside of any room, 0.5 far from the microphone.
    """
    dry = as_stereo(samples)
    echoes = _echoes(room)
    length = fast_length(len(dry) + len(echoes))
    spectrum = np.fft.rfft(dry, length, axis=0) * np.fft.rfft(echoes, length, axis=0)
    result = np.fft.irfft(spectrum, length, axis=0)[: len(dry) + len(echoes)] * wet
    result[: len(dry)] += dry
    return as_samples(result)


@cache
def _echoes(room: Room) -> NDArray[np.float64]:
    """Return the impulse response of a room without the direct sound, (n, 2), of energy 1 a channel."""
    seconds, spread, low, high = _ROOMS[room]
    rng = np.random.default_rng([len(room), round(seconds * 1000)])
    count = frames(seconds)
    result = np.empty((count, 2))
    for channel in range(2):
        tail = rng.standard_normal(count) * decay(count, seconds, attack=spread)
        for _ in range(_FIRST_ECHOES):
            place = frames(spread * rng.uniform(0.2, 2.5))
            tail[min(place, count - 1)] += rng.choice([-1, 1]) * rng.uniform(3, 9)
        result[:, channel] = passed(tail, low, high)
    end = min(count, SAMPLE_RATE // 20)
    result[-end:] *= np.linspace(1, 0, end)[:, None]
    return np.asarray(result / np.sqrt(np.sum(result**2, axis=0)))
