"""Measure what a change of the sound alone costs in a film of 40 shots with voices, effects, places and music."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from agents import run
from agents.editing import grammar, revise
from benchmarks import books
from benchmarks.rows import BenchmarkRow, used_seconds_of
from storage.library import Library
from storage.settings import Settings
from tools.audio import SAMPLE_RATE, as_samples
from tools.audio.envelopes import unit_power
from tools.audio.files import write_wav
from tools.sound_effects.living import talk

PAGES, BOUND = 10, 0.03
EFFECTS = ("knock", "impact", "step", "door", "whoosh", "bird", "thunder", "rustle", "bell", "crowd")
"""Of every second shot, in turn."""


def rows() -> list[BenchmarkRow]:
    """Film 40 shots with voices and music, then add a sound effect to one, change the place of one, and mute one."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        project, output = folder / "sound.komadori", folder / "film.mp4"
        settings = _settings(folder)
        chapter = books.chapter(folder / "chapter", PAGES)
        options = run.RunOptions(chapter, corrections=books.transcript(PAGES))
        planning = used_seconds_of(lambda: run.plan(project, settings, options))
        with Library.open(project, readonly=True) as library:
            count = len(library.shots())
        scored = [f"shot {number} sound {EFFECTS[number // 2 % len(EFFECTS)]}" for number in range(2, count + 1, 2)]
        revise.revise(project, grammar.parse_lines("; ".join([*scored, "shot 4 place street; shot 20 place rain"])))
        filming = used_seconds_of(lambda: run.animate(project, settings, run.RunOptions(output=output)))
        shares = {}
        for change in ("shot 7 sound thunder at 0.5", "shot 30 place street", "shot 9 mute voice"):
            revise.revise(project, grammar.parse_lines(change))
            used = used_seconds_of(lambda: run.animate(project, settings, run.RunOptions(output=output)))
            shares[change] = used / (planning + filming)
    most = max(shares, key=lambda change: shares[change])
    return [
        BenchmarkRow(
            f"a change of sound alone, {count} shots",
            f"{shares[most]:.1%} of the film's {planning + filming:.0f} s (of the processor): {most}",
            f"<= {BOUND:.0%}",
            shares[most] <= BOUND,
        )
    ]


def _settings(folder: Path) -> Settings:
    """Write the recording of every line, and a piece of music, and return settings that play them."""
    lines, rng = folder / "lines", np.random.default_rng(1)
    lines.mkdir()
    for page in books.transcript(PAGES).pages:
        for balloon in page.balloons:
            voice = np.zeros(0)
            while not voice.any():  # who talks may pause for so long
                voice = talk(rng, round(rng.uniform(0.8, 2.2) * SAMPLE_RATE))
            write_wav(lines / f"{balloon.id}.wav", as_samples(0.05 * unit_power(voice)))
    chord = sum(np.sin(2 * np.pi * hertz * np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE) for hertz in (110, 220, 330, 440))
    write_wav(folder / "theme.wav", as_samples(0.05 * np.asarray(chord)))
    return Settings(voice="cast", music=str(folder / "theme.wav"), options={"speak.cast": {"folder": str(lines)}})
