"""Test corrections: every state is stored, undo and redo move among them, and a repeated correction adds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.domain import Box, PageTranscript, Panel
from storage.errors import ProjectError, StorageError
from storage.library import Library
from storage.records import Correction
from storage.sound import CharacterVoice

FIRST, SECOND = "a" * 64, "b" * 64


def page(index: int, panels: int = 2) -> PageTranscript:
    found = tuple(Panel(id=f"p{index}-{n}", order=n, box=Box(0.25, n, 8 / 3, n + 1)) for n in range(panels))
    return PageTranscript(index=index, image=f"{index}.png", width=9, height=9, panels=found)


def add(library: Library, **pages: PageTranscript | None) -> Correction:
    kept = library.add_correction({name * 64: reading for name, reading in pages.items()}, author="hand", message="m")
    assert kept
    return kept


def test_at_first_nothing_is_corrected(library: Library) -> None:
    assert library.correction() is None
    assert library.corrected_pages([FIRST]) == {}
    assert library.corrections() == library.correction_ancestry() == ()
    with pytest.raises(ProjectError, match="no correction to undo"):
        library.undo_correction()
    with pytest.raises(ProjectError, match="no correction to redo"):
        library.redo_correction()


def test_a_corrected_page_comes_back_exactly_and_every_state_holds_all_before(library: Library) -> None:
    one, two = add(library, a=page(0)), add(library, b=page(1, 5))
    assert library.corrected_pages([FIRST, SECOND]) == {FIRST: page(0), SECOND: page(1, 5)}
    assert (one.parent, two.parent) == (None, one.number)
    assert set(one.pages) == {FIRST}
    assert set(two.pages) == {FIRST, SECOND}
    assert library.corrections() == library.correction_ancestry() == (one, two)
    assert two.created.tzinfo is not None


def test_undo_and_redo_go_along_the_line_and_a_new_correction_begins_another(library: Library) -> None:
    one, two = add(library, a=page(0)), add(library, a=page(0, 3))
    assert library.undo_correction() == two
    assert library.corrected_pages([FIRST]) == {FIRST: page(0)}
    assert library.undo_correction() == one
    assert library.corrected_pages([FIRST]) == {}
    assert library.redo_correction() == one
    other = add(library, a=page(0, 4))
    assert other.parent == one.number
    assert library.corrected_pages([FIRST]) == {FIRST: page(0, 4)}
    assert library.correction_ancestry() == (one, other)
    assert library.corrections() == (one, two, other), "what was undone is not forgotten"
    with pytest.raises(ProjectError):
        library.redo_correction()
    library.undo_correction()
    assert library.redo_correction() == other, "the newest of two lines is done again"


def test_the_same_again_adds_nothing(library: Library) -> None:
    add(library, a=page(0))
    assert library.add_correction({FIRST: page(0)}, author="hand", message="again") is None
    assert library.add_correction({SECOND: None}, author="hand", message="never corrected") is None
    assert library.add_correction({}, author="chat", message="nothing", names={}, merged={"kid": None}) is None
    assert len(library.corrections()) == 1


def test_a_page_can_be_given_back_to_the_reader(library: Library) -> None:
    add(library, a=page(0), b=page(1))
    add(library, a=None)
    assert library.corrected_pages([FIRST]) == {}
    assert library.corrected_pages([SECOND]) == {SECOND: page(1)}


def test_names_and_merges_and_the_order_add_up_and_are_undone_together(library: Library) -> None:
    library.add_correction({}, author="hand", message="m", names={"mika": "Mika"}, order="ltr")
    library.add_correction({}, author="chat", message="m", merged={"kid": "mika"}, names={"sam": "Sam"})
    head = library.correction()
    assert head
    assert (head.names, head.merged, head.order) == ({"mika": "Mika", "sam": "Sam"}, {"kid": "mika"}, "ltr")
    library.add_correction({}, author="hand", message="m", merged={"kid": None}, order="rtl")
    head = library.correction()
    assert head
    assert (head.merged, head.order) == ({}, "rtl")
    library.undo_correction()
    library.undo_correction()
    head = library.correction()
    assert head
    assert (head.names, head.merged, head.order) == ({"mika": "Mika"}, {}, "ltr")


def test_corrections_stay_when_the_project_is_closed(folder: Path) -> None:
    with Library.open(folder, create=True) as library:
        add(library, a=page(0))
    with Library.open(folder, readonly=True) as library:
        assert library.corrected_pages([FIRST]) == {FIRST: page(0)}


def test_a_corrected_page_that_is_missing_from_the_disk_is_an_error_not_another_page(library: Library) -> None:
    kept = add(library, a=page(0))
    library.artifacts.open(kept.pages[FIRST]).unlink()
    with pytest.raises(StorageError, match="missing"):
        library.corrected_pages([FIRST])


def test_what_is_said_of_voices_is_kept_and_undone_with_its_state(library: Library) -> None:
    voice = CharacterVoice(name="jf_alpha", pitch=-2)
    one = library.add_correction({}, author="hand", message="m", voices={"mika": voice})
    assert one
    assert one.voices == {"mika": voice}
    assert library.add_correction({}, author="hand", message="m", voices={"mika": voice}) is None
    two = add(library, a=page(0))
    assert two.voices == {"mika": voice}
    three = library.add_correction(
        {}, author="hand", message="m", voices={"mika": None, "kid": CharacterVoice(age="old")}
    )
    assert three
    assert three.voices == {"kid": CharacterVoice(age="old")}
    library.undo_correction()
    assert library.correction() == two
