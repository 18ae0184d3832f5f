"""Test the cards of whole films: their frames, chapters and subtitles, and that a film without them stays as it was."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import approval, garbage, run
from agents.editing.shot_status import read_only_context
from agents.estimates import dry_run
from agents.run import RunOptions
from agents.run_context import RunContext
from agents.scripting import checks, scripts
from agents.stages import cards
from commands import run as run_command
from commands.cli.arguments import parse
from commands.cli.settings import settings_of
from main import main
from storage.book_info import BookCredit, BookInfo, ChapterMark
from storage.domain import PageImage, VideoFormat
from storage.keys import content_key
from storage.library import Library
from storage.settings import Settings
from tests.conftest import SMALL, draw_chapter, transcript_of
from tests.program import HOUSE
from tests.test_film import kill_in, made
from tools import png
from tools.cards import TitleCard, drawing
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path

pytestmark = pytest.mark.film
TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)
TITLE, CHAPTER, END = 36, 21, 36
"""Frames of the cards at 12 frames a second."""
INFO = """<ComicInfo><Series>Komadori</Series><Number>2</Number><Title>The bird</Title><Writer>Mori</Writer>
<Penciller>Hana</Penciller><Pages><Page Image="0" Bookmark="ch01"/><Page Image="1" Bookmark="The light"/></Pages>
</ComicInfo>"""


def write_info(chapter: Path, text: str = INFO) -> Path:
    (chapter / "ComicInfo.xml").write_text(text, encoding="utf-8")
    return chapter


def film(chapter: Path, project: Path, settings: Settings = TINY) -> Path:
    found = run.animate(project, settings, RunOptions(chapter, corrections=transcript_of(2))).film
    assert found is not None
    return found


def again(project: Path, settings: Settings = TINY) -> Path:
    found = run.animate(project, settings, RunOptions()).film
    assert found is not None
    return found


def frames_of(path: Path) -> list[np.ndarray[Any, Any]]:
    return [frame.astype(np.int16) for frame in clips.read_frames(path)]


def chapters_of(path: Path) -> list[tuple[float, float, str]]:
    """Return the chapters of a film: start and end in seconds, and title."""
    words = [ffmpeg_path(), "-v", "error", "-i", str(path), "-f", "ffmetadata", "-"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = []
    for block in text.split("[CHAPTER]\n")[1:]:
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        top, bottom = (int(number) for number in values["TIMEBASE"].split("/"))
        found.append((int(values["START"]) * top / bottom, int(values["END"]) * top / bottom, values["title"]))
    return found


def times_of(path: Path) -> list[float]:
    """Return the times at which the subtitles of a film begin and end, in seconds."""
    lines = [line for line in path.with_suffix(".srt").read_text().splitlines() if "-->" in line]
    return [
        sum(float(part.replace(",", ".")) * unit for part, unit in zip(time.split(":"), (3600, 60, 1), strict=True))
        for line in lines
        for time in line.split(" --> ")
    ]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The films of a bare chapter, and of the same chapter with metadata."""
    room = tmp_path_factory.mktemp("films")
    bare, titled = draw_chapter(room / "bare"), write_info(draw_chapter(room / "titled"))
    return {name.name: film(name, room / f"{name.name}.komadori") for name in (bare, titled)}


def test_the_cards_stand_around_the_shots_which_stay_as_they_are(films: dict[str, Path]) -> None:
    bare, titled = frames_of(films["bare"]), frames_of(films["titled"])
    second = round(chapters_of(films["bare"])[1][0] * 12)
    assert len(titled) == len(bare) + TITLE + 2 * CHAPTER + END
    first = TITLE + CHAPTER
    assert all(map(np.array_equal, titled[first : first + second], bare[:second]))
    rest = first + second + CHAPTER
    assert all(map(np.array_equal, titled[rest:-END], bare[second:]))
    for start, length in ((0, TITLE), (TITLE, CHAPTER), (first + second, CHAPTER), (len(titled) - END, END)):
        assert titled[start].max() <= 4
        assert titled[start + length - 1].max() <= 4
        assert titled[start + length // 2].max() >= 150


def test_chapters_and_subtitles_move_with_the_cards(films: dict[str, Path]) -> None:
    (_, half, one), (_, end, other) = chapters_of(films["bare"])
    assert (one, other) == ("Page 1", "Page 2")
    card, opening = CHAPTER / 12, TITLE / 12
    expected = [
        (0.0, opening, "Komadori"),
        (opening, opening + card + half, "Page 1"),
        (opening + card + half, opening + 2 * card + end, "Page 2"),
        (opening + 2 * card + end, opening + 2 * card + end + END / 12, "Credits"),
    ]
    found = chapters_of(films["titled"])
    assert [title for *_, title in found] == [title for *_, title in expected]
    for (begin, stop, _), (wanted, last, _) in zip(found, expected, strict=True):
        assert begin == pytest.approx(wanted, abs=0.002)
        assert stop == pytest.approx(last, abs=0.002)
    shifts = [late - early for early, late in zip(times_of(films["bare"]), times_of(films["titled"]), strict=True)]
    assert shifts == pytest.approx([opening + card] * 2 + [opening + 2 * card] * 2, abs=0.002)


def test_a_bare_folder_s_film_has_the_key_that_it_had_before_there_were_cards(films: dict[str, Path]) -> None:
    with Library.open(films["bare"].parent.parent, readonly=True) as library:
        cut = library.cut()
        assert cut is not None
        takes = {take.id: take.artifact for shot in library.shots() for take in library.takes(shot.id)}
        cues = [
            {"start": begin, "end": end, "text": "hello there", "speaker": ""}
            for begin, end in pairwise_times(films["bare"])
        ]
        chapters = [{"start": begin, "end": end, "title": title} for begin, end, title in exact_chapters(library)]
        film = library.find_many([cut.key])[cut.key]
        mixed = library.find_made(str(film.facts["mix"]))
        assert mixed is not None
        assert cut.key == content_key(
            "assemble", "clips", 1, segments=[takes[take] for take in cut.takes], cues=cues, chapters=chapters,
            title="", comment="directed by rules", language="eng",
            audio=mixed.artifacts["audio"].sha256, mix_key=film.facts["mix"],
        )  # fmt: skip
        assert library.find_many([cut.key])[cut.key].artifacts.keys() == {"film", "subtitles"}
        assert not [result for result in library.stored_results() if result.tool == "cards"]
    assert {path.name for path in films["bare"].parent.iterdir()} == {"bare.mp4", "bare.srt"}
    assert attached(films["bare"]) is None


def pairwise_times(path: Path) -> list[tuple[float, float]]:
    times = times_of(path)
    return [(round(begin, 3), round(end, 3)) for begin, end in zip(times[::2], times[1::2], strict=True)]


def exact_chapters(library: Library) -> list[tuple[float, float, str]]:
    """Return a chapter for each page of a film without dissolves, by the lengths of its shots."""
    frames = [sum(round(shot.seconds * 12) for shot in library.shots() if shot.page == page) for page in (0, 1)]
    return [(0.0, frames[0] / 12, "Page 1"), (frames[0] / 12, sum(frames) / 12, "Page 2")]


def attached(path: Path) -> bytes | None:
    """Return the picture that is attached to a film; None if there is none."""
    words = [ffmpeg_path(), "-v", "error", "-i", str(path), "-map", "0:v:1", "-c", "copy", "-f", "image2pipe", "-"]
    done = subprocess.run(words, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 and done.stdout else None


def test_the_poster_is_attached_and_beside_the_film_and_exported(
    films: dict[str, Path], tmp_path: Path, finished: Path
) -> None:
    beside = films["titled"].with_suffix(".jpg").read_bytes()
    assert attached(films["titled"]) == beside
    assert clips.probe_clip(films["titled"]).subtitles == 1
    assert main(["export", str(films["titled"].parent.parent), "poster", "-o", str(tmp_path / "a")]) == 0
    assert (tmp_path / "a" / "titled.jpg").read_bytes() == beside
    poster = read_picture(beside)
    assert poster.shape == (180, 320, 3)
    words = drawing.draw_title(TitleCard(title="Komadori", subtitle="2 – The bird", byline="Mori · Hana"), SMALL)
    assert poster[words == 255].mean() > 200
    assert poster[words == 0].mean() < 90
    assert main(["export", str(finished / "chapter.komadori"), "poster", "-o", str(tmp_path / "b")]) == 0
    still = read_picture((tmp_path / "b" / "chapter.jpg").read_bytes())
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        shot = library.shots()[0]
    middle = frames_of(finished / "film.mp4")[round(shot.seconds * 12) // 2]
    assert np.abs(still.astype(int) - middle).mean() < 12


def read_picture(data: bytes) -> np.ndarray[Any, Any]:
    import cv2

    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1]


def test_cards_can_be_switched_off_and_on_and_undo_does_not_know_them(tmp_path: Path) -> None:
    chapter, project = write_info(draw_chapter(tmp_path / "chapter")), tmp_path / "chapter.komadori"
    path = film(chapter, project)
    whole, frames = path.read_bytes(), len(frames_of(path))
    with Library.open(project, readonly=True) as library:
        revisions, shots = len(library.revisions()), [shot.id for shot in library.shots()]
    assert main(["animate", str(chapter), "--project", str(project), "--no-cards"]) == 0
    assert len(frames_of(path)) == frames - TITLE - 2 * CHAPTER - END
    assert attached(path) is None
    assert [title for *_, title in chapters_of(path)] == ["Page 1", "Page 2"]
    with Library.open(project, readonly=True) as library:
        assert (len(library.revisions()), [shot.id for shot in library.shots()]) == (revisions, shots)
        assert library.settings() == TINY.model_copy(update={"cards": False})
    assert main(["animate", str(chapter), "--project", str(project), "--cards"]) == 0
    assert path.read_bytes() == whole
    assert main(["chat", str(project), "shot 2 seconds 5"]) == 0
    assert path.read_bytes() != whole
    assert main(["undo", str(project)]) == 0
    assert path.read_bytes() == whole


def test_a_dissolve_into_a_shot_after_a_card_is_a_cut_and_others_stay(tmp_path: Path) -> None:
    chapter, project = write_info(draw_chapter(tmp_path / "chapter")), tmp_path / "chapter.komadori"
    path = film(chapter, project)
    before = len(frames_of(path))
    with Library.open(project, readonly=True) as library:
        shots = library.shots()
    opening = [next(n for n, shot in enumerate(shots, 1) if shot.page == page) for page in (0, 1)]
    leading = sum(shot.transition == "dissolve" for shot in shots) - sum(
        shots[number - 1].transition == "dissolve" for number in opening
    )
    lines = "; ".join(f"shot {number} dissolve" for number in (*opening, opening[1] + 1))
    assert main(["chat", str(project), lines]) == 0
    with Library.open(project, readonly=True) as library:
        after = library.shots()
    wanted = sum(shot.transition == "dissolve" for n, shot in enumerate(after, 1) if n not in opening)
    changed = sum(round(shot.seconds * 12) for shot in after) - sum(round(shot.seconds * 12) for shot in shots)
    assert len(frames_of(path)) == before + 6 * (wanted - leading) + changed


def test_each_aspect_has_cards_of_its_own_and_gc_keeps_them(tmp_path: Path) -> None:
    chapter, project = write_info(draw_chapter(tmp_path / "chapter")), tmp_path / "chapter.komadori"
    film(chapter, project)
    tall = TINY.model_copy(update={"screen": VideoFormat(width=180, height=320, fps=12)})
    other = again(project, tall)
    assert (clips.probe_clip(other).width, clips.probe_clip(other).height) == (180, 320)
    assert frames_of(other)[TITLE // 2].max() > 150
    assert other.with_suffix(".jpg").is_file()
    write_info(chapter, INFO.replace("Komadori", "Another title"))
    run.animate(project, tall, RunOptions(chapter, corrections=transcript_of(2)))
    with Library.open(project) as library:
        before = Counter(result.tool for result in library.stored_results())
        garbage.remove_garbage(library, garbage.find_garbage(library))
        kept = Counter(result.tool for result in library.stored_results())
        event = library.last_event()
    assert before["cards"] == 12, "in each aspect a title with its poster, two chapters and credits; the new title"
    assert kept["cards"] == 8, "without the old titles"
    again(project, tall)
    with Library.open(project, readonly=True) as library:
        assert [one.stage for one in library.events(event, {"made"})] == []


def test_a_title_that_no_typeface_can_draw_shows_the_cover_alone_and_says_so(tmp_path: Path) -> None:
    chapter = write_info(draw_chapter(tmp_path / "chapter"), "<ComicInfo><Title>ספר הציפור</Title></ComicInfo>")
    path = film(chapter, tmp_path / "chapter.komadori")
    frame = frames_of(path)[TITLE // 2]
    page = np.asarray(png.read_png(chapter / "001.png"))
    alone = drawing.TitleFilm(TitleCard(), page, SMALL).frame
    assert np.abs(frame - alone(0.5)).mean() < 4
    assert alone(0.5).max() > 200
    with Library.open(tmp_path / "chapter.komadori", readonly=True) as library:
        (note,) = [event for event in library.events(kinds={"note"}) if event.stage == "cards"]
        assert "ספר הציפור" in note.text
        (title, *_), undrawn = cards.plan_cards(*_filmed(library))
    assert title.job.arguments["card"] == TitleCard()
    assert undrawn == ["ספר הציפור"]


def _filmed(library: Library) -> tuple[Any, Any, Any]:
    from agents.editing import shot_status

    context = shot_status.read_only_context(library)
    return context, library.info(), [item.resolved for item in shot_status.shot_statuses(library, context) if item.take]


def test_killed_while_cards_are_made_it_makes_the_same_film(tmp_path: Path) -> None:
    chapter = write_info(draw_chapter(tmp_path / "chapter"))
    projects = [tmp_path / "whole.komadori", tmp_path / "torn.komadori"]
    words = [
        [
            sys.executable,
            "main.py",
            "animate",
            str(chapter),
            "--project",
            str(project),
            "--height",
            "180",
            "--fps",
            "12",
        ]
        for project in projects
    ]
    subprocess.run(words[0], cwd=HOUSE, check=True, capture_output=True)
    killed = Counter[str]()
    for delay in (0.0, 0.3):
        kill_in(words[1], projects[1], "cards", delay, killed)
    assert killed["cards"] >= 1
    subprocess.run(words[1], cwd=HOUSE, check=True, capture_output=True)
    films = [output.read_bytes() for output in (projects[0] / "films/whole.mp4", projects[1] / "films/torn.mp4")]
    assert films[0] == films[1]
    assert made(projects[0]) == made(projects[1])


def test_the_title_is_the_book_s_own_or_there_are_no_cards() -> None:
    assert cards.film_title(BookInfo(series="Komadori", number="2", name="The bird"), "x") == "Komadori"
    assert cards.film_title(BookInfo(series="003", name="The bird"), "x") == "The bird"
    assert cards.film_title(BookInfo(title="Old project 2"), "x") == "Old project 2"
    assert cards.film_title(BookInfo(title="ja"), "A Fine Title.cbz") == ""
    assert cards.film_title(BookInfo(), "/books/A Fine Title.cbz") == ""
    assert cards.film_title(BookInfo(cover=0), "/books/A Fine Title.cbz") == "A Fine Title"
    assert cards.film_title(BookInfo(cover=0), "/books/title/ja") == ""


def pages_in(*names: str) -> tuple[PageImage, ...]:
    return tuple(PageImage(index=n, name=name, artifact="a" * 64, width=9, height=9) for n, name in enumerate(names))


def test_chapters_come_from_the_metadata_or_from_folders() -> None:
    folders = pages_in("x/ch1/1.png", "x/ch1/2.png", "x/ch2/1.png", "x/003/1.png", "x/The end/1.png")
    assert cards.chapter_starts(BookInfo(), folders) == {0: "Chapter 1", 2: "Chapter 2", 4: "The end"}
    marks = (
        ChapterMark(page=1, title="One fine day"),
        ChapterMark(page=3, title="007"),
        ChapterMark(page=4, title="vol 2"),
    )
    assert cards.chapter_starts(BookInfo(chapters=marks), folders) == {1: "One fine day", 4: "Volume 2"}
    assert cards.chapter_starts(BookInfo(chapters=marks[:1]), pages_in("1.png", "2.png", "3.png")) == {}
    assert cards.chapter_starts(BookInfo(), pages_in("ja/1.png", "ja/2.png")) == {}
    assert cards.chapter_starts(BookInfo(), pages_in("v1/ch1/1.png", "v1/ch2/1.png", "v2/ch3/1.png")) == {
        0: "Volume 1 – Chapter 1", 1: "Volume 1 – Chapter 2", 2: "Volume 2 – Chapter 3",
    }  # fmt: skip
    listed = tuple(ChapterMark(page=n, title=f"Scene of day {n}") for n in range(5))
    assert cards.chapter_starts(BookInfo(chapters=listed), folders) == {}
    assert len(cards.chapter_starts(BookInfo(chapters=listed[:3]), pages_in("1.png", "2.png", "3.png"))) == 3
    chosen = tuple(page.model_copy(update={"index": page.index + 2}) for page in pages_in("1.png", "2.png", "3.png"))
    early = (ChapterMark(page=0, title="Dawn"), ChapterMark(page=3, title="Dusk"))
    assert cards.chapter_starts(BookInfo(chapters=early), chosen) == {2: "Dawn", 3: "Dusk"}
    assert BookCredit(role="art", names=("Hana",)).names == ("Hana",)


def test_a_script_and_the_command_line_switch_cards_off(tmp_path: Path, chapter: Path) -> None:
    script = tmp_path / "film.toml"
    script.write_text(f'source = "{chapter}"\ncards = false\n')
    assert not checks.settings_of(scripts.load_script(script)).cards
    for words, wanted in ((["--cards"], True), (["--no-cards"], False), ([], False)):
        command = parse(["run", str(script), *words])
        assert checks.settings_of(run_command._load(command)).cards is wanted
    for words, wanted in ((["--cards"], True), (["--no-cards"], False), ([], True)):
        assert settings_of(parse(["animate", str(chapter), *words]), None).cards is wanted


def test_cards_change_neither_the_estimate_nor_what_was_approved(filmed: Path) -> None:
    project, off = filmed / "chapter.komadori", TINY.model_copy(update={"cards": False})
    said = [dry_run.estimate(project, settings, RunOptions(filmed / "chapter")) for settings in (TINY, off)]
    assert said[0] == said[1]
    assert any("8 of them stand" in line for line in said[1])
    with Library.open(project) as library:
        bases = [
            approval.approval_basis(RunContext(library, settings, read_only_context(library).executor))
            for settings in (TINY, off)
        ]
    assert bases[0] == bases[1]
