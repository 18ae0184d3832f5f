"""Test that the library returns pages and transcripts exactly as they were stored."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from storage.book_info import BookInfo
from storage.domain import (
    Appearance,
    Balloon,
    Box,
    Character,
    PageImage,
    PageTranscript,
    Panel,
    Transcript,
    VideoFormat,
)
from storage.errors import ProjectTooNew, StorageError
from storage.library import Library
from storage.settings import Settings
from storage.sound import CharacterVoice


@pytest.mark.parametrize("source", ["chapter.cbz", "コマ.cbz", "na\udcefve/x.cbz", "C:\\books"])
def test_the_place_of_a_book_comes_back_whatever_its_name_is(source: str, library: Library) -> None:
    library.set_project(source, BookInfo())
    assert library.source() == source


def make_transcript(pages: int = 3) -> Transcript:
    luck = random.Random(5)

    def box() -> Box:
        x, y = luck.uniform(-20, 800), luck.uniform(-20, 1200)
        return Box(x, y, x + luck.uniform(1, 90), y + luck.uniform(1, 90))

    def page(index: int) -> PageTranscript:
        panels = tuple(
            Panel(id=f"p{index}-{n}", order=n, box=box(), polygon=((0.1, 2), (3, 4), (5, 1 / 3))) for n in (2, 0, 1)
        )
        texts = (
            Balloon(id=f"t{index}-0", order=1, box=box(), panel=f"p{index}-0", text="コマ撮り\n«…»", language="ja"),
            Balloon(
                id=f"t{index}-1",
                order=0,
                box=box(),
                kind="sound",
                vertical=True,
                confidence=1 / 7,
                speaker="?",
                spoken_seconds=1.25,
            ),
        )
        seen = (
            Appearance(id=f"c{index}-0", box=box(), character="mika", panel=f"p{index}-1"),
            Appearance(id=f"c{index}-1", box=box()),
        )
        doubts = ("two panels overlap",) if index else ()
        return PageTranscript(
            index=index,
            image=f"ja/00{index}.jpg",
            width=830,
            height=1170,
            panels=panels,
            balloons=texts,
            characters=seen,
            doubts=doubts,
        )

    cast = (Character(id="mika", name="美香", appearances=("c2-0", "c0-0")), Character(id="ada", name="Ada"))
    return Transcript(order="rtl", backend="classic", pages=tuple(map(page, range(pages))), cast=cast)


def test_a_new_project_knows_nothing(library: Library) -> None:
    assert library.source() is None
    assert library.info() == BookInfo()
    assert library.settings() is None
    assert library.pages() == ()
    assert library.transcript() is None


def test_the_source_and_what_it_says_of_itself_are_remembered(library: Library) -> None:
    info = BookInfo(title="Komadori", language="ja", order="rtl", order_reason="ComicInfo.xml")
    library.set_project("/books/駒鳥.cbz", info)
    library.set_settings(Settings(screen=VideoFormat(width=1080, height=1920), crf=20))
    library.set_project("/books/駒鳥.cbz", info)
    assert library.source() == "/books/駒鳥.cbz"
    assert library.info() == info
    assert library.settings() == Settings(screen=VideoFormat(width=1080, height=1920), crf=20)


def test_pages_come_back_in_order_and_are_replaced(library: Library) -> None:
    kept = [library.artifacts.keep(b"page %d" % n, "image/png").sha256 for n in range(3)]
    pages = tuple(PageImage(index=n, name=f"{n}.png", artifact=sha, width=8, height=9) for n, sha in enumerate(kept))
    library.set_pages(pages[::-1])
    assert library.pages() == pages
    library.set_pages(pages[:1])
    assert library.pages() == pages[:1]
    library.set_pages([])
    assert library.pages() == ()


def test_a_page_without_its_image_is_refused_and_the_others_stay(library: Library) -> None:
    sha = library.artifacts.keep(b"page", "image/png").sha256
    page = PageImage(index=0, name="0.png", artifact=sha, width=8, height=9)
    library.set_pages([page])
    with pytest.raises(StorageError, match="missing"):
        library.set_pages([page.model_copy(update={"index": 1, "artifact": "0" * 64})])
    assert library.pages() == (page,)


def test_a_transcript_comes_back_exactly(library: Library) -> None:
    transcript = make_transcript()
    library.set_transcript(transcript)
    assert library.transcript() == transcript
    assert library.transcript() == Transcript.model_validate_json(transcript.model_dump_json())


def test_a_transcript_replaces_the_one_before(library: Library) -> None:
    library.set_transcript(make_transcript())
    shorter = make_transcript(pages=1).model_copy(update={"order": "ltr"})
    library.set_transcript(shorter)
    assert library.transcript() == shorter
    empty = Transcript(order="vertical", backend="none", pages=())
    library.set_transcript(empty)
    assert library.transcript() == empty


def test_settings_of_a_newer_komadori_are_refused_by_name(library: Library) -> None:
    library.set_settings(Settings())
    with library.database.writing() as connection:
        connection.execute(text("update project set settings = json_set(settings, '$.hologram', 1)"))
    with pytest.raises(ProjectTooNew, match="hologram"):
        library.settings()


def test_a_transcript_keeps_what_is_said_of_voices_and_is_the_same_without(library: Library) -> None:
    plain = Transcript(order="rtl", backend="classic", pages=(), cast=(Character(id="mika", name="Mika"),))
    voice = CharacterVoice(name="jf_alpha", pitch=-2, gender="female")
    cast = (plain.cast[0].model_copy(update={"voice": voice}),)
    voiced = plain.model_copy(update={"cast": cast, "narrator": CharacterVoice(age="old")})
    for transcript in (plain, voiced):
        library.set_transcript(transcript)
        assert library.transcript() == transcript
        assert transcript.without_voices() == plain
    assert "voice" not in plain.model_dump_json()
    assert "narrator" not in plain.model_dump_json()
