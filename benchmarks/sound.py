"""Measure what the sound of a film costs: effects, beds, and the stems and the mix of a minute of all kinds."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from agents.sound.buses import VOICE_LIFT
from benchmarks.rows import BenchmarkRow
from storage.sound import Bus
from tools.audio import SAMPLE_RATE, as_samples
from tools.audio.envelopes import frames, times, unit_power
from tools.mixing.bus import PlacedSound, render_bus
from tools.mixing.compressor import compress_voice
from tools.mixing.ducking import duck
from tools.mixing.mastering import MixFacts, master
from tools.mixing.stretches import Levels, Stretch, encode_stretch, stretch_spans
from tools.mixing.voice_level import level_voice
from tools.scoring.fitting import fit_music
from tools.sound_effects import RECIPES, make_effect
from tools.sound_effects.ambience import make_ambience
from tools.sound_effects.living import talk

Made = TypeVar("Made")
SECONDS, MIX_BOUND, EFFECT_BOUND = 60, 0.05, 0.15
LINES = [(start * SAMPLE_RATE, (start + 2) * SAMPLE_RATE) for start in range(3, SECONDS - 4, 5)]
"""Two seconds of every five are spoken; there is an effect about every four."""


def rows() -> list[BenchmarkRow]:
    """Make every effect once, then mix a minute; other load does not count."""
    rng = np.random.default_rng(1)
    effects, effect_seconds = _cpu_seconds(lambda: {kind: make_effect(kind, None, 1) for kind in RECIPES})
    bed, bed_seconds = _cpu_seconds(lambda: make_ambience("street", 30, 1))
    speech = as_samples(0.05 * unit_power(talk(rng, 2 * SAMPLE_RATE)))
    time = times(20 * SAMPLE_RATE)
    chord = sum(
        np.sin(2 * np.pi * hertz * time) / (number + 1) for number, hertz in enumerate((110, 220, 277, 330, 440))
    )
    theme = as_samples(np.repeat(0.06 * np.asarray(chord)[:, None], 2, axis=1))
    music = np.concatenate([*fit_music(theme, SECONDS)])
    with tempfile.TemporaryDirectory() as room:
        folder, length = Path(room), frames(SECONDS)

        def mix() -> MixFacts:
            placed: dict[Bus, list[PlacedSound]] = {
                "voice": [
                    PlacedSound(compress_voice(speech), start, gain=level_voice(speech) + VOICE_LIFT)
                    for start, _ in LINES
                ],
                "effects": [
                    PlacedSound(effect.samples, frames(4.2 * number))
                    for number, effect in enumerate([*effects.values()][::3])
                ],
                "ambience": [PlacedSound(bed, 0, loop=True)],
                "music": [PlacedSound(music, 0, loop=True)],
            }
            stems = {bus: folder / f"{bus}.flac" for bus in placed}
            measured = {
                bus: render_bus(sounds, duck(LINES) if bus == "music" else (), length, stems[bus]).stem
                for bus, sounds in placed.items()
            }

            def encode(levels: Levels) -> list[Stretch]:
                return [
                    encode_stretch(stems, start, end, length, levels, folder / f"{start}.aac")
                    for start, end in stretch_spans(length)
                ]

            return master(measured, length, encode, folder / "mix.m4a")

        facts, mix_seconds = _cpu_seconds(mix)
    each, share = effect_seconds / len(RECIPES), mix_seconds / SECONDS
    return [
        BenchmarkRow("an effect", f"{each:.2f} s", f"<= {EFFECT_BOUND} s", each <= EFFECT_BOUND),
        BenchmarkRow("a bed of 30 seconds", f"{bed_seconds:.2f} s"),
        BenchmarkRow("stems and mix of a second", f"{share:.3f} s", f"<= {MIX_BOUND} s", share <= MIX_BOUND),
        BenchmarkRow(
            "loudness of the mix", f"{facts.integrated:.1f} LUFS", "-14.5..-13.5", abs(facts.integrated + 14) <= 0.5
        ),
        BenchmarkRow("true peak of the mix", f"{facts.true_peak:.1f} dB", "<= -1 dB", facts.true_peak <= -1),
    ]


def _cpu_seconds(work: Callable[[], Made]) -> tuple[Made, float]:
    begin = _used_seconds()
    return work(), _used_seconds() - begin


def _used_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
