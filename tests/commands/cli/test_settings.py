"""Test that given options change the settings, others keep their value, and every picture has even sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.settings_update import MAX_SIDE_PIXELS, MIN_SIDE_PIXELS
from commands.cli.arguments import parse
from commands.cli.settings import format_of, project_of, settings_before, settings_of
from storage.domain import VideoFormat
from storage.errors import ProjectError, SettingsError
from storage.frame_rate import FrameRate
from storage.library import Library
from storage.settings import Backends, MagiConsent, Settings
from storage.styles import StyleSheet

BEFORE = Settings(
    screen=VideoFormat(width=320, height=180, fps=12),
    order="rtl",
    pages="2-3",
    crf=30,
    backends=Backends(animate="x.Y"),
)


def settings(words: str, before: Settings | None = None) -> Settings:
    return settings_of(parse(["animate", "book", *words.split()]), before)


def reading(*words: str, before: Settings | None = None) -> Settings:
    return settings_of(parse(["read", "book", *words]), before)


def screen(words: str, before: Settings = BEFORE) -> tuple[int, int, FrameRate]:
    found = settings(words, before).screen
    return found.width, found.height, found.fps


def test_what_is_not_said_stays_as_it_was() -> None:
    assert settings("", BEFORE) == BEFORE
    assert settings("") == Settings()
    agreed = Settings(magi=MagiConsent(revision="a" * 40, licence_accepted=True), cast="/somewhere")
    assert settings("", agreed) == reading(before=agreed) == agreed


def test_what_is_said_changes_and_nothing_else() -> None:
    assert settings("--order ltr", BEFORE) == BEFORE.model_copy(update={"order": "ltr"})
    assert settings("--pages 5", BEFORE).pages == "5"
    assert settings("--pages all", BEFORE).pages == ""
    assert settings("--transcribe magi2", BEFORE).backends == Backends(transcribe="magi2", animate="x.Y")
    assert screen("--fps 24") == (320, 180, 24)


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("", (1920, 1080)), ("--aspect 9:16", (1080, 1920)), ("--aspect 1:1", (1080, 1080)),
        ("--aspect 4:5", (1080, 1350)),
        ("--height 1080 --aspect 9:16", (608, 1080)), ("--height 720", (1280, 720)), ("--height 721", (1282, 720)),
        ("--aspect 12:5", (2592, 1080)), ("--aspect 16:9 --height 480", (854, 480)),
    ],
)  # fmt: skip
def test_a_new_film_has_a_short_side_of_1080_or_the_height_that_was_asked_for(
    words: str, size: tuple[int, int]
) -> None:
    assert screen(words, Settings())[:2] == size


@pytest.mark.parametrize(
    ("words", "size"),
    [("--aspect 9:16", (180, 320)), ("--aspect 1:1", (180, 180)), ("--height 360", (640, 360))],
)
def test_a_film_that_is_there_keeps_its_short_side_and_its_aspect(words: str, size: tuple[int, int]) -> None:
    assert screen(words)[:2] == size


@pytest.mark.parametrize("aspect", ["1:1", "16:9", "9:16", "4:5", "239:100", "1:4", "4:1", "17:13"])
@pytest.mark.parametrize("height", [480, 481, 719, 1080, 1919])
def test_both_sides_are_even_and_the_aspect_is_the_one_that_was_meant(aspect: str, height: int) -> None:
    wide, tall = (int(side) for side in aspect.split(":"))
    width, high, _ = screen(f"--aspect {aspect} --height {height}")
    assert width % 2 == high % 2 == 0
    assert abs(high - height) <= 1
    assert abs(width - height * wide / tall) <= 1


@pytest.mark.parametrize(
    "words",
    ["--aspect 16", "--aspect 0:9", "--aspect ²:1", "--aspect 5:1", "--aspect 1:5", "--aspect 999999:999999",
     f"--height {MIN_SIDE_PIXELS - 2}", f"--height {MAX_SIDE_PIXELS + 2}", "--height 200 --aspect 1:4"],
)  # fmt: skip
def test_a_picture_that_cannot_be_filmed_is_refused(words: str) -> None:
    with pytest.raises(SettingsError):
        screen(words, Settings())


def test_a_reader_has_no_picture_and_leaves_the_projects_alone() -> None:
    assert format_of(parse(["read", "book"]), BEFORE.screen) == BEFORE.screen


@pytest.mark.parametrize(
    ("source", "project"),
    [("a/vol 1.cbz", "vol 1.komadori"), ("chapter", "chapter.komadori"), (".", "here.komadori")],
)
def test_a_project_is_named_after_its_book(
    source: str, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "chapter").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert project_of(parse(["animate", source])) == Path(project)
    assert project_of(parse(["animate", source, "--project", "p"])) == Path("p")


def test_the_name_of_another_book_is_not_taken_unless_that_book_is_gone(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chapter.komadori").symlink_to(finished / "chapter.komadori")
    assert project_of(parse(["animate", str(finished / "chapter")])) == Path("chapter.komadori")
    (tmp_path / "elsewhere" / "chapter").mkdir(parents=True)
    with pytest.raises(ProjectError, match="is the film of"):
        project_of(parse(["animate", "elsewhere/chapter"]))
    (tmp_path / "chapter.komadori").unlink()
    with Library.open(tmp_path / "chapter.komadori", create=True) as library:
        library.set_project(str(tmp_path / "gone" / "chapter"), library.info())
    assert project_of(parse(["animate", "elsewhere/chapter"])) == Path("chapter.komadori")


def test_settings_are_found_in_a_project_and_nowhere_else(finished: Path, tmp_path: Path) -> None:
    found = settings_before(finished / "chapter.komadori")
    assert found
    assert (found.screen.width, found.preset) == (320, "ultrafast")
    assert settings_before(tmp_path) is None
    assert settings_before(tmp_path / "nowhere") is None
    assert not list(tmp_path.iterdir())


def test_the_style_of_a_film_is_a_word_a_sheet_or_a_pace_and_stays(tmp_path: Path) -> None:
    sheet = tmp_path / "style.toml"
    sheet.write_text('pace = "calm"\nmood = "quiet"\n')
    quiet = settings(f"--style {sheet}")
    assert quiet.style == StyleSheet(pace=1.25, mood="quiet")
    assert settings("", quiet) == quiet
    assert settings("--pace brisk", quiet).style == StyleSheet(pace=0.8, mood="quiet")
    assert settings("--style still --pace 1.5").style == StyleSheet(pace=1.5, motion=0)
    assert settings("--style none", quiet).style == StyleSheet()


@pytest.mark.parametrize("words", ["--style dreamy", "--style nowhere.toml", "--pace slow", "--pace 9", "--pace nan"])
def test_what_is_no_style_is_refused(words: str) -> None:
    with pytest.raises(SettingsError):
        settings(words)


def test_how_often_a_shot_may_be_filmed_again_is_said() -> None:
    assert settings("--max-retakes 0", BEFORE) == BEFORE.model_copy(update={"max_retakes": 0})
    assert settings("", settings("--max-retakes 5")).max_retakes == 5
    with pytest.raises(SettingsError, match="0 to 8"):
        settings("--max-retakes 9")


def test_a_hash_is_a_revision_and_a_folder_is_a_model(tmp_path: Path) -> None:
    assert reading("--magi-revision", "b" * 40).magi == MagiConsent(revision="b" * 40)
    folder = reading("--magi-revision", str(tmp_path)).magi
    assert (folder.model, folder.revision, folder.licence_accepted) == (str(tmp_path.resolve()), "", False)


def test_the_licence_is_accepted_once_for_a_project() -> None:
    accepted = reading("--accept-magi-licence")
    assert accepted.magi.licence_accepted
    later = reading("--magi-revision", "c" * 40, before=accepted)
    assert later.magi == MagiConsent(revision="c" * 40, licence_accepted=True)


def test_the_cast_is_a_folder_with_pictures_or_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no picture"):
        reading("--cast", str(tmp_path))
    (tmp_path / "mika.png").touch()
    chosen = reading("--cast", str(tmp_path))
    assert chosen.cast == str(tmp_path.resolve())
    assert reading("--cast", "none", before=chosen).cast == ""


def test_magi_says_what_it_needs_on_the_command_line() -> None:
    settings = reading("--accept-magi-licence", "--magi-revision", "d" * 40)
    assert settings.options_of("transcribe", "magi3") == {
        "model": "", "revision": "d" * 40, "licence_accepted": True,
    }  # fmt: skip
    assert settings.options_of("transcribe", "classic") == {}
