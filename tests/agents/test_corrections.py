"""Test that corrections change only what they say, and that any sequence of them leaves a sound transcript."""

from __future__ import annotations

import random

import pytest

from agents.corrections import CastCorrection, PageCorrection, grammar
from agents.corrections.apply import apply_correction
from agents.corrections.errors import CorrectionError, CorrectionErrorKind, GrammarError
from storage.domain import Appearance, Balloon, Box, Order, PageTranscript, Transcript
from storage.errors import SettingsError
from storage.sound import CharacterVoice
from storage.transcript_references import check_references
from tests.conftest import PANELS, transcript_of
from tools.geometry import bounding_box, polygon_area

BOXES = [tuple(box) for box in PANELS]


def book(order: Order = "rtl") -> Transcript:
    """Return a book of two pages; the first has a balloon in each of panels 1, 2 and 4, and two sightings."""
    transcript = transcript_of(2)
    first, second = transcript.pages
    texts = tuple(
        Balloon(id=f"t0-{n}", order=n, box=box, panel=f"p0-{panel}", text=said, language="en", speaker=speaker)
        for n, (box, panel, said, speaker) in enumerate(
            [(Box(40, 40, 120, 90), 0, "hello there", None), (Box(220, 230, 300, 260), 1, "who?", "kid"),
             (Box(60, 520, 160, 570), 3, "me.", "mika")]
        )
    )  # fmt: skip
    people = (Appearance(id="c0-0", box=Box(230, 300, 330, 410), character="kid", panel="p0-1"),
              Appearance(id="c0-1", box=Box(200, 460, 300, 570), character="mika", panel="p0-3"))  # fmt: skip
    first = first.model_copy(update={"balloons": texts, "characters": people, "doubts": ("some panels overlap",)})
    whole = transcript.model_copy(update={"order": order, "pages": (first, second)})
    from agents.stages.cast import gather_cast

    return whole.model_copy(update={"cast": gather_cast(whole)})


def corrected_page(*lines: str, order: Order = "rtl") -> PageTranscript:
    """Return the first page after the corrections."""
    transcript = book(order)
    for line in lines:
        transcript = apply_correction(transcript, grammar.parse_line(line))
        sound(transcript)
    return transcript.pages[0]


def sound(transcript: Transcript) -> None:
    """Check what every reader of a transcript relies on."""
    check_references(transcript)
    assert Transcript.model_validate_json(transcript.model_dump_json()) == transcript
    sightings = {seen.id: seen.character for page in transcript.pages for seen in page.characters}
    assert {seen: one.id for one in transcript.cast for seen in one.appearances} == {
        seen: who for seen, who in sightings.items() if who
    }
    for page in transcript.pages:
        assert [panel.id for panel in page.panels] == [f"p{page.index}-{n}" for n in range(len(page.panels))]
        assert [text.id for text in page.balloons] == [f"t{page.index}-{n}" for n in range(len(page.balloons))]
        assert [thing.order for row in (page.panels, page.balloons) for thing in row] == [
            *range(len(page.panels)), *range(len(page.balloons)),
        ]  # fmt: skip
        assert page.panels
        assert {t.speaker for t in page.balloons if t.speaker} <= {character.id for character in transcript.cast}


def boxes(page: PageTranscript) -> list[tuple[float, ...]]:
    return [tuple(panel.box) for panel in page.panels]


def texts_and_panels(page: PageTranscript) -> list[tuple[str, str | None]]:
    return [(text.text, text.panel) for text in page.balloons]


def test_swapped_panels_take_their_texts_along() -> None:
    page = corrected_page("page 1 swap panels 1 4")
    assert boxes(page) == [BOXES[3], BOXES[1], BOXES[2], BOXES[0]]
    assert texts_and_panels(page) == [("me.", "p0-0"), ("who?", "p0-1"), ("hello there", "p0-3")]
    assert [seen.panel for seen in page.characters] == ["p0-1", "p0-0"]
    assert page.doubts == (), "somebody has looked"


def test_a_panel_moved_pushes_the_others_along() -> None:
    assert boxes(corrected_page("page 1 move panel 4 to 2")) == [BOXES[0], BOXES[3], BOXES[1], BOXES[2]]
    assert boxes(corrected_page("page 1 move panel 1 to 4")) == [BOXES[1], BOXES[2], BOXES[3], BOXES[0]]


def test_merged_panels_are_one_with_the_gutter_between_them_and_all_they_held() -> None:
    page = corrected_page("page 1 merge panels 3 2")
    assert boxes(page) == [BOXES[0], (20, 220, 380, 420), BOXES[3]]
    assert bounding_box(page.panels[1].polygon) == (23, 223, 377, 417)
    assert texts_and_panels(page) == [("hello there", "p0-0"), ("who?", "p0-1"), ("me.", "p0-2")]
    assert page.characters[0].panel == "p0-1"


@pytest.mark.parametrize(("order", "first"), [("rtl", (200, 20, 380, 200)), ("ltr", (20, 20, 200, 200))])
def test_a_panel_split_at_x_is_read_in_the_order_of_the_book(order: Order, first: tuple[float, ...]) -> None:
    page = corrected_page("page 1 split panel 1 at x half", order=order)
    assert boxes(page)[0] == first
    assert len(page.panels) == 5
    assert {t.text: page.panels[int((t.panel or "p0-9")[-1])].box.x0 for t in page.balloons}["hello there"] == 20
    assert sum(polygon_area(panel.polygon) for panel in page.panels[:2]) == pytest.approx(354 * 174)


def test_a_panel_split_at_y_is_read_from_above() -> None:
    page = corrected_page("page 1 split panel 4 at y 500")
    assert boxes(page)[3:] == [(20, 440, 380, 500), (20, 500, 380, 580)]
    assert texts_and_panels(page)[2] == ("me.", "p0-4")


def test_a_deleted_panel_leaves_its_texts_to_the_nearest_or_to_none() -> None:
    page = corrected_page("page 1 delete panel 1")
    assert boxes(page) == BOXES[1:]
    assert texts_and_panels(page) == [("who?", "p0-0"), ("hello there", None), ("me.", "p0-2")], (
        "it is far from every other panel"
    )
    assert texts_and_panels(corrected_page("page 1 add panel 20,20,200,200", "page 1 delete panel 2"))[0] == (
        "hello there",
        "p0-0",
    )


def test_an_added_panel_stands_where_a_reader_comes_to_it_or_at_the_given_position() -> None:
    inset = "10,250,100,300"
    assert boxes(corrected_page("page 1 add panel " + inset)).index((10, 250, 100, 300)) == 3
    assert boxes(corrected_page(f"page 1 add panel {inset} as 1"))[0] == (10, 250, 100, 300)
    assert boxes(corrected_page(f"page 1 add panel {inset} as 5"))[4] == (10, 250, 100, 300)
    page = corrected_page("page 1 swap panels 1 4", "page 1 add panel 30,30,200,100")
    assert boxes(page)[:3] == [BOXES[3], BOXES[1], BOXES[2]], "the row given by hand stays"
    assert [text.panel for text in page.balloons if text.text == "hello there"] == ["p0-4"], "what it holds comes to it"


def test_texts_are_added_deleted_and_set() -> None:
    page = corrected_page('page 1 add balloon 330,40,370,100 "おーい、こっち"')
    assert texts_and_panels(page)[:2] == [("おーい、こっち", "p0-0"), ("hello there", "p0-0")], (
        "the right one is read first"
    )
    assert (page.balloons[0].language, page.balloons[0].vertical, page.balloons[0].kind) == ("ja", True, "speech")
    page = corrected_page("page 1 add balloon 25,225,60,250 caption later", "page 1 delete balloon 2")
    assert [(text.text, text.kind) for text in page.balloons] == [
        ("hello there", "speech"), ("later", "caption"), ("me.", "speech"),
    ]  # fmt: skip
    page = corrected_page(
        'page 1 text 2 "だれだ"', "page 1 kind 3 thought", "page 1 speaker 1 mika", "page 1 speaker 3 nobody"
    )
    assert [(t.text, t.language, t.kind, t.speaker) for t in page.balloons] == [
        ("hello there", "en", "speech", "mika"), ("だれだ", "ja", "speech", "kid"), ("me.", "en", "thought", ""),
    ]  # fmt: skip
    assert texts_and_panels(corrected_page("page 1 move balloon 1 to panel 4")) == [
        ("who?", "p0-1"), ("hello there", "p0-3"), ("me.", "p0-3"),
    ]  # fmt: skip


def test_a_character_is_renamed_once_for_the_whole_book() -> None:
    renamed = apply_correction(book(), grammar.parse_line('rename mika "Mika Sato"'))
    assert [(one.id, one.name) for one in renamed.cast] == [("kid", "kid"), ("mika", "Mika Sato")]
    assert renamed.pages == book().pages
    spoken = apply_correction(renamed, grammar.parse_line('page 1 speaker 1 "mika sato"'))
    assert spoken.pages[0].balloons[0].speaker == "mika", "a name stands for whom it names"
    joined = apply_correction(spoken, grammar.parse_line("page 2 speaker 1 robin"))
    assert [character.id for character in joined.cast] == ["kid", "mika", "robin"]


def voices_after(*lines: str) -> dict[str, CharacterVoice | None]:
    transcript = book()
    for line in lines:
        transcript = apply_correction(transcript, grammar.parse_line(line))
    return {one.id: one.voice for one in transcript.cast} | {"narrator": transcript.narrator}


def test_a_voice_is_chosen_changed_described_and_left_to_the_casting_again() -> None:
    assert voices_after() == {"kid": None, "mika": None, "narrator": None}
    assert voices_after("voice mika jf_alpha pitch -2", "voice mika rate 1.2", "Mika sounds female child")["mika"] == (
        CharacterVoice(name="jf_alpha", pitch=-2, rate=1.2, gender="female", age="child")
    )
    assert voices_after("voice kid x", "kid sounds old", "voice kid auto")["kid"] == CharacterVoice(age="old")
    assert voices_after("voice kid x", "voice kid auto")["kid"] is None
    assert voices_after("voice narrator bm_george")["narrator"] == CharacterVoice(name="bm_george")


def test_a_voice_stays_with_a_renamed_character_and_with_the_one_that_another_is_merged_into() -> None:
    voice = CharacterVoice(name="jf_alpha")
    assert voices_after("voice mika jf_alpha", "rename mika Sam")["mika"] == voice
    assert voices_after("voice mika jf_alpha", "merge kid into mika") == {"mika": voice, "narrator": None}


@pytest.mark.parametrize(
    "line", ["voice mika pitch 13", "voice mika rate 0.1", "voice nobody-here x", "nobody-here sounds old"]
)
def test_a_voice_beyond_its_range_or_of_nobody_is_refused(line: str) -> None:
    with pytest.raises(SettingsError):
        voices_after(line)


def test_merged_characters_are_one_everywhere() -> None:
    merged = apply_correction(book(), grammar.parse_line("merge kid into mika"))
    assert [(character.id, character.appearances) for character in merged.cast] == [("mika", ("c0-0", "c0-1"))]
    assert [text.speaker for text in merged.pages[0].balloons] == [None, "mika", "mika"]
    sound(merged)


WRONG: dict[str, tuple[CorrectionErrorKind, int | None, int | None]] = {
    "page 9 delete panel 1": ("unknown_page", 9, None),
    "page 1 delete panel 5": ("unknown_panel", 1, 5),
    "page 1 swap panels 2 2": ("same_panel", 1, 2),
    "page 1 merge panels 2 2": ("same_panel", 1, 2),
    "page 1 move panel 1 to 7": ("unknown_panel", 1, 7),
    "page 1 split panel 1 at x 380": ("no_cut", 1, 1),
    "page 1 add panel 0,0,500,100": ("off_page", 1, None),
    "page 1 add panel 10,10,200,12": ("too_small", 1, None),
    "page 1 add panel 0,0,50,100 as 6": ("unknown_panel", 1, 6),
    "page 1 delete balloon 4": ("unknown_balloon", 1, 4),
    "page 2 text 2 x": ("unknown_balloon", 2, 2),
    "page 1 move balloon 1 to panel 8": ("unknown_panel", 1, 8),
    "rename bob Bob": ("unknown_character", None, None),
    "rename kid mika": ("name_taken", None, None),
    "merge kid into kid": ("same_character", None, None),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_fix_that_cannot_be_done_says_what_is_wrong_and_what_there_is(line: str) -> None:
    kind, page, number = WRONG[line]
    with pytest.raises(CorrectionError) as error:
        apply_correction(book(), grammar.parse_line(line))
    assert (error.value.kind, error.value.page, error.value.number) == (kind, page, number)
    assert error.value.hint


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(CorrectionError) as error:
        apply_correction(book(), grammar.parse_line("rename bob Bob"))
    assert error.value.name == "bob"


def test_the_last_panel_stays() -> None:
    with pytest.raises(CorrectionError) as error:
        corrected_page("page 1 merge panels 1 2 3 4", "page 1 delete panel 1")
    assert error.value.kind == "last_panel"


@pytest.mark.parametrize("form", grammar.FORMS, ids=lambda form: form.do)
def test_every_form_is_understood_as_it_is_shown_and_as_we_write_it(form: grammar.CorrectionForm) -> None:
    fix = grammar.parse_line(form.example)
    assert fix.do == form.do
    assert grammar.parse_line(grammar.format_correction(fix)) == fix


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("page 3 swap 2 4", "page 3 swap panels 2 4"),
        ("  Page 3  merge 2, 3 and 4", "page 3 merge panels 2 3 4"),
        ("page 3 text 5 don't go!", 'page 3 text 5 "don\'t go!"'),
        ("page 3 text 5 'new text'", 'page 3 text 5 "new text"'),
        (r'page 3 text 5 "two\nlines, \"quoted\""', 'page 3 text 5 "two\\nlines, \\"quoted\\""'),
        ("page 3 split 2 at X half", "page 3 split panel 2 at x half"),
        ("rename mika to Sam", "rename mika Sam"),
    ],
)
def test_the_language_forgives_what_is_clear(line: str, same: str) -> None:
    assert grammar.format_correction(grammar.parse_line(line)) == same


@pytest.mark.parametrize(
    ("line", "hint"),
    [("page 3 swap 2", "page 3 swap panels 2 4"), ("page 3 split panel 2", "at y 640"), ("", "swap"),
     ("page 3 add panel 9,9,1,1", "add panel 20,20,380,200"), ("page 0 delete balloon 1", "delete balloon 5")],
)  # fmt: skip
def test_what_is_not_understood_is_answered_with_how_it_is_written(line: str, hint: str) -> None:
    with pytest.raises(GrammarError) as error:
        grammar.parse_line(line)
    assert any(hint in example for example in error.value.examples)


def any_fix(luck: random.Random, transcript: Transcript) -> PageCorrection | CastCorrection:
    """Return a random correction, sometimes an impossible one."""
    number = luck.randint(1, len(transcript.pages) + (luck.random() < 0.05))
    page = transcript.pages[min(number, len(transcript.pages)) - 1]
    panel, other = (luck.randint(1, len(page.panels)) for _ in range(2))
    balloon = luck.randint(1, max(1, len(page.balloons)))
    x, y = luck.randint(0, 360), luck.randint(0, 560)
    box = f"{x},{y},{luck.randint(x + 1, 400)},{luck.randint(y + 1, 600)}"
    who, whom = (luck.choice(["mika", "kid", "sam", "Robin"]) for _ in range(2))
    axis = luck.choice("xy")
    return grammar.parse_line(luck.choice([
        f"page {number} swap panels {panel} {other}", f"page {number} move panel {panel} to {other}",
        f"page {number} merge panels {panel} {other}", f"page {number} split panel {panel} at {axis} half",
        f"page {number} split panel {panel} at {axis} {x}", f"page {number} delete panel {panel}",
        f"page {number} add panel {box}", f"page {number} add panel {box} as {panel}",
        f'page {number} add balloon {box} "line {x}"', f"page {number} delete balloon {balloon}",
        f"page {number} move balloon {balloon} to panel {panel}", f"page {number} text {balloon} {y}",
        f"page {number} kind {balloon} sound", f"page {number} speaker {balloon} {who}",
        f"rename {who} {whom}", f"merge {who} into {whom}",
        f"voice {who} jf_alpha pitch {x % 12}", f"voice {who} auto", f"{who} sounds male", "voice narrator rate 1.1",
    ]))  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_any_row_of_fixes_leaves_a_sound_transcript_and_the_one_before_as_it_was(seed: int) -> None:
    luck, transcript, done = random.Random(seed), book(("rtl", "ltr", "vertical")[seed % 3]), 0
    for _ in range(40):
        fix, before = any_fix(luck, transcript), transcript.model_dump_json()
        try:
            mended = apply_correction(transcript, fix)
        except SettingsError:
            mended = transcript
        assert transcript.model_dump_json() == before
        assert grammar.parse_line(grammar.format_correction(fix)) == fix
        sound(mended)
        done += mended != transcript
        transcript = mended
    assert done > 15
