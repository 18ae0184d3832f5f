"""Test a book of 300 pages and 1,200 shots: s999 comes before s1000 wherever shots are chosen or listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from agents.conversation.confirmation import unasked_edits
from agents.editing import Plan, Reading, grammar, history, rebase, revise, undo
from agents.editing.apply import apply_edits
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.planning.rule_based import RuleBasedPlanner
from agents.scripting import script_edits
from storage import models
from storage.domain import PageImage, ShotPlan
from storage.library import Library
from storage.settings import Settings
from tests.conftest import SMALL, draw_page, transcript_of
from tools import png

pytestmark = pytest.mark.film


PAGES, COUNT = 300, 1200


@pytest.fixture(scope="module")
def board() -> EditableStoryboard:
    transcript = transcript_of(PAGES)
    return EditableStoryboard(RuleBasedPlanner().plan(transcript, SMALL, {}), transcript, SMALL)


@pytest.fixture(scope="module")
def library(board: EditableStoryboard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A project in which all pages are one picture, planned and not filmed."""
    with Library.open(tmp_path_factory.mktemp("long") / "long.komadori", create=True) as library:
        library.set_settings(Settings(screen=SMALL))
        picture = library.artifacts.keep(png.encode_png(draw_page(1)), "image/png").sha256
        library.set_pages(
            [PageImage(index=at, name=f"{at}.png", artifact=picture, width=400, height=600) for at in range(PAGES)]
        )
        library.set_transcript(board.transcript)
        library.add_revision(board.shots, key="plan", author="director", message="planned")
        yield library


def plans(*lines: str) -> list[Plan]:
    edits = [grammar.parse_line(line) for line in lines]
    return [edit for edit in edits if not isinstance(edit, Reading)]


def done(board: EditableStoryboard, *lines: str) -> EditableStoryboard:
    return apply_edits(board, plans(*lines))


def ids(shots: Sequence[ShotPlan]) -> list[str]:
    return [shot.id for shot in shots]


def refused(board: EditableStoryboard, line: str) -> EditError:
    with pytest.raises(EditError) as told:
        done(board, line)
    return told.value


def test_the_film_is_that_long(board: EditableStoryboard) -> None:
    assert ids(board.shots) == [f"s{number:03d}" for number in range(1, COUNT + 1)]


def test_ranges_go_over_a_thousand(board: EditableStoryboard) -> None:
    assert ids(board.select(ShotSelector.parse("shots 998-1002"))) == ["s998", "s999", "s1000", "s1001", "s1002"]
    assert ids(board.select(ShotSelector.parse("shots 1002 to 999"))) == ["s999", "s1000", "s1001", "s1002"]
    assert ids(board.select(ShotSelector.parse("page 250"))) == ["s997", "s998", "s999", "s1000"]
    assert len(board.select(ShotSelector.parse("film"))) == COUNT


def test_what_is_not_there_is_told_with_what_there_is(board: EditableStoryboard) -> None:
    told = refused(board, "shot 1300 slower")
    assert (told.kind, told.shot) == ("unknown_shot", "s1300")
    assert "1 to 1200" in told.hint
    assert "restore" not in told.hint, "it never was"
    gone = refused(done(board, "shot 1000 drop"), "shot 1000 slower")
    assert (gone.kind, gone.shot) == ("unknown_shot", "s1000")
    assert "shot 1000 restore" in gone.hint
    assert "restore" in refused(done(board, "shot 999 drop"), "shot 999 slower").hint


def test_shots_come_back_where_they_stood(board: EditableStoryboard) -> None:
    gone = done(board, "shots 998-1002 drop")
    assert len(gone.shots) == COUNT - 5
    assert done(gone, "shots 998-1002 restore").shots == board.shots
    assert ids(done(gone, "shots 1002-1000 restore").shots)[995:1000] == ["s996", "s997", "s1000", "s1001", "s1002"]
    assert done(done(gone, "shot 1000 restore", "shot 999 restore"), "film restore").shots == board.shots
    told = refused(gone, "shot 1100 restore")
    assert (told.kind, told.shot) == ("in_film", "s1100")
    assert "shots 998, 999, 1000, 1001 and 1002" in told.hint


def test_shots_are_split_and_merged_by_their_numbers(board: EditableStoryboard) -> None:
    halves = done(board, "shot 1000 hold", "shot 1000 split")
    assert ids(halves.shots)[998:1002] == ["s999", "s1000", "s1000b", "s1001"]
    assert ids(halves.select(ShotSelector.parse("shots 1000-1001"))) == ["s1000", "s1000b", "s1001"]
    back = done(done(halves, "shot 1000b drop"), "shot 1000b restore")
    assert ids(back.shots) == ids(halves.shots)
    one = done(board, "shots 999-1000 merge")
    assert ids(one.shots)[997:1000] == ["s998", "s999", "s1001"]
    assert one.shots[998].panels == board.shots[998].panels + board.shots[999].panels
    assert ids(done(board, "shot 1000 before 999").shots)[997:1000] == ["s998", "s1000", "s999"]


def test_what_a_model_may_not_guess_is_compared_by_number() -> None:
    assert not unasked_edits(plans("shots 998-1002 drop"), "please drop shots 998 to 1002")
    assert unasked_edits(plans("shots 998-1002 drop"), "please drop shots 998 and 1002")


def test_a_new_plan_keeps_what_people_changed(board: EditableStoryboard) -> None:
    ours = done(board, "shots 999-1001 slower", "shot 1100 drop")
    fresh = [shot.model_copy(update={"seconds": shot.seconds + 1}) if shot.page == 0 else shot for shot in board.shots]
    stands = rebase.keep_pages(board.shots, ours.shots, fresh, board.transcript, SMALL)
    assert ids(stands) == ids(ours.shots)
    assert {new.id for new, old in zip(stands, ours.shots, strict=True) if new != old} == set(ids(board.shots[:4]))


def test_a_script_that_gives_way_names_shots_in_the_order_of_the_film(board: EditableStoryboard) -> None:
    ours, script = done(board, "shots 999 and 1000 swap"), done(board, "shot 997 before 1000", "page 250 slower")
    found = script_edits.rebase_on_script(board.shots, ours.shots, script.shots, frozenset({"s999", "s1000"}))
    assert found.shots[996:1000] == ours.shots[996:1000]
    assert found.overridden_shots == ("s997", "s998", "s999", "s1000")


def test_revisions_are_undone_and_done_again(library: Library, board: EditableStoryboard) -> None:
    outcome = revise.revise(library, plans("shots 999-1001 slower", "shot 1000 drop"), author="chat")
    assert outcome.changed == ("s999", "s1001")
    assert ids(library.dropped_shots()) == ["s1000"]
    assert [change.name for change in history.revision_steps(library)[-1].changes] == ["s999", "s1001", "s1000"]
    undo.undo(library)
    assert library.shots() == board.shots
    undo.redo(library)
    assert ids(library.shots())[997:1000] == ["s998", "s999", "s1001"]


def test_what_was_left_out_one_after_the_other_is_listed_by_number(library: Library, board: EditableStoryboard) -> None:
    library.move_head(1)
    for gone in ("shot 999 drop", "shot 1000 drop", "shot 998 drop"):
        board = done(board, gone)
        library.add_revision(board.shots, key="", author="hand", message=gone)
    assert [(shot.ordinal, shot.id) for shot in library.dropped_shots()] == [
        (997, "s998"),
        (998, "s999"),
        (998, "s1000"),
    ]


def test_failures_of_one_moment_are_listed_by_number(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = models.now()
    monkeypatch.setattr(models, "now", lambda: moment)
    for shot_id in ("s1000", "s999", "s1001", "s998b"):
        library.add_failure(shot_id, "clean", "it is torn")
    assert [failure.shot for failure in library.failures()] == ["s998b", "s999", "s1000", "s1001"]
