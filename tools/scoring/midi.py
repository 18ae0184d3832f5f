"""Write a performance as a MIDI file, in memory."""

from __future__ import annotations

import struct

from tools.scoring.performance import Performance

TICKS = 1920
"""Ticks of a second: 960 of a beat, at 120 beats a minute."""
_BEAT_TICKS, _BEAT_MICROSECONDS = 960, 500_000
_VOLUME, _PAN, _REVERB = 7, 10, 91
_REVERB_AMOUNT = 50
DRUMS = 9
"""The channel of General MIDI on which every note is another drum; it is left out."""


def midi_channel(channel: int) -> int:
    """Return the MIDI channel of a part: that of drums is passed over."""
    return channel if channel < DRUMS else channel + 1


def write_midi(performance: Performance) -> bytes:
    """Return a performance as a MIDI file of one track (format 0); equal performances are equal bytes."""
    events: list[tuple[int, int, bytes]] = [(0, 0, b"\xff\x51\x03" + _BEAT_MICROSECONDS.to_bytes(3, "big"))]
    for number, part in enumerate(performance.parts):
        channel = midi_channel(number)
        events.append((0, 1, bytes((0xC0 | channel, part.instrument))))
        for control, value in ((_VOLUME, 100), (_PAN, part.pan), (_REVERB, _REVERB_AMOUNT)):
            events.append((0, 2, bytes((0xB0 | channel, control, value))))
    for note in performance.notes:
        channel, start = midi_channel(note.channel), round(note.start * TICKS)
        end = max(start + 1, round((note.start + note.seconds) * TICKS))
        events.append((start, 4, bytes((0x90 | channel, note.pitch, note.velocity))))
        events.append((end, 3, bytes((0x80 | channel, note.pitch, 0))))
    last = max(tick for tick, _, _ in events)
    track, now = b"", 0
    for tick, _, message in [*sorted(events), (last, 9, b"\xff\x2f\x00")]:
        track += _variable_length(tick - now) + message
        now = tick
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, _BEAT_TICKS)
    return head + struct.pack(">4sI", b"MTrk", len(track)) + track


def _variable_length(value: int) -> bytes:
    """Return a number in seven bits a byte, of which all but the last have the highest bit set."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append((value & 0x7F) | 0x80)
    return bytes(reversed(parts))
