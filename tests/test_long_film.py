"""A book of 300 pages, planned as 1,200 shots: s999 comes before s1000 wherever shots are chosen, told and changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from agents.directors.rules import Rules
from agents.edits import Plan, Reading, words
from agents.edits.applied import all_applied
from agents.edits.board import Board
from agents.edits.refusals import EditError
from agents.edits.which import ShotSelector
from agents.revising import carry, changes, revise, steps
from agents.revising.guesses import guessed
from agents.scripting import edited
from storage import models
from storage.library import Library
from storage.settings import Settings
from storage.shapes import PageImage, ShotPlan
from tests.conftest import SMALL, draw_page, transcript_of
from tools import png

PAGES, COUNT = 300, 1200


@pytest.fixture(scope="module")
def board() -> Board:
    transcript = transcript_of(PAGES)
    return Board(Rules().plan(transcript, SMALL, {}), transcript, SMALL)


@pytest.fixture(scope="module")
def library(board: Board, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A project in which all pages are one picture, planned and not filmed."""
    with Library.open(tmp_path_factory.mktemp("long") / "long.komadori", create=True) as library:
        library.set_settings(Settings(screen=SMALL))
        picture = library.artifacts.keep(png.encode(draw_page(1)), "image/png").sha256
        library.set_pages(
            [PageImage(index=at, name=f"{at}.png", artifact=picture, width=400, height=600) for at in range(PAGES)]
        )
        library.set_transcript(board.transcript)
        library.add_revision(board.shots, key="plan", author="director", message="planned")
        yield library


def plans(*lines: str) -> list[Plan]:
    edits = [words.parse(line) for line in lines]
    return [edit for edit in edits if not isinstance(edit, Reading)]


def done(board: Board, *lines: str) -> Board:
    return all_applied(board, plans(*lines))


def ids(shots: Sequence[ShotPlan]) -> list[str]:
    return [shot.id for shot in shots]


def refused(board: Board, line: str) -> EditError:
    with pytest.raises(EditError) as told:
        done(board, line)
    return told.value


def test_the_film_is_that_long(board: Board) -> None:
    assert ids(board.shots) == [f"s{number:03d}" for number in range(1, COUNT + 1)]


def test_ranges_go_over_a_thousand(board: Board) -> None:
    assert ids(board.find(ShotSelector.parse("shots 998-1002"))) == ["s998", "s999", "s1000", "s1001", "s1002"]
    assert ids(board.find(ShotSelector.parse("shots 1002 to 999"))) == ["s999", "s1000", "s1001", "s1002"]
    assert ids(board.find(ShotSelector.parse("page 250"))) == ["s997", "s998", "s999", "s1000"]
    assert len(board.find(ShotSelector.parse("film"))) == COUNT


def test_what_is_not_there_is_told_with_what_there_is(board: Board) -> None:
    told = refused(board, "shot 1300 slower")
    assert (told.kind, told.shot) == ("unknown_shot", "s1300")
    assert "1 to 1200" in told.hint
    assert "restore" not in told.hint, "it never was"
    gone = refused(done(board, "shot 1000 drop"), "shot 1000 slower")
    assert (gone.kind, gone.shot) == ("unknown_shot", "s1000")
    assert "shot 1000 restore" in gone.hint
    assert "restore" in refused(done(board, "shot 999 drop"), "shot 999 slower").hint


def test_shots_come_back_where_they_stood(board: Board) -> None:
    gone = done(board, "shots 998-1002 drop")
    assert len(gone.shots) == COUNT - 5
    assert done(gone, "shots 998-1002 restore").shots == board.shots
    assert ids(done(gone, "shots 1002-1000 restore").shots)[995:1000] == ["s996", "s997", "s1000", "s1001", "s1002"]
    assert done(done(gone, "shot 1000 restore", "shot 999 restore"), "film restore").shots == board.shots
    told = refused(gone, "shot 1100 restore")
    assert (told.kind, told.shot) == ("in_film", "s1100")
    assert "shots 998, 999, 1000, 1001 and 1002" in told.hint


def test_shots_are_split_and_merged_by_their_numbers(board: Board) -> None:
    halves = done(board, "shot 1000 hold", "shot 1000 split")
    assert ids(halves.shots)[998:1002] == ["s999", "s1000", "s1000b", "s1001"]
    assert ids(halves.find(ShotSelector.parse("shots 1000-1001"))) == ["s1000", "s1000b", "s1001"]
    back = done(done(halves, "shot 1000b drop"), "shot 1000b restore")
    assert ids(back.shots) == ids(halves.shots)
    one = done(board, "shots 999-1000 merge")
    assert ids(one.shots)[997:1000] == ["s998", "s999", "s1001"]
    assert one.shots[998].panels == board.shots[998].panels + board.shots[999].panels
    assert ids(done(board, "shot 1000 before 999").shots)[997:1000] == ["s998", "s1000", "s999"]


def test_what_a_model_may_not_guess_is_compared_by_number() -> None:
    assert not guessed(plans("shots 998-1002 drop"), "please drop shots 998 to 1002")
    assert guessed(plans("shots 998-1002 drop"), "please drop shots 998 and 1002")


def test_a_new_plan_keeps_what_people_changed(board: Board) -> None:
    ours = done(board, "shots 999-1001 slower", "shot 1100 drop")
    fresh = [shot.model_copy(update={"seconds": shot.seconds + 1}) if shot.page == 0 else shot for shot in board.shots]
    stands, lost = carry.merged(board.shots, ours.shots, fresh, board.transcript, SMALL)
    assert not lost
    assert ids(stands) == ids(ours.shots)
    assert {new.id for new, old in zip(stands, ours.shots, strict=True) if new != old} == set(ids(board.shots[:4]))


def test_a_script_that_gives_way_names_shots_in_the_order_of_the_film(board: Board) -> None:
    ours, script = done(board, "shots 999 and 1000 swap"), done(board, "shot 997 before 1000", "page 250 slower")
    found = edited.kept(board.shots, ours.shots, script.shots, frozenset({"s999", "s1000"}))
    assert found.shots[996:1000] == ours.shots[996:1000]
    assert found.aside == ("s997", "s998", "s999", "s1000")


def test_revisions_are_undone_and_done_again(library: Library, board: Board) -> None:
    outcome = revise.revise(library, plans("shots 999-1001 slower", "shot 1000 drop"), author="chat")
    assert outcome.changed == ("s999", "s1001")
    assert ids(library.left_out()) == ["s1000"]
    assert [change.name for change in changes.steps(library)[-1].changes] == ["s999", "s1001", "s1000"]
    steps.undo(library)
    assert library.shots() == board.shots
    steps.redo(library)
    assert ids(library.shots())[997:1000] == ["s998", "s999", "s1001"]


def test_what_was_left_out_one_after_the_other_is_listed_by_number(library: Library, board: Board) -> None:
    library.move_head(1)
    for gone in ("shot 999 drop", "shot 1000 drop", "shot 998 drop"):
        board = done(board, gone)
        library.add_revision(board.shots, key="", author="hand", message=gone)
    assert [(shot.ordinal, shot.id) for shot in library.left_out()] == [(997, "s998"), (998, "s999"), (998, "s1000")]


def test_failures_of_one_moment_are_listed_by_number(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = models.now()
    monkeypatch.setattr(models, "now", lambda: moment)
    for shot_id in ("s1000", "s999", "s1001", "s998b"):
        library.add_failure(shot_id, "clean", "it is torn")
    assert [failure.shot for failure in library.failures()] == ["s998b", "s999", "s1000", "s1001"]
