"""Test the pieces of music as notes: bars, chords and melodies that fit, cadences, and MIDI files."""

from __future__ import annotations

import struct
from typing import get_args

import numpy as np
import pytest

from storage.sound import Mood
from tools.scoring.midi import TICKS, midi_channel, write_midi
from tools.scoring.patterns import ACCOMPANIMENT, nearest, voicing
from tools.scoring.performance import LAST_CHORD, PlayedNote, perform
from tools.scoring.scores import BEATS, Chord, pitch_class, read_chord, scores

MOODS: tuple[Mood, ...] = get_args(Mood)


def test_every_mood_has_a_piece() -> None:
    assert set(scores()) == set(MOODS)


@pytest.mark.parametrize("mood", MOODS)
def test_a_piece_is_whole(mood: Mood) -> None:
    """Every bar of the melody is full, begins on its chord or leads to it, and the piece ends on its tonic."""
    score = scores()[mood]
    assert len(score.chords) == len(score.melody) == 16
    assert score.chords[-1].tones[0] == score.chords[0].tones[0] == score.chords[-1].bass
    assert score.melody[-1][-1].pitch % 12 == score.chords[-1].tones[0]
    for chord, bar in zip(score.chords, score.melody, strict=True):
        assert all(0 <= note.beat < note.beat + note.beats <= BEATS for note in bar)
        strong = [note for note in bar if note.beat in (0, 2)]
        fitting = [note.pitch % 12 in chord.tones for note in strong]
        assert not strong or sum(fitting) >= len(strong) / 2, (mood, bar)


@pytest.mark.parametrize("mood", MOODS)
def test_the_bar_before_the_last_leads_to_it(mood: Mood) -> None:
    dominant, tonic = scores()[mood].chords[-2:]
    assert (tonic.tones[0] - dominant.tones[0]) % 12 == 5
    assert (tonic.tones[0] - 1) % 12 in dominant.tones


def test_chords_are_read() -> None:
    assert read_chord("C") == Chord((0, 4, 7), 0)
    assert read_chord("F#m7/A") == Chord((6, 9, 1, 4), 9)
    assert read_chord("Bbmaj7") == Chord((10, 2, 5, 9), 10)
    assert [pitch_class(name) for name in ("C", "F#", "Bb", "Cb")] == [0, 6, 10, 11]
    for name in ("H", "Cx", "", "C/", "c"):
        with pytest.raises(ValueError, match="no chord"):
            read_chord(name)


def test_voicings_lie_close_and_move_little() -> None:
    for score in scores().values():
        before: tuple[int, ...] = ()
        for chord in score.chords:
            notes = voicing(chord, 60, before)
            assert {note % 12 for note in notes} == set(chord.tones)
            assert list(notes) == sorted(notes)
            assert notes[-1] - notes[0] < 13
            assert 45 < np.mean(notes) < 75
            assert not before or abs(np.mean(notes) - np.mean(before)) < 6
            before = notes


@pytest.mark.parametrize("plays", sorted(ACCOMPANIMENT))
def test_patterns_play_their_chord_within_the_bar(plays: str) -> None:
    for name in ("C", "F#m", "G7", "A/C#", "Em7", "Bb"):
        chord = read_chord(name)
        notes = ACCOMPANIMENT[plays](chord, voicing(chord, 57), 45)  # type: ignore[index]
        assert {note.pitch % 12 for note in notes} <= {*chord.tones, chord.bass}
        assert all(0 <= note.beat < BEATS and 20 < note.pitch < 100 for note in notes)
        assert min(note.beat for note in notes) == (1 if plays == "offbeat" else 0)
    assert nearest(0, 61) == 60


@pytest.mark.parametrize("seconds", [1.0, 4.0, 11.0, 40.0, 200.0])
def test_a_performance_ends_with_its_last_chord(seconds: float) -> None:
    for mood in MOODS:
        found = perform(mood, seconds, 3)
        last = seconds - min(LAST_CHORD, 0.4 * seconds)
        assert found.bar_starts[-1] == pytest.approx(last if len(found.bar_starts) > 1 else 0)
        assert max(note.start + note.seconds for note in found.notes) <= seconds + 0.05
        assert min(note.start for note in found.notes) >= 0
        gaps = np.diff(found.bar_starts)
        usual = 60 * BEATS / scores()[mood].tempo
        if len(gaps) > 2:
            assert gaps[:-1] == pytest.approx(np.full(len(gaps) - 1, gaps[0]))
            assert abs(gaps[0] / usual - 1) < 0.3
        final = [note for note in found.notes if note.start >= found.bar_starts[-1] - 0.03]
        assert {(note.pitch - final[0].pitch) % 12 for note in final} <= set(range(12))


def test_a_performance_is_of_its_seed() -> None:
    assert perform("sad", 30, 1) == perform("sad", 30, 1)
    assert len({perform("sad", 30, seed).notes for seed in range(4)}) == 4
    assert {note.channel for note in perform("sad", 30, 1).alone(2).notes} == {2}


def test_a_midi_file_holds_the_notes() -> None:
    found = perform("calm", 12, 1)
    content = write_midi(found)
    assert content[:14] == b"MThd" + struct.pack(">IHHH", 6, 0, 1, 960)
    assert struct.unpack(">I", content[18:22])[0] == len(content) - 22
    assert content.endswith(b"\xff\x2f\x00")
    played = read_notes(content[22:])
    assert len(played) == len(found.notes)
    assert played == sorted((round(one.start * TICKS), midi_channel(one.channel), one.pitch) for one in found.notes)
    assert [midi_channel(number) for number in (0, 8, 9)] == [0, 8, 10]


def read_notes(track: bytes) -> list[tuple[int, int, int]]:
    """Return when a note begins in ticks, on which channel, and its pitch."""
    notes, at, now = [], 0, 0
    while at < len(track):
        delta = 0
        while True:
            byte = track[at]
            delta, at = delta << 7 | byte & 0x7F, at + 1
            if not byte & 0x80:
                break
        now += delta
        status = track[at]
        if status == 0xFF:
            at += 3 + track[at + 2]
            continue
        if status >> 4 == 9:
            notes.append((now, status & 15, track[at + 1]))
        at += 2 if status >> 4 == 0xC else 3
    return sorted(notes)


def test_notes_are_plain_values() -> None:
    assert PlayedNote(0.0, 1.0, 0, 60, 64) == PlayedNote(0.0, 1.0, 0, 60, 64)
