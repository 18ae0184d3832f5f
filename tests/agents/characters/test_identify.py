"""Test how characters are identified over a book: by looks, named pictures and corrections, never invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from agents.run_context import RunContext
from agents.stages import cast, ingest, read
from storage.domain import Appearance, Balloon, Box, PageTranscript, Panel, Transcript
from storage.library import Library
from storage.settings import Backends, MagiConsent, Options, Settings
from tests.conftest import InProcessExecutor
from tests.magi import lettered_page, set_up
from tests.tiny import checkpoint
from tools import png
from tools.plates import Image

DARK, LIGHT = (15, 235), (245, 40)
"""Hair and coat of two people."""
LEFT, RIGHT = Box(20, 100, 180, 380), Box(220, 100, 380, 380)


def person(page: Image, box: Box, hair: int, coat: int) -> None:
    x, wide, tall = round(box.center[0]), round(box.width), round(box.height)
    cv2.ellipse(page, (x, round(box.y0) + tall // 4), (wide // 3, tall // 5), 0, 0, 360, (hair,) * 3, -1)
    cv2.rectangle(page, (x - wide // 3, round(box.y0) + tall // 2), (x + wide // 3, round(box.y1)), (coat,) * 3, -1)
    cv2.rectangle(page, (x - wide // 3, round(box.y0) + tall // 2), (x + wide // 3, round(box.y1)), (0, 0, 0), 2)


def draw(left: tuple[int, int], right: tuple[int, int]) -> Image:
    page = np.full((500, 400, 3), 255, np.uint8)
    person(page, LEFT, *left)
    person(page, RIGHT, *right)
    return page


@pytest.fixture
def context(tmp_path: Path) -> Iterator[RunContext]:
    """Return a project of three pages with the same two people, who change places on the second."""
    book = tmp_path / "book"
    book.mkdir()
    for number, (left, right) in enumerate([(DARK, LIGHT), (LIGHT, DARK), (DARK, LIGHT)]):
        (book / f"{number}.png").write_bytes(png.encode_png(draw(left, right)))
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        executor = InProcessExecutor(library.artifacts.root)
        context = RunContext(library, Settings(), executor, book)
        ingest.run(context, {})
        yield context
        executor.close()


def page_of(index: int, left: str | None, right: str | None) -> PageTranscript:
    return PageTranscript(
        index=index, image=f"{index}.png", width=400, height=500,
        panels=(Panel(id=f"p{index}-0", order=0, box=Box(0, 0, 400, 500)),),
        balloons=(Balloon(id=f"t{index}-0", order=0, box=Box(20, 20, 120, 60), text="Mika!", speaker=left),),
        characters=(Appearance(id=f"c{index}-0", box=LEFT, character=left, panel=f"p{index}-0"),
                    Appearance(id=f"c{index}-1", box=RIGHT, character=right, panel=f"p{index}-0")),
    )  # fmt: skip


def recognise(context: RunContext, *pages: PageTranscript) -> Transcript:
    read_so_far = Transcript(order="ltr", backend="magi2", pages=pages)
    context.library.set_transcript(read_so_far.model_copy(update={"cast": cast.gather_cast(read_so_far)}))
    cast.run(context, {})
    found = context.library.transcript()
    assert found is not None
    return found


def as_read() -> list[PageTranscript]:
    return [page_of(index, f"p{index}-k0", f"p{index}-k1") for index in range(3)]


def who(transcript: Transcript) -> list[list[str | None]]:
    return [[seen.character for seen in page.characters] for page in transcript.pages]


def test_the_same_two_people_are_found_on_every_page_wherever_they_stand(context: RunContext) -> None:
    found = recognise(context, *as_read())
    (dark, light), *_ = who(found)
    assert dark != light
    assert who(found) == [[dark, light], [light, dark], [dark, light]]
    assert [page.balloons[0].speaker for page in found.pages] == [dark, light, dark]
    assert [one.name for one in found.cast] == ["character 1", "character 2"], "nobody is called Mika by a shout alone"
    assert found.cast[0].appearances == ("c0-0", "c1-1", "c2-0")


def test_everybody_gets_a_portrait_that_is_kept(context: RunContext) -> None:
    for one in recognise(context, *as_read()).cast:
        crop = png.read_png(context.library.artifacts.open(one.reference))
        assert crop.shape == (280, 160, 3)


def test_a_second_time_nothing_is_looked_at_and_everybody_keeps_the_id(context: RunContext) -> None:
    found = recognise(context, *as_read())
    before = max(event.id for event in context.library.events())
    assert recognise(context, *as_read()) == found
    cast.run(context, {})
    assert context.library.transcript() == found
    assert not list(context.library.events(after=before, kinds={"made"}))


def test_without_later_pages_the_ids_stay(context: RunContext) -> None:
    assert who(recognise(context, *as_read()))[0] == who(recognise(context, *as_read()[:1]))[0]


def test_pictures_the_user_named_give_their_names_and_are_the_portraits(context: RunContext, tmp_path: Path) -> None:
    folder = tmp_path / "cast"
    folder.mkdir()
    picture = np.ascontiguousarray(draw(DARK, LIGHT)[100:380, 20:180])
    (folder / "Mika.png").write_bytes(png.encode_png(picture))
    context.settings = Settings(cast=str(folder))
    found = recognise(context, *as_read())
    assert [[one for one in page if one == "mika"] for page in who(found)] == [["mika"]] * 3
    mika = next(one for one in found.cast if one.id == "mika")
    assert mika.name == "Mika"
    assert (png.read_png(context.library.artifacts.open(mika.reference)) == picture).all()
    assert [one.name for one in found.cast if one.id != "mika"] == ["character 1"]


def test_a_page_corrected_by_hand_says_who_the_others_are(context: RunContext) -> None:
    pages = as_read()
    found = recognise(context, pages[0], page_of(1, "robin", "ada"), pages[2])
    assert who(found) == [["ada", "robin"], ["robin", "ada"], ["ada", "robin"]]


def test_what_a_person_said_wins_over_looks_and_pictures(context: RunContext) -> None:
    dark, light = (one.id for one in recognise(context, *as_read()).cast)
    context.library.add_correction({}, author="hand", message="named", names={dark: "Robin"})
    assert [one.name for one in recognise(context, *as_read()).cast] == ["Robin", "character 2"]
    context.library.add_correction({}, author="hand", message="one and the same", merged={light: dark})
    (robin,) = recognise(context, *as_read()).cast
    assert (robin.name, len(robin.appearances)) == ("Robin", 6)
    assert robin.reference


def test_two_of_one_page_stay_two_even_if_they_look_the_same(context: RunContext, tmp_path: Path) -> None:
    (tmp_path / "book" / "0.png").write_bytes(png.encode_png(draw(DARK, DARK)))
    ingest.run(context, {})
    found = recognise(context, page_of(0, "p0-k0", "p0-k1"))
    assert len(found.cast) == 2


def test_without_sightings_there_is_nobody_not_even_from_the_users_pictures(
    context: RunContext, tmp_path: Path
) -> None:
    (tmp_path / "cast").mkdir()
    (tmp_path / "cast" / "Mika.png").write_bytes(png.encode_png(draw(DARK, LIGHT)))
    context.settings = Settings(cast=str(tmp_path / "cast"))
    found = recognise(context, page_of(0, None, None))
    assert found.cast == ()


def test_a_chapter_read_by_magi_has_a_cast_and_the_key_knows_the_model(tmp_path: Path) -> None:
    book = tmp_path / "magi.book"
    book.mkdir()
    for number in range(2):
        (book / f"{number}.png").write_bytes(png.encode_png(lettered_page()))
    models = [set_up("v2", tmp_path / "one"), set_up("v2", tmp_path / "two", note="other weights")]
    with Library.open(tmp_path / "magi.komadori", create=True) as library:
        executor = InProcessExecutor(library.artifacts.root)
        times = []
        for model in [models[0], *models]:
            consent = MagiConsent(model=str(model), licence_accepted=True)
            context = RunContext(library, Settings(backends=Backends(transcribe="magi2"), magi=consent), executor, book)
            before = max((event.id for event in library.events()), default=0)
            for stage in (ingest, read, cast):
                stage.run(context, {})
            times.append(sum(e.facts["tool"] == "read" for e in library.events(after=before, kinds={"made"})))
        assert times == [1, 0, 1], "two equal pages are read once, and again only by another model"
        found = library.transcript()
        assert found is not None
        assert len(found.cast) == 2
        assert all(one.reference and len(one.appearances) == 2 for one in found.cast)
        assert {text.speaker for text in found.pages[1].balloons if text.kind == "speech"} == {
            one.id for one in found.cast
        }
        executor.close()


def test_another_likeness_with_weights_of_its_own_looks_again(context: RunContext) -> None:
    recognise(context, *as_read())
    before = len(list(context.library.events(kinds={"made"})))
    small: Options = {"model": str(checkpoint("dinov2")), "side": 28}
    context.settings = Settings(backends=Backends(likeness="dinov2"), options={"likeness.dinov2": small})
    recognise(context, *as_read())
    assert len(list(context.library.events(kinds={"made"}))) >= before + 3
