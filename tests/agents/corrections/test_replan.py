"""Test that corrections can be undone exactly, and that only the shots they touch are filmed again."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from agents.corrections import grammar, replan
from agents.graph import run_graph
from agents.run_context import RunContext
from agents.stages import cast, ingest, read
from storage.domain import Transcript
from storage.errors import ProjectError, SettingsError
from storage.library import Library
from storage.settings import Settings
from storage.sound import NARRATOR, CharacterVoice
from tests.agents.test_corrections import any_fix, book, sound
from tests.conftest import SMALL, InProcessExecutor, transcript_of

pytestmark = pytest.mark.film


def project(tmp_path: Path, chapter: Path, transcript: Transcript | None) -> Path:
    """Return the folder of a project that has read a chapter, by itself or from a transcript."""
    folder = tmp_path / "book.komadori"
    with Library.open(folder, create=True) as library:
        library.set_settings(Settings(screen=SMALL, preset="ultrafast", crf=30))
        route(library, chapter, transcript, filmed=False)
    return folder


def route(library: Library, chapter: Path | None, transcript: Transcript | None = None, *, filmed: bool = True) -> None:
    """Run all stages, or only those that read."""
    context = RunContext(
        library, library.settings() or Settings(), InProcessExecutor(library.artifacts.root), chapter, transcript
    )
    if filmed:
        run_graph(context, {})
    else:
        for stage in (ingest, read, cast):
            stage.run(context, {})


def fix(folder: Path, *lines: str) -> replan.CorrectionReport:
    return replan.correct_project(folder, [grammar.parse_line(line) for line in lines])


def reading(folder: Path) -> Transcript:
    with Library.open(folder, readonly=True) as library:
        found = library.transcript()
    assert found
    return found


def film_again(folder: Path) -> Counter[str]:
    """Finish the film, and return the number of new artifacts by tool."""
    with Library.open(folder) as library:
        before = max(event.id for event in library.events())
        route(library, None)
        return Counter(str(event.facts["tool"]) for event in library.events(after=before, kinds={"made"}))


def test_a_fix_makes_only_its_own_shots_stale_and_undo_makes_none(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    with Library.open(folder, readonly=True) as library:
        before, plans = library.transcript(), library.shots()
        of_page_1 = [plan for plan in plans if plan.page == 0]
    swapped = fix(folder, "page 1 swap panels 2 3")
    assert swapped.summary == ("page 1 swap panels 2 3 (page 1 has 4 panels, 1 balloon now)",)
    assert swapped.stale <= len(of_page_1)
    made = film_again(folder)
    assert not made["read"]
    assert not made["clean"], "the pictures are the same in another order"
    assert made["composite"] == swapped.stale, "it promised how many"
    split = fix(folder, "page 1 split panel 1 at x half")
    assert 0 < split.stale <= len(of_page_1) + 2
    made = film_again(folder)
    assert made["clean"] <= 5
    assert 0 < made["composite"] <= split.stale, "a cutout may come out as it was"
    undone = replan.undo(folder, 2)
    assert undone.summary == ("page 1 split panel 1 at x half", "page 1 swap panels 2 3")
    assert (undone.stale, undone.shots) == (0, len(plans))
    assert reading(folder) == before
    with Library.open(folder, readonly=True) as library:
        assert library.shots() == plans
    assert not {tool for tool in film_again(folder) if tool not in ("assemble", "dissolve")}
    assert replan.redo(folder, 2).stale == 0


def test_undo_returns_to_the_storyboard_as_a_person_had_left_it(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    with Library.open(folder) as library:
        longer = [plan.model_copy(update={"seconds": plan.seconds + 1}) for plan in library.shots()]
        by_hand = library.add_revision(longer, key="by hand", author="hand", message="longer")
    fix(folder, "page 2 delete panel 2")
    replan.undo(folder)
    with Library.open(folder, readonly=True) as library:
        head = library.head()
        assert head
        assert head.number == by_hand
    replan.redo(folder)
    with Library.open(folder, readonly=True) as library:
        assert len(library.shots()) < len(longer)
        assert len(library.revisions()) == 4, "planned once, and what a person had changed of it carried over once"


def test_another_word_makes_no_shot_stale(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    assert fix(folder, 'page 2 text 1 "hello thera"', "page 2 speaker 1 mika", "rename mika Mika").stale == 0
    made = film_again(folder)
    assert set(made) <= {"assemble", "look"}
    assert made["assemble"] == 1, "the subtitles have changed"


def test_fixes_are_steps_of_one_command_done_all_or_none(tmp_path: Path, chapter: Path) -> None:
    folder = project(tmp_path, chapter, transcript_of(2))
    before = reading(folder)
    with pytest.raises(SettingsError, match="no panel 9"):
        fix(folder, "page 1 delete panel 1", "page 1 delete panel 9")
    assert reading(folder) == before
    outcome = fix(folder, "page 1 delete panel 1", "page 1 delete panel 1", 'page 2 text 1 "hello there"')
    assert (outcome.shots, outcome.stale) == (0, 0), "nothing is planned, nothing is planned by it"
    assert outcome.summary[2] == 'page 2 text 1 "hello there": that is so already'
    assert len(reading(folder).pages[0].panels) == 2
    assert replan.undo(folder).summary == ("page 1 delete panel 1",)
    assert len(reading(folder).pages[0].panels) == 3
    replan.undo(folder)
    assert reading(folder) == before
    with Library.open(folder, readonly=True) as library:
        assert [one.author for one in library.corrections()] == ["hand"] * 3, "the transcript, and two fixes"
    with pytest.raises(ProjectError, match="nothing has been read"):
        fix(_empty(tmp_path), "page 1 delete panel 1")


def _empty(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "empty.komadori", create=True) as library:
        return library.folder


def test_the_same_transcript_again_adds_nothing_and_takes_no_fix_back(tmp_path: Path, chapter: Path) -> None:
    given = transcript_of(2)
    folder = project(tmp_path, chapter, given)
    fix(folder, "page 1 swap panels 1 2")
    fixed = reading(folder)
    with Library.open(folder) as library:
        for _ in range(2):
            route(library, chapter, given, filmed=False)
        assert library.transcript() == fixed
        assert len(library.corrections()) == 2
        other = given.model_copy(update={"pages": given.pages[1:]})
        route(library, chapter, other, filmed=False)
        assert library.transcript() == fixed, "a page that is not given stays"
        again = given.model_copy(update={"order": "ltr"})
        route(library, chapter, again, filmed=False)
        found = library.transcript()
        assert found
        assert (found.pages, found.order) == (given.pages, "ltr"), "another file is the newest word"


def test_pages_given_as_they_were_read_are_no_corrections(tmp_path: Path, chapter: Path) -> None:
    folder = project(tmp_path, chapter, None)
    found = reading(folder)
    with Library.open(folder) as library:
        route(library, chapter, found, filmed=False)
        assert library.corrections() == ()
        first, second = found.pages
        panels = (second.panels[0].model_copy(update={"order": 9}), *second.panels[1:])
        edited = found.model_copy(update={"pages": (first, second.model_copy(update={"panels": panels}))})
        route(library, chapter, edited, filmed=False)
        (correction,) = library.corrections()
        assert set(correction.pages) == {library.pages()[1].artifact}
        assert correction.message == "transcript by hand: page 2"
        last = library.transcript()
        assert last
        assert last.pages[1].panels[-1].box == second.panels[0].box
        assert last.pages[1].doubts == ()
        route(library, chapter, found, filmed=False)
        head = library.correction()
        assert head
        assert head.pages == {}, "as it was read: the reader has the page back"


def test_the_cast_is_corrected_on_every_page_at_once_and_undone_at_once(tmp_path: Path, chapter: Path) -> None:
    folder = project(tmp_path, chapter, book())
    fix(folder, "page 2 speaker 1 sam", 'rename sam "Sam Spade"', "merge kid into mika")
    found = reading(folder)
    assert [(one.id, one.name) for one in found.cast] == [("mika", "mika"), ("sam", "Sam Spade")]
    assert {text.speaker for page in found.pages for text in page.balloons} == {None, "mika", "sam"}
    with Library.open(folder, readonly=True) as library:
        head = library.correction()
        assert head
        assert (head.names, head.merged) == ({"sam": "Sam Spade"}, {"kid": "mika"})
    replan.undo(folder)
    assert [one.id for one in reading(folder).cast] == ["kid", "mika", "sam"]


@pytest.mark.parametrize("seed", range(2))
def test_undo_returns_exactly_what_was_whatever_was_fixed(tmp_path: Path, chapter: Path, seed: int) -> None:
    luck, folder = random.Random(seed), project(tmp_path, chapter, book())
    line, at = [reading(folder)], 0
    for _ in range(30):
        if at and luck.random() < 0.25:
            replan.undo(folder)
            at -= 1
        elif at + 1 < len(line) and luck.random() < 0.5:
            replan.redo(folder)
            at += 1
        else:
            at = _step(folder, luck, line, at)
        assert reading(folder) == line[at]
        sound(line[at])
    assert len(line) > 3


def _step(folder: Path, luck: random.Random, line: list[Transcript], at: int) -> int:
    """Apply one more random correction if it is possible; it replaces what could have been redone from here."""
    try:
        said = replan.correct_project(folder, [any_fix(luck, line[at])]).summary[0]
    except SettingsError:
        return at
    if said.endswith("that is so already"):
        return at
    line[at + 1 :] = [reading(folder)]
    return at + 1


def voices(folder: Path) -> dict[str, CharacterVoice | None]:
    transcript = reading(folder)
    return {one.id: one.voice for one in transcript.cast} | {NARRATOR: transcript.narrator}


def test_a_chosen_voice_outlives_another_reading_and_a_merge_and_is_undone(tmp_path: Path, chapter: Path) -> None:
    folder = project(tmp_path, chapter, book())
    fix(folder, "voice mika jf_alpha pitch 2", "mika sounds female", "voice narrator rate 1.1", "voice kid jm_kumo")
    mikas = CharacterVoice(name="jf_alpha", pitch=2, gender="female")
    told = CharacterVoice(rate=1.1)
    assert voices(folder) == {"mika": mikas, "kid": CharacterVoice(name="jm_kumo"), NARRATOR: told}
    with Library.open(folder) as library:
        library.set_transcript(book())
        route(library, chapter, filmed=False)
    assert voices(folder)["mika"] == mikas
    fix(folder, 'page 1 text 2 "Who else?"', "rename mika Sam", "merge kid into mika")
    assert voices(folder) == {"mika": mikas, NARRATOR: told}
    replan.undo(folder, 5)
    assert voices(folder) == {"mika": mikas, "kid": None, NARRATOR: None}
    replan.redo(folder)
    assert voices(folder)[NARRATOR] == told


def test_voices_of_a_transcript_by_hand_are_corrections_too(tmp_path: Path, chapter: Path) -> None:
    folder = project(tmp_path, chapter, book())
    given = reading(folder)
    cast = tuple(one.model_copy(update={"voice": CharacterVoice(name="x")}) for one in given.cast)
    with Library.open(folder) as library:
        route(
            library,
            chapter,
            given.model_copy(update={"cast": cast, "narrator": CharacterVoice(age="old")}),
            filmed=False,
        )
    assert voices(folder) == {**{one.id: CharacterVoice(name="x") for one in cast}, NARRATOR: CharacterVoice(age="old")}
    replan.undo(folder)
    assert set(voices(folder).values()) == {None}


def test_a_chosen_voice_changes_no_picture(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    assert fix(folder, "voice narrator jm_kumo").stale == 0
    assert not film_again(folder)
