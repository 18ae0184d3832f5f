"""Write the smallest soundfont: one looped tone that every General MIDI instrument plays."""

from __future__ import annotations

import struct

import numpy as np

_RATE, _PERIOD, _PERIODS = 44_100, 100, 40
_LOOPED, _SAMPLE_MODES, _SAMPLE, _INSTRUMENT = 1, 54, 53, 41


def tiny_soundfont(instruments: int = 128) -> bytes:
    """Return an .sf2 whose instruments all play a soft saw of 441 Hz at A4."""
    phase = np.arange(_PERIOD * _PERIODS) / _PERIOD
    wave = sum(np.sin(2 * np.pi * number * phase) / number**1.5 for number in range(1, 9))
    samples = np.round(np.asarray(wave) / 2 * 20_000).astype("<i2").tobytes() + bytes(92)
    info = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"tiny\0\0")
    presets = b"".join(_preset(number) for number in range(instruments)) + _preset(0, b"EOP", bag=instruments)
    bags = b"".join(struct.pack("<HH", number, 0) for number in range(instruments + 1))
    generators = struct.pack("<HH", _INSTRUMENT, 0) * instruments + bytes(4)
    sample = struct.pack("<20sIIIIIBbHH", b"saw", 0, _PERIOD * _PERIODS, _PERIOD * 10, _PERIOD * 30, _RATE, 69, 0, 0, 1)
    parts = {
        b"phdr": presets, b"pbag": bags, b"pmod": bytes(10), b"pgen": generators,
        b"inst": struct.pack("<20sH", b"saw", 0) + struct.pack("<20sH", b"EOI", 1),
        b"ibag": struct.pack("<HHHH", 0, 0, 2, 0), b"imod": bytes(10),
        b"igen": struct.pack("<HHHH", _SAMPLE_MODES, _LOOPED, _SAMPLE, 0) + bytes(4),
        b"shdr": sample + struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    content = b"sfbk" + _list(b"INFO", info) + _list(b"sdta", _chunk(b"smpl", samples))
    return _chunk(b"RIFF", content + _list(b"pdta", b"".join(_chunk(name, data) for name, data in parts.items())))


def _preset(number: int, name: bytes = b"saw", bag: int | None = None) -> bytes:
    return struct.pack("<20sHHHIII", name, number, 0, number if bag is None else bag, 0, 0, 0)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)
