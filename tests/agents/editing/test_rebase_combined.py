"""Test that edits survive changed pages together with an approval pause, a language model, another aspect and takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import garbage, run
from agents.editing import ChooseTake, grammar, undo
from agents.editing.apply import apply_edit
from agents.editing.selectors import ShotSelector
from agents.editing.shot_status import editable_storyboard
from agents.graph import is_waiting
from agents.planning import llm_planning
from agents.stages import understand
from storage.library import Library
from tests.agents.comprehension.scripted import willing
from tests.agents.editing.test_rebase import by_id, edit, ids, losses, plan, project, shots
from tests.drawn_books import SETTINGS, DrawnBook, numbered_page
from tests.loopback import serving


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels: shots 1-3 and 4-6."""
    return DrawnBook(tmp_path / "book", [numbered_page(10 * n, [3, 0, 5]) for n in (1, 2)])


def test_a_film_that_waits_for_approval_waits_with_the_edits_on_its_new_pages(book: DrawnBook) -> None:
    def wait() -> None:
        report = run.animate(project(book), SETTINGS, run.RunOptions(book.write(), approve=True))
        assert report.film is None
        assert is_waiting(project(book))

    wait()
    before = edit(book, "shot 5 drop", "shot 4 lock", "shot 6 slower")
    wait()
    assert shots(book) == before
    book.pages.insert(0, numbered_page(50, [1]))
    wait()
    assert by_id(shots(book)) | by_id(before) == by_id(shots(book))
    undo.undo(project(book))
    assert shots(book) == before
    undo.redo(project(book))
    assert ids(shots(book))[-len(before) :] == ids(before)


def test_a_page_directed_by_a_model_keeps_its_edits_and_undo_asks_nobody(
    book: DrawnBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(willing) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        server = there.server(model="scripted")
        for module in (llm_planning, understand):
            monkeypatch.setattr(module, "configured_server", lambda model: server)
        settings = SETTINGS.model_copy(update={"director": "llm", "model": "scripted"})
        first = plan(book, settings)
        assert {shot.director for shot in first} == {"llm"}
        names = [shot.id.removeprefix("s0") for shot in first if shot.page == 1]
        before = edit(book, f"shot {names[-1]} lock", f'shot {names[0]} prompt "rain"', f"shot {names[0]} slower")
        book.change_panel(0, 1, seed=77)
        after = plan(book, settings)
        second = {shot.id for shot in before if shot.page == 1}
        assert {name: shot for name, shot in by_id(after).items() if name in second} == {
            name: shot for name, shot in by_id(before).items() if name in second
        }
        asked = len(there.asked)
        undo.undo(project(book))
        run.plan(project(book), settings, run.RunOptions())
        assert shots(book) == before
        undo.redo(project(book))
        run.plan(project(book), settings, run.RunOptions())
        assert shots(book) == after
        assert len(there.asked) == asked


def test_edits_of_both_aspects_are_kept_in_the_one_that_the_film_has(book: DrawnBook) -> None:
    wide = plan(book)
    turned = edit(book, "shot 1 drop", "shot 4 dissolve", "film aspect 1:1", "shot 5 lock", "shot 6 on upper left")
    with Library.open(project(book), readonly=True) as library:
        square = library.settings()
    assert square
    book.stained.add(0)
    book.change_panel(1, 0, words=20)
    after = plan(book, square)
    assert ids(after) == ids(turned)
    assert after[3] == turned[3], "it is locked"
    assert after[2].transition == "dissolve"
    assert all(shot.camera[0].box.aspect == pytest.approx(1) for shot in after)
    assert losses(book) == ()
    undo.undo(project(book))
    assert shots(book) == turned
    undo.undo(project(book))
    assert shots(book) == wide
    with Library.open(project(book), readonly=True) as library:
        assert library.settings() == SETTINGS


def test_a_prompt_that_was_set_in_another_aspect_comes_along_to_the_first_one(book: DrawnBook) -> None:
    wide = plan(book)
    edit(book, "film aspect 1:1", 'shot 5 prompt "rain"')
    after = plan(book)
    assert [shot.prompt for shot in after] == [*(shot.prompt for shot in wide[:4]), "rain", wide[5].prompt, *(
        shot.prompt for shot in wide[6:]
    )]  # fmt: skip
    assert [shot for shot in after if shot.id != "s005"] == [shot for shot in wide if shot.id != "s005"]


def test_a_chosen_take_stays_chosen_as_long_as_its_panel_stands(book: DrawnBook) -> None:
    plan(book)
    with Library.open(project(book)) as library:
        board = editable_storyboard(library)
        earlier = board.shots[4].model_copy(update={"seed": 7, "seconds": 6.0})
        chosen = ChooseTake(which=ShotSelector.of("s005"), take=1, plan=earlier)
        library.add_revision(
            apply_edit(board, chosen).shots, key="", author="hand", message="", edits=[chosen.model_dump(mode="json")]
        )
    book.pages.insert(0, numbered_page(50, [1]))
    book.change_panel(2, 2, seed=99)
    after = {shot.id: shot for shot in plan(book)}
    assert (after["s005"].seed, after["s005"].seconds, after["s005"].page) == (7, 6.0, 2)
    del book.pages[2]
    plan(book)
    (lost,) = losses(book)
    assert grammar.format_edit(grammar.edit_from_data(lost.edit)) == "shot 5 take 1"
    assert lost.cause == "panel_gone"


def test_removing_stored_files_leaves_what_undo_needs(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, "shot 4 lock", "shot 2 drop")
    with Library.open(project(book)) as library:
        pages = library.pages()
    book.change_panel(0, 0, seed=77)
    del book.pages[1]
    after = plan(book)
    with Library.open(project(book)) as library:
        garbage.remove_garbage(library, garbage.find_garbage(library))
    undo.undo(project(book))
    run.plan(project(book), SETTINGS, run.RunOptions())
    with Library.open(project(book)) as library:
        assert (library.shots(), library.pages()) == (before, pages)
        assert all(library.artifacts.has(page.artifact) for page in pages)
        garbage.remove_garbage(library, garbage.find_garbage(library))
    undo.redo(project(book))
    assert shots(book) == after
