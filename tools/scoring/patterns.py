"""Play a chord as an instrument of an accompaniment does: held, broken, in pulses, or its bass alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.scoring.scores import Chord, Pattern


@dataclass(frozen=True)
class PatternNote:
    """A note within a bar of four beats."""

    beat: float
    beats: float
    pitch: int
    accent: float = 1.0
    """Against the velocity of its part."""


def voicing(chord: Chord, centre: int, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return three or four notes of a chord that lie close together, and close to those of the chord before.

    Args:
        chord: The chord.
        centre: The MIDI number around which the first chord lies.
        before: The notes of the chord before.
    """
    aim = sum(before) / len(before) if before else centre
    aim = min(centre + 5, max(centre - 5, aim))
    found = []
    for turn in range(len(chord.tones)):
        tones = chord.tones[turn:] + chord.tones[:turn]
        pitches = [nearest(tones[0], aim - 5)]
        for tone in tones[1:]:
            pitches.append(pitches[-1] + (tone - pitches[-1]) % 12)
        found.append(tuple(pitches))
    return min(found, key=lambda pitches: (abs(sum(pitches) / len(pitches) - aim), pitches))


def nearest(tone: int, centre: float) -> int:
    """Return the note of a pitch class that is nearest to a MIDI number."""
    return round((centre - tone) / 12) * 12 + tone


def pad(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Hold the chord for the bar."""
    return [PatternNote(0, 4, pitch) for pitch in notes]


def arpeggio(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Break the chord in eighths, up from its bass and down again."""
    base = nearest(chord.bass, centre)
    above = [base + (tone - base) % 12 for tone in chord.tones]
    fifth = min((pitch for pitch in above if pitch > base + 4), default=base + 12)
    third = min(pitch for pitch in [*(p + 12 for p in above), *above] if pitch > fifth and pitch % 12 != base % 12)
    line = (base, fifth, base + 12, third, third + (fifth + 12 - third) % 12, third, base + 12, fifth)
    return [
        PatternNote(step / 2, 1.2 if step else 3.5, pitch, 1.0 if step else 1.15) for step, pitch in enumerate(line)
    ]


def bass(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Play the bass note, and the fifth of the chord or the same note in the middle of the bar."""
    low = nearest(chord.bass, centre)
    fifth = nearest(chord.tones[2], centre)
    return [PatternNote(0, 2, low), PatternNote(2, 2, fifth if abs(fifth - low) < 9 else low, 0.85)]


def pulse(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Repeat the bass note in eighths."""
    low = nearest(chord.bass, centre)
    return [PatternNote(step / 2, 0.4, low, 1.0 if step % 4 == 0 else 0.72) for step in range(8)]


def offbeat(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Play the chord short on the second and the fourth beat."""
    return [PatternNote(beat, 0.5, pitch) for beat in (1, 3) for pitch in notes]


def ostinato(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Repeat a figure of root, fifth and third in eighths."""
    line = (notes[0], notes[2], notes[1], notes[2], notes[0] + 12, notes[2], notes[1], notes[2])
    return [PatternNote(step / 2, 0.42, pitch, 1.0 if step % 4 == 0 else 0.75) for step, pitch in enumerate(line)]


def drums(chord: Chord, notes: tuple[int, ...], centre: int) -> list[PatternNote]:
    """Strike a tuned drum: heavily on one, then in a figure that leads on."""
    low = nearest(chord.bass, centre)
    figure = ((0, 1.0), (1.5, 0.6), (2, 0.8), (3, 0.55), (3.5, 0.7))
    return [PatternNote(beat, 0.5, low, accent) for beat, accent in figure]


ACCOMPANIMENT: Mapping[Pattern, Callable[[Chord, tuple[int, ...], int], list[PatternNote]]] = {
    "pad": pad, "arpeggio": arpeggio, "bass": bass, "pulse": pulse, "offbeat": offbeat, "ostinato": ostinato,
    "drums": drums,
}  # fmt: skip
"""What plays a chord, by the name in a score: it takes the chord, its voicing and the note around which it lies."""
