"""Test that edits survive new plans: pages are retouched, inserted, removed and swapped, and nothing is rendered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agents import run
from agents.editing import grammar, rebase, revise, undo
from agents.planning.rule_based import RuleBasedPlanner
from storage.domain import ShotPlan, VideoFormat
from storage.library import Library
from storage.records import LostEdit
from storage.settings import Settings
from storage.styles import StyleSheet
from tests.conftest import transcript_of
from tests.drawn_books import SETTINGS, DrawnBook, DrawnPanel, numbered_page

TRANSCRIPT, SCREEN = transcript_of(2), VideoFormat()
PLAN = RuleBasedPlanner().plan(TRANSCRIPT, SCREEN, {})


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw three pages of three panels: shots 1-3, 4-6 and 7-9."""
    return DrawnBook(tmp_path / "book", [numbered_page(10 * n, [3, 0, 5]) for n in (1, 2, 3)])


def plan(book: DrawnBook, settings: Settings = SETTINGS) -> tuple[ShotPlan, ...]:
    """Plan the film of the book as it is now."""
    run.plan(project(book), settings, run.RunOptions(book.write()))
    return shots(book)


def project(book: DrawnBook) -> Path:
    return book.folder.with_suffix(".komadori")


def edit(book: DrawnBook, *lines: str) -> tuple[ShotPlan, ...]:
    revise.revise(project(book), [grammar.parse_line(line) for line in lines], author="chat", message="please")
    return shots(book)


def shots(book: DrawnBook) -> tuple[ShotPlan, ...]:
    with Library.open(project(book), readonly=True) as library:
        return library.shots()


def losses(book: DrawnBook) -> tuple[LostEdit, ...]:
    with Library.open(project(book), readonly=True) as library:
        head = library.head()
    assert head
    return head.lost


def commands(book: DrawnBook) -> list[str]:
    """Return the lines that do again what is lost."""
    return [grammar.format_edit(grammar.edit_from_data(one.edit)) for one in losses(book)]


def ids(found: tuple[ShotPlan, ...]) -> list[str]:
    return [shot.id for shot in found]


def plain(shot: ShotPlan) -> ShotPlan:
    """Return a shot without what changes when its page moves within the book."""
    return shot.model_copy(update={"ordinal": 0, "page": 0, "panels": (), "balloons": ()})


def by_id(found: tuple[ShotPlan, ...]) -> dict[str, ShotPlan]:
    return {shot.id: plain(shot) for shot in found}


EDITS = (
    "shots 4 and 5 swap", "shot 6 slower", "shot 7 on upper left", "shot 8 dissolve", "shot 9 lines on",
    'shot 1 prompt "wind"', "shot 2 drop", "shot 3 split", "shot 9 drop balloon 1", "shot 8 lock",
)  # fmt: skip


def test_a_retouched_pixel_changes_nothing_that_people_did(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, *EDITS)
    book.stained.add(1)
    assert plan(book) == before
    book.change_panel(1, 2, specks=1)
    after = plan(book)
    assert [shot.model_copy(update={"camera": ()}) for shot in after] == [
        shot.model_copy(update={"camera": ()}) for shot in before
    ], "where the camera looks may change with the picture"
    assert {name for name in by_id(before) if by_id(after)[name] != by_id(before)[name]} <= {"s006"}
    assert losses(book) == ()


def test_pages_that_are_inserted_removed_and_swapped_keep_the_edits_of_the_others(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, *EDITS)
    book.pages.insert(0, numbered_page(50, [0, 2]))
    grown = plan(book)
    assert ids(grown) == ["s010", "s011", *ids(before)], "a shot keeps its number for life"
    assert by_id(grown) | by_id(before) == by_id(grown)
    assert losses(book) == ()
    book.pages[1], book.pages[3] = book.pages[3], book.pages[1]
    swapped = plan(book)
    assert ids(swapped) == ["s010", "s011", "s007", "s008", "s009", "s005", "s004", "s006", "s001", "s003", "s003b"]
    assert by_id(swapped) == by_id(grown)
    del book.pages[2]
    left = plan(book)
    assert ids(left) == ["s010", "s011", "s007", "s008", "s009", "s001", "s003", "s003b"]
    assert {name: by_id(grown)[name] for name in ids(left)} == by_id(left)
    assert commands(book) == ["shots 4-5 swap", "shot 6 slower"] or commands(book) == [
        "shots 4, 5 swap", "shot 6 slower",
    ]  # fmt: skip
    assert {one.cause for one in losses(book)} == {"panel_gone"}


def test_what_was_lost_comes_back_with_its_page(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, *EDITS)
    page = book.pages.pop(1)
    plan(book)
    after = edit(book, "shot 1 slower")
    assert len(losses(book)) == 0, "an edit names no losses"
    book.pages.insert(1, page)
    back = plan(book)
    assert losses(book) == ()
    assert ids(back) == ids(before)
    assert by_id(back) == by_id(before) | {"s001": by_id(after)["s001"]}


def test_on_a_panel_that_is_drawn_anew_edits_are_made_again_and_others_keep_theirs(book: DrawnBook) -> None:
    plan(book)
    before = by_id(edit(book, *EDITS))
    book.change_panel(1, 2, words=40)
    after = plan(book)
    assert ids(after)[2:6] == ["s003b", "s005", "s004", "s006"][-4:] or set(ids(after)) == set(before)
    new = by_id(after)
    assert {name for name in before if new[name] != before[name]} == {"s006"}
    with Library.open(project(book), readonly=True) as library:
        planned = next(one for one in reversed(library.revisions()) if one.kind == "plan")
        base = {shot.id: shot for shot in library.shots(planned.number)}["s006"]
    assert new["s006"].seconds == pytest.approx(1.3 * base.seconds, abs=0.1), "slower than it would be now"
    assert losses(book) == ()


def test_a_lock_keeps_a_shot_as_it_was_whatever_is_drawn_around_it(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, "shot 6 seconds 9", "shot 6 lock")
    book.change_panel(1, 0, words=30)
    book.change_panel(1, 2, seed=99)
    after = plan(book)
    assert after[5] == before[5]
    assert after[3] != before[3]


def test_an_edit_of_a_balloon_that_is_gone_is_named(book: DrawnBook) -> None:
    plan(book)
    edit(book, "shot 9 on balloon 1", "shot 9 slower", "shots 7-9 lines on")
    book.change_panel(2, 2, words=0)
    after = plan(book)
    assert [(one.cause, one.shots) for one in losses(book)] == [("balloon_gone", ("s009",))]
    assert commands(book) == ["shot 9 on balloon 1"]
    assert all(shot.render_options.keep_line_art for shot in after[6:])


def test_an_edit_of_the_whole_film_is_one_of_new_pages_too(book: DrawnBook) -> None:
    plan(book)
    edit(book, "film clean nothing", "film style brisk")
    book.pages.append(numbered_page(70, [0, 1]))
    assert {shot.render_options.clean for shot in plan(book)} == {()}


def test_another_style_keeps_edits_and_is_undone(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, "shot 6 lock", "shots 4 and 5 swap", "shot 1 drop")
    calm = SETTINGS.model_copy(update={"style": StyleSheet(pace=1.5)})
    after = plan(book, calm)
    assert after[4] == before[4]
    assert ids(after) == ids(before)
    assert after[0].seconds > before[0].seconds
    undo.undo(project(book))
    assert shots(book) == before
    with Library.open(project(book), readonly=True) as library:
        settings = library.settings()
    assert settings == SETTINGS
    run.plan(project(book), settings, run.RunOptions())
    assert shots(book) == before, "the next plan does not bring back what was undone"
    undo.redo(project(book))
    assert shots(book) == after


def test_undo_brings_back_the_pages_too_and_redo_goes_forward_again(book: DrawnBook) -> None:
    first = plan(book)
    before = edit(book, *EDITS)
    with Library.open(project(book), readonly=True) as library:
        pages, transcript = library.pages(), library.transcript()
    book.change_panel(1, 1, seed=77, words=4)
    del book.pages[0]
    after = plan(book)
    undo.undo(project(book))
    run.plan(project(book), SETTINGS, run.RunOptions())
    with Library.open(project(book), readonly=True) as library:
        assert (library.shots(), library.pages(), library.transcript()) == (before, pages, transcript)
    undo.undo(project(book))
    assert shots(book) == first
    undo.redo(project(book), steps=2)
    assert shots(book) == after
    undo.undo(project(book), steps=2)
    assert len(plan(book)) == len(after) + 1 - 1, "shot 2 was taken back with the other edits"
    assert losses(book) == ()


def test_a_page_of_a_new_name_and_a_retouch_at_once_is_known_by_its_picture(book: DrawnBook) -> None:
    plan(book)
    before = edit(book, *EDITS)
    book.change_panel(0, 0, specks=3)
    book.change_panel(2, 1, specks=9)
    book.pages[0], book.pages[2] = book.pages[2], book.pages[0]
    book.pages.insert(1, (DrawnPanel(500), DrawnPanel(501), DrawnPanel(502)))
    after = plan(book)
    assert set(ids(after)) == {*ids(before), "s010", "s011", "s012"}
    for shot in before:
        new = by_id(after)[shot.id]
        assert new.model_copy(update={"camera": shot.camera}) == plain(shot), "only where the camera looks may change"
    assert losses(book) == ()


def slower(found: tuple[ShotPlan, ...], name: str) -> tuple[ShotPlan, ...]:
    """Return the shots with one of them lengthened by a second."""
    return tuple(one.model_copy(update={"seconds": one.seconds + 1}) if one.id == name else one for one in found)


def test_for_another_screen_all_of_it_is_framed_anew() -> None:
    square = VideoFormat(width=1080)
    ours = slower(PLAN, "s002")
    carried = rebase.keep_pages(PLAN, ours, RuleBasedPlanner().plan(TRANSCRIPT, square, {}), TRANSCRIPT, square)
    assert carried[1].seconds >= ours[1].seconds
    assert all(abs(one.camera[0].box.aspect - 1) < 0.01 for one in carried)


def test_where_a_director_goes_on_with_pages_that_were_left_those_that_people_changed_stay() -> None:
    ours, fresh = slower(PLAN, "s002"), slower(slower(PLAN, "s001"), "s006")
    assert rebase.keep_pages(PLAN, ours, fresh, TRANSCRIPT, SCREEN) == slower(slower(PLAN, "s002"), "s006")
    said = tuple(one.model_copy(update={"prompt": "wind"}) if one.id == "s003" else one for one in PLAN)
    assert rebase.keep_pages(PLAN, said, fresh, TRANSCRIPT, SCREEN)[:4] == said[:4]


def forget_inputs(book: DrawnBook) -> None:
    """Make the project one of an older version, which recorded nothing of what plans were made from."""
    with closing(sqlite3.connect(project(book) / "library.db")) as connection, connection:
        connection.execute("UPDATE revision SET inputs = NULL")


def test_a_project_of_an_older_version_keeps_its_edits_and_is_undone(book: DrawnBook) -> None:
    plan(book)
    edit(book, "shot 5 lock", "shot 7 dissolve")
    book.stained.add(0)
    plan(book)
    with Library.open(project(book)) as library:  # as the older version carried its edits over
        was = library.shots()
        library.add_revision(library.shots(1), kind="plan", key="old", author="director", message="planned by rules")
        changed = [shot.model_copy(update={"seconds": 7.0}) if shot.id == "s004" else shot for shot in was]
        library.add_revision(changed, kind="rebase", key="", author="hand", message="", origin=2)
    before = edit(book, "shots 8 and 9 swap", 'shot 2 prompt "rain"')
    forget_inputs(book)
    book.change_panel(2, 2, words=9)
    book.pages.insert(0, numbered_page(60, [1, 1]))
    after = plan(book)
    assert ids(after)[2:] == ids(before)
    assert {name for name, shot in by_id(before).items() if by_id(after)[name] != shot} == {"s009"}
    undo.undo(project(book))
    assert shots(book) == before
    undo.undo(project(book))
    undo.undo(project(book))
    undo.redo(project(book))


def test_changes_that_nobody_logged_become_edits_where_a_page_is_planned_anew(book: DrawnBook) -> None:
    plan(book)
    changed = edit(
        book, "shot 4 seconds 8", "shot 5 on upper left", "shot 5 dissolve", 'shot 5 prompt "rain"', "shot 5 seed 4",
        "shot 5 ground blur", "shot 5 outpaint without \"hats\"", "shot 4 lines on", "shot 4 generated 0.5",
        "shot 4 clean lettering", 'shot 4 outpaint prompt "sea"', "shot 6 lock", "shot 5 before 4", "shot 7 drop",
        "shot 4 drop balloon 1", "shot 5 animate still",
    )  # fmt: skip
    with Library.open(project(book)) as library:
        library.move_head(1)
        library.add_revision(changed, kind="rebase", key="", author="hand", message="", origin=2)
    book.change_panel(1, 2, words=30)
    book.change_panel(2, 2, words=30)
    after = plan(book)
    assert losses(book) == ()
    assert ids(after) == ids(changed)
    assert by_id(after)["s004"].seconds == 8
    for name in ("s004", "s005", "s006"):
        new, old = by_id(after)[name], by_id(changed)[name]
        assert (new.render_options, new.prompt, new.seed, new.transition) == (
            old.render_options, old.prompt, old.seed, old.transition,
        )  # fmt: skip
    assert after[5].locked
    assert {key.box for key in after[3].camera} == {key.box for key in changed[3].camera}


def test_a_prompt_alone_that_nobody_logged_is_carried_over(book: DrawnBook) -> None:
    planned = plan(book)
    with Library.open(project(book)) as library:
        changed = [shot.model_copy(update={"prompt": "rain"}) if shot.id == "s005" else shot for shot in planned]
        library.add_revision(changed, key="", author="script", message="")
    book.pages.insert(0, numbered_page(50, [1]))
    assert by_id(plan(book))["s005"].prompt == "rain"
