"""Test that edits of sound are kept like all others, and that no picture is made again because of them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

import komadori
from agents.conversation import turn
from agents.editing import grammar, revise, undo
from agents.editing.refusals import EditError
from agents.editing.shot_status import attempts_in_force, read_only_context
from agents.garbage import find_garbage, remove_garbage
from agents.scripting import scripts
from agents.scripting.script_edits import apply_script_edits
from commands import show
from storage.domain import Balloon, ShotSound
from storage.errors import AudioError, SettingsError
from storage.library import Library
from storage.sound import MusicCue
from tests.agents.editing.test_rebase import book as drawn_book
from tests.agents.editing.test_rebase import commands, edit, losses, plan
from tests.agents.editing.test_rebase import project as project_of
from tests.agents.editing.test_revise import film_again, keys, project, say, shots
from tests.drawn_books import DrawnBook
from tests.replaying import replayed

pytestmark = pytest.mark.film
book = drawn_book


def write_tone(path: Path, *, pitch: float = 440.0) -> Path:
    """Write a second of a tone as a WAV file."""
    tone = np.sin(2 * np.pi * pitch * np.arange(24_000) / 24_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes((tone * 9_000).astype("<i2").tobytes())
    return path


def write_script(room: Path, *lines: str) -> Path:
    """Write a script of some edits beside the project."""
    edits = "".join(f"{line!r},\n" for line in lines)
    script = room / "film.toml"
    script.write_text(f'source = "chapter"\nproject = "chapter.komadori"\nedits = [\n{edits}]\n')
    return script


def segment_keys(room: Path) -> dict[str, str]:
    """Return the content keys of the segments of all shots, by the shots' ids."""
    with Library.open(project(room), readonly=True) as library:
        found = attempts_in_force(read_only_context(library), library.shots())
        return {item.resolved.shot.id: item.resolved.key for item in found}


SOUND_ONLY = (
    "shot 3 music tense", "shot 3 sound thunder at 0.5", "page 1 voice louder", "shot 1 sound hit with balloon 1",
    "film place sea", "shot 2 mute",
)  # fmt: skip


def test_no_picture_is_made_again_where_only_the_sound_changes(filmed: Path) -> None:
    before, made = segment_keys(filmed), keys(filmed)
    with Library.open(project(filmed), readonly=True) as library:
        names = tuple(shot.id for shot in library.shots())
        asked = revise.preview_edits(library, [grammar.parse_line(line) for line in SOUND_ONLY])
    done = say(filmed, *SOUND_ONLY)
    for report in (asked, done):
        assert (report.stale, report.film, report.seconds) == ((), 0.0, 0.0)
        assert report.changed == report.sound_only == names
    assert segment_keys(filmed) == before
    assert film_again(filmed) == set()
    with Library.open(project(filmed), readonly=True) as library:
        fresh = [one for one in library.events(kinds={"made"}) if one.facts["key"] not in made]
        assert {one.stage for one in fresh} <= {"mix", "voice", "assemble"}
        assert replayed(library) == library.shots()


def test_a_picture_that_changes_with_the_sound_is_filmed_again_and_the_others_are_not(filmed: Path) -> None:
    done = say(filmed, "shot 3 slower", "shots 2-3 louder")
    assert (done.stale, done.sound_only) == (("s003",), ("s002",))
    assert film_again(filmed) == {"s003"}


def test_undo_and_redo_go_over_sounds(filmed: Path) -> None:
    plain = shots(filmed)
    say(filmed, *SOUND_ONLY)
    heard = shots(filmed)
    back = undo.undo(project(filmed))
    assert shots(filmed) == plain
    assert back.stale == ()
    assert back.sound_only == tuple(shot.id for shot in plain)
    undo.redo(project(filmed))
    assert shots(filmed) == heard


def test_a_chat_without_a_model_and_the_python_api_change_what_is_heard(filmed: Path) -> None:
    answer = turn.take_turn(project(filmed), "no music on page 2, please")
    assert answer.report is not None
    assert answer.report.stale == ()
    assert {shot.page for shot in shots(filmed) if shot.sound.muted == ("music",)} == {1}
    turn.take_turn(project(filmed), "shot 3 louder")
    assert turn.take_turn(project(filmed), "again").report is not None
    assert shots(filmed)[2].sound.voice_gain == 8
    report = komadori.revise(komadori.open_project(project(filmed)), "shot 3 volume 0; shot 3 place rain")
    assert shots(filmed)[2].sound == ShotSound(ambience="rain")
    assert report.sound_only == ("s003",)


def test_a_recording_is_kept_in_the_project_and_outlives_its_file(filmed: Path, tmp_path: Path) -> None:
    door, theme = write_tone(tmp_path / "my door.wav"), write_tone(tmp_path / "theme.wav", pitch=220)
    data = door.read_bytes()
    say(filmed, f'shot 3 sound "{door}" at 0.5', f'page 1 music "{theme}"', f'shot 2 sound "{door}"')
    sample, music = shots(filmed)[2].sound.cues[0].sample, shots(filmed)[2].sound.music
    assert music == shots(filmed)[0].sound.music
    heard = shots(filmed)
    door.unlink()
    theme.unlink()
    undo.undo(project(filmed))
    with Library.open(project(filmed)) as library:
        remove_garbage(library, find_garbage(library))
    undo.redo(project(filmed))
    assert shots(filmed) == heard
    with Library.open(project(filmed), readonly=True) as library:
        assert library.artifacts.open(sample).read_bytes() == data
        assert isinstance(music, MusicCue)
        assert library.artifacts.has(music.file)
        assert replayed(library) == library.shots()
        names, values = ([str(cell) for cell in column.cells] for column in show.shot(library, "3").columns)
        assert values[names.index("sound")] == f"{door} at 0.5 s; music {theme}", (
            "recordings are shown by the names that they were given under"
        )
    say(filmed, 'shot 3 sound "my door.wav" none')
    assert [len(shot.sound.cues) for shot in shots(filmed)[:3]] == [0, 1, 0]


def test_a_recording_that_was_given_anew_under_its_name_is_removed_where_it_is_heard(
    filmed: Path, tmp_path: Path
) -> None:
    door = write_tone(tmp_path / "door.wav")
    say(filmed, f'shot 3 sound "{door}"')
    write_tone(door, pitch=880)
    say(filmed, f'shot 2 sound "{door}"')
    first, second = (shots(filmed)[number].sound.cues[0].sample for number in (2, 1))
    assert first != second
    say(filmed, "shot 2 sound door.wav none")
    assert [len(shot.sound.cues) for shot in shots(filmed)[1:3]] == [0, 1]
    say(filmed, "shot 3 sound door.wav none")
    assert not any(shot.sound.cues for shot in shots(filmed))


def test_a_file_that_is_no_sound_is_refused_and_nothing_is_lost(filmed: Path, tmp_path: Path) -> None:
    say(filmed, "shot 3 sound thunder")
    before = shots(filmed)
    (tmp_path / "broken.wav").write_bytes(b"RIFF" + bytes(90))
    (tmp_path / "empty.ogg").write_bytes(b"")
    (tmp_path / "folder.wav").mkdir()
    for name in ("broken.wav", "empty.ogg"):
        for line in (f'shot 2 sound "{tmp_path / name}"', f'shot 2 music "{tmp_path / name}"'):
            with pytest.raises(AudioError) as refusal:
                say(filmed, "shot 1 louder", line)
            assert refusal.value.hint
    for name in ("missing.wav", "folder.wav"):
        with pytest.raises(SettingsError) as missing:
            say(filmed, f'shot 2 sound "{tmp_path / name}"')
        assert missing.value.hint
    with pytest.raises(EditError) as unknown:
        say(filmed, "shot 3 sound other.wav none")
    assert unknown.value.kind == "unknown_recording"
    assert shots(filmed) == before


def test_a_script_names_sounds_beside_it_and_checks_them_first(filmed: Path) -> None:
    script = write_script(
        filmed, "shot 3 sound door.wav at 0.2", 'page 2 music "theme.wav"', "shot 3 sound door.wav none", "shot 1 mute"
    )
    write_tone(filmed / "door.wav")
    loaded = scripts.load_script(script)
    with pytest.raises(SettingsError):
        apply_script_edits(project(filmed), loaded, lambda progress: None)
    assert not any(shot.sound.muted for shot in shots(filmed))
    write_tone(filmed / "theme.wav")
    apply_script_edits(project(filmed), loaded, lambda progress: None)
    heard = shots(filmed)
    assert heard[2].sound == ShotSound()
    assert heard[0].sound.muted == ("voice", "effects", "ambience", "music")
    assert {shot.sound.music is not None for shot in heard if shot.page == 1} == {True}
    apply_script_edits(project(filmed), loaded, lambda progress: None)
    assert shots(filmed) == heard, "it is applied once"


EDITS = (
    "shot 9 sound door at 0.5", "shot 9 sound bell with balloon 1", "shot 8 music tense", "shots 4-6 place sea",
    "shot 1 mute", "shot 6 voice -6", "shot 5 split", "shots 7-8 merge", "shot 2 louder", "shot 2 lock",
)  # fmt: skip


def test_sounds_stay_with_their_panels_on_a_new_plan(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, *EDITS)
    heard = {shot.id: shot.sound.model_copy(update={"cues": ()}) for shot in before}
    book.change_panel(1, 2, words=40)
    book.change_panel(0, 0, seed=5)
    after = plan(book)
    assert losses(book) == ()
    assert {shot.id: shot.sound.model_copy(update={"cues": ()}) for shot in after} == heard
    (door, bell) = next(shot for shot in after if shot.id == "s009").sound.cues
    assert bell.balloon in next(shot for shot in after if shot.id == "s009").balloons
    assert door.at is not None
    first = book.pages.pop(0)
    book.pages.append(first)
    moved = plan(book)
    assert sorted(str(shot.sound.ambience) for shot in moved) == sorted(str(shot.sound.ambience) for shot in after)
    assert sum(len(shot.sound.cues) for shot in moved) == 2
    known = {balloon.id for balloon in balloons(book)}
    assert all(cue.balloon is None or cue.balloon in known for shot in moved for cue in shot.sound.cues)


def balloons(book: DrawnBook) -> list[Balloon]:
    with Library.open(project_of(book), readonly=True) as library:
        transcript = library.transcript()
    assert transcript is not None
    return [balloon for page in transcript.pages for balloon in page.balloons]


def test_a_sound_of_a_balloon_that_is_gone_is_named_and_the_others_stay(book: DrawnBook) -> None:
    plan(book)
    edit(book, "shot 9 sound bell with balloon 1", "shot 9 sound door", "shot 9 mute voice")
    book.change_panel(2, 2, words=0)
    after = plan(book)
    assert [(one.cause, one.shots) for one in losses(book)] == [("balloon_gone", ("s009",))]
    assert commands(book) == ["shot 9 sound bell with balloon 1"]
    assert [cue.kind for cue in after[8].sound.cues] == ["door"]
    assert after[8].sound.muted == ("voice",)
