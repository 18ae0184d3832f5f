"""The sound of whole films, read back from the finished file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from agents import film_pieces, run
from agents.editing.recordings import keep_recording
from agents.editing.shot_status import read_only_context
from agents.run import RunOptions
from agents.sound.tracks import Soundtrack
from agents.stages import mix
from commands.export import export_parts
from storage.domain import Made, Transcript
from storage.library import Library
from storage.settings import Settings
from storage.sound import ShotSound, SoundCue
from tests.conftest import SMALL, InProcessExecutor, transcript_of
from tests.tools.sounds import level_in_decibels, tone
from tools.audio import SAMPLE_RATE
from tools.audio.files import read_audio, write_wav
from tools.mixing.measurement import measure
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path

pytestmark = pytest.mark.film
TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)


def with_sounds() -> Transcript:
    """The chapter with a sound effect drawn over its first panel, and one over its third."""
    book = transcript_of(2)
    page = book.pages[0]
    line = page.balloons[0]
    sounds = [
        line.model_copy(
            update={"id": name, "order": order, "kind": "sound", "text": text, "language": "ja", "panel": panel,
                    "box": next(one.box for one in page.panels if one.id == panel)}
        )
        for name, order, text, panel in (("t0-7", 1, "ドン", "p0-1"), ("t0-8", 2, "ゴゴゴゴ", "p0-3"))
    ]  # fmt: skip
    pages = (page.model_copy(update={"balloons": (line, *sounds)}), *book.pages[1:])
    return book.model_copy(update={"pages": pages})


def film(room: Path, settings: Settings = TINY, options: RunOptions | None = None) -> Path:
    made = run.animate(room / "p.komadori", settings, options or RunOptions()).film
    assert made is not None
    return made


@pytest.fixture
def heard(tmp_path: Path, chapter: Path) -> Path:
    """A folder with a project whose film has two sound effects."""
    film(tmp_path, TINY, RunOptions(chapter, corrections=with_sounds()))
    return tmp_path


def film_made(library: Library) -> Made:
    cut = library.cut()
    assert cut is not None
    made = library.find_made(cut.key)
    assert made is not None
    return made


def soundtrack(room: Path) -> Soundtrack:
    with Library.open(room / "p.komadori", readonly=True) as library:
        mixed = library.find_made(str(film_made(library).facts["mix"]))
        assert mixed is not None
        return mix.soundtrack_of(read_only_context(library), mixed)


def picture_of(film: Path) -> bytes:
    """Return the coded picture of a film, without its sound."""
    words = [ffmpeg_path(), "-v", "error", "-i", str(film), "-map", "0:v:0", "-c", "copy", "-f", "h264", "-"]
    return subprocess.run(words, capture_output=True, check=True).stdout


def streams_of(film: Path) -> str:
    return subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", str(film)], capture_output=True, text=True, check=False
    ).stderr


def test_a_film_is_heard_from_its_first_frame_to_its_last(heard: Path) -> None:
    made = film(heard)
    assert "Audio: aac" in streams_of(made)
    assert "48000 Hz, stereo" in streams_of(made)
    samples, facts = read_audio(made), clips.probe_clip(made)
    assert len(samples) / SAMPLE_RATE == pytest.approx(facts.seconds, abs=0.05)
    tenths = samples[: len(samples) // 4800 * 4800].reshape(-1, 4800, 2)
    assert np.abs(tenths).max(axis=(1, 2)).min() > 0, "no gap is digital zero"
    assert measure(made).true_peak <= -1.0


def test_the_sounds_of_lettering_are_heard_when_it_is_seen(heard: Path) -> None:
    with Library.open(heard / "p.komadori") as library:
        context = read_only_context(library)
        pieces = film_pieces.film_pieces(context, {}, context.library.info())
    starts = {piece.shot.plan.panels: piece.start for piece in pieces if piece.shot}
    found = {effect.kind: effect.start * SMALL.fps / SAMPLE_RATE for effect in soundtrack(heard).effects}
    assert len(found) == 2
    shown = [min(start for panels, start in starts.items() if panel in panels) for panel in ("p0-1", "p0-3")]
    assert sorted(found.values()) == pytest.approx(sorted(shown), abs=2)


def test_only_what_is_heard_is_made_again_where_only_the_sound_changes(heard: Path) -> None:
    before = picture_of(film(heard))
    rendered = len(InProcessExecutor.rendered)
    loud = measure(film(heard)).integrated
    quieter = film(heard, TINY.model_copy(update={"loudness": -23.0}))
    assert picture_of(quieter) == before
    assert len(InProcessExecutor.rendered) == rendered
    assert measure(quieter).integrated == pytest.approx(loud - 9, abs=1.0)


def test_a_silent_film_has_no_sound_and_the_same_picture(heard: Path) -> None:
    sounding = film(heard).read_bytes()
    before = picture_of(film(heard))
    silent = film(heard, TINY.model_copy(update={"sound": False}))
    assert "Audio:" not in streams_of(silent)
    assert picture_of(silent) == before
    assert film(heard).read_bytes() == sounding


def test_stems_are_written_as_long_as_the_film(heard: Path, tmp_path: Path) -> None:
    export_parts(heard / "p.komadori", ["stems"], tmp_path / "out")
    stems = {path.name: read_audio(path) for path in sorted((tmp_path / "out").iterdir())}
    assert list(stems) == ["p-ambience.wav", "p-effects.wav"]
    assert {len(stem) for stem in stems.values()} == {soundtrack(heard).length}
    assert all(stem.any() for stem in stems.values())


def test_a_shot_that_mutes_its_effects_or_cuts_a_sound_changes_the_mix_alone(heard: Path) -> None:
    """A sound that is cut fades in 20 ms: no sample of the finished film jumps further than within the sound."""
    before, loud = picture_of(film(heard)), soundtrack(heard)
    write_wav(heard / "tone.wav", tone(220, 2.0, -3))
    with Library.open(heard / "p.komadori") as library:
        cut_short = SoundCue(sample=keep_recording(library, str(heard / "tone.wav")), at=0.1, seconds=0.4)
        sounds = {"p0-1": ShotSound(muted=("effects",), ambience="night"), "p1-1": ShotSound(cues=(cut_short,))}
        shots = tuple(
            plan.model_copy(
                update={"sound": next((sounds[name] for name in plan.panels if name in sounds), plan.sound)}
            )
            for plan in library.shots()
        )
        library.add_revision(shots, kind="edit", key="", author="hand", message="quiet")
    after = film(heard)
    assert picture_of(after) == before
    quiet = soundtrack(heard)
    (placed,) = (effect for effect in quiet.effects if effect.sample)
    assert len(quiet.effects) - 1 == len(loud.effects) - 1
    heard_left, cut = read_audio(after)[:, 0], placed.start + round(0.4 * SAMPLE_RATE)
    own = np.abs(np.diff(heard_left[cut - 9600 : cut - 2400])).max()
    assert np.abs(np.diff(heard_left[cut - 1440 : cut + 1440])).max() < 1.1 * own
    levels = [level_in_decibels(heard_left[at : at + 2400]) for at in (cut - 4800, cut + 960)]
    assert levels[0] - levels[1] > 25
    assert [place.kind for place in quiet.ambience].count("night") == 1


def test_music_of_a_file_is_heard_and_a_mood_that_nothing_plays_is_named(heard: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32)
    write_wav(tmp_path / "theme.wav", noise)
    film(heard, TINY.model_copy(update={"music": str(tmp_path / "theme.wav")}))
    with Library.open(heard / "p.komadori", readonly=True) as library:
        mixed = library.find_made(str(film_made(library).facts["mix"]))
        assert mixed is not None
        assert "music" in mixed.artifacts
    missing = {"music.soundfont": {"soundfont": "no/such.sf2"}}
    film(heard, TINY.model_copy(update={"music": "tense", "options": missing}))
    with Library.open(heard / "p.komadori", readonly=True) as library:
        mixed = library.find_made(str(film_made(library).facts["mix"]))
        assert mixed is not None
        assert "music" not in mixed.artifacts
        notes = [event.text for event in library.events(kinds={"note"}) if event.stage == "mix"]
    assert any("mood" in note for note in notes)


def test_damaged_loops_effects_and_stems_are_made_again_and_named(heard: Path) -> None:
    """A change of the loudness alone reads the stems, and those are made of the loops and effects."""
    before, quiet = film(heard).read_bytes(), TINY.model_copy(update={"loudness": -23.0})
    quieter = film(heard, quiet).read_bytes()
    project = heard / "p.komadori"
    with Library.open(project) as library:
        results = [one for one in library.stored_results() if one.tool in ("mix", "assemble")]
        for one in results:
            path = library.artifacts.root / one.artifact[:2] / one.artifact
            path.write_bytes(path.read_bytes()[:-1] + b"?")
        library.forget_results({one.key for one in results if one.tool == "assemble"})
    report = run.animate(project, quiet, RunOptions())
    assert report.film is not None
    assert report.film.read_bytes() == quieter
    assert "mix" in {tool for _, tool in report.restored}
    assert film(heard).read_bytes() == before
