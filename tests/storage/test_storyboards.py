"""Test the storyboard: every revision is stored, the head moves among them, and equal plans are stored once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage.book_info import BookInfo
from storage.domain import Box, CameraKey, PageImage, PageTranscript, ShotPlan, Transcript, VideoFormat
from storage.errors import ProjectError, SettingsError
from storage.library import Library
from storage.records import PlanInputs, RevisionDraft, root_plan
from storage.settings import Settings


def plan(name: str, ordinal: int, seconds: float = 2.5) -> ShotPlan:
    keys = (CameraKey(t=0, box=Box(0, 0, 16, 9)), CameraKey(t=1, box=Box(1 / 3, 0.1, 16.7, 9)))
    return ShotPlan(
        id=name, ordinal=ordinal, page=2, panels=("p2-1", "p2-2"), seconds=seconds, camera=keys, reveals=(0, 0.5)
    )


def plans(count: int) -> tuple[ShotPlan, ...]:
    return tuple(plan(f"s{n:03}", n) for n in range(count))


def add(library: Library, shots: tuple[ShotPlan, ...], key: str = "k") -> int:
    return library.add_revision(shots, kind="plan", key=key, author="director", message="because")


def change(library: Library, shots: tuple[ShotPlan, ...]) -> int:
    return library.add_revision(shots, key="", author="hand", message="")


def kept_plans(library: Library) -> object:
    with library.database.reading() as connection:
        return connection.execute(text("SELECT count(*) FROM shot")).scalar()


def test_a_new_project_has_no_storyboard(library: Library) -> None:
    assert library.head() is None
    assert library.revisions() == ()
    assert library.shots() == ()
    with pytest.raises(ProjectError):
        library.shot("s000")


def test_plans_come_back_exactly_and_by_ordinal(library: Library) -> None:
    number = add(library, plans(4)[::-1])
    assert library.shots() == library.shots(number) == plans(4)
    assert library.shot("s002") == plan("s002", 2)


def test_a_revision_says_who_made_it_of_what_and_when(library: Library) -> None:
    first = add(library, plans(2), key="first")
    second = library.add_revision(plans(1), key="second", author="chat", message="drop the last shot")
    head = library.head()
    assert head
    assert (head.number, head.parent, head.key, head.author) == (second, first, "second", "chat")
    assert head.message == "drop the last shot"
    assert (head.kind, head.origin, library.revisions()[0].kind) == ("edit", None, "plan")
    assert head.created.tzinfo is UTC
    assert abs(head.created - datetime.now(UTC)) < timedelta(minutes=5)
    assert [revision.number for revision in library.revisions()] == [first, second]
    assert library.revisions()[0].parent is None


def test_a_rebase_names_the_revision_whose_changes_it_repeats(library: Library) -> None:
    changed = library.add_revision(plans(2), key="", author="hand", message="", kind="edit")
    library.add_revision(plans(3), key="", author="hand", message="", kind="rebase", origin=changed)
    head = library.head()
    assert head
    assert (head.kind, head.origin) == ("rebase", changed)
    with pytest.raises(IntegrityError):
        library.add_revision(plans(3), key="", author="hand", message="", kind="rebase", origin=99)
    assert library.head() == head


def test_the_head_moves_between_lines(library: Library) -> None:
    root = add(library, plans(1))
    old = add(library, plans(2))
    library.move_head(root)
    new = add(library, plans(3))
    assert [one.number for one in library.ancestry()] == [root, new]
    assert library.move_head(old).number == old
    assert library.shots() == plans(2)


def test_the_head_and_the_screen_it_is_framed_for_move_at_once(library: Library) -> None:
    tall = VideoFormat(width=180, height=320)
    library.set_settings(Settings(crf=30))
    wide = add(library, plans(1))
    library.add_revision(plans(1), key="k", author="hand", message="tall", screen=tall)
    assert library.settings() == Settings(crf=30, screen=tall)
    assert [one.screen for one in library.revisions()] == [VideoFormat(), tall]
    library.move_head(wide, VideoFormat())
    assert library.settings() == Settings(crf=30)
    with pytest.raises(ProjectError):
        library.move_head(7, tall)
    with pytest.raises(SettingsError):
        library.add_revision(plans(1) * 2, key="k", author="hand", message="twice", screen=tall)
    assert library.settings() == Settings(crf=30)


def test_a_branch_grows_whole_or_not_at_all(library: Library) -> None:
    first = add(library, plans(2))
    add(library, plans(3))
    drafts = [
        RevisionDraft(plans(1), "a", "script", "as it says"),
        RevisionDraft(plans(4), "b", "hand", "and more", kind="rebase", origin=2),
    ]
    library.add_branch(first, drafts)
    assert [(one.key, one.kind, one.origin) for one in library.ancestry()] == [
        ("k", "plan", None), ("a", "edit", None), ("b", "rebase", 2),
    ]  # fmt: skip
    assert library.shots() == plans(4)
    with pytest.raises(SettingsError):
        library.add_branch(first, [drafts[0], RevisionDraft((plans(1)[0], plans(1)[0]), "c", "hand", "twice")])
    assert [one.key for one in library.revisions()] == ["k", "k", "a", "b"]
    library.add_branch(first, [])
    assert library.shots() == plans(2)


def test_a_branch_grows_from_nothing_with_the_inputs_of_its_plan(library: Library) -> None:
    tall, nothing = VideoFormat(width=180, height=320), Transcript(order="rtl", backend="classic", pages=())
    inputs = PlanInputs(info=BookInfo(), pages=(), transcript=nothing, correction=None, settings={})
    library.add_branch(None, [])
    assert (library.head(), library.revisions()) == (None, ())
    before = library.generation
    drafts = [
        RevisionDraft(plans(2), "k", "director", "plan", kind="plan", inputs=inputs),
        RevisionDraft(plans(3), "", "hand", "tall", kind="rebase", screen=tall),
    ]
    library.add_branch(None, drafts)
    assert library.generation > before, "what was looked up before is looked up again"
    assert [(one.parent, one.kind) for one in library.ancestry()] == [(None, "plan"), (1, "rebase")]
    assert [one.screen for one in library.ancestry()] == [None, tall]
    assert library.plan_inputs(2) == inputs


def test_an_unknown_revision_is_named(library: Library) -> None:
    add(library, plans(1))
    for ask in (library.move_head, library.shots):
        with pytest.raises(ProjectError):
            ask(7)
    assert library.shots() == plans(1)


def test_revisions_share_the_plans_they_did_not_change(library: Library) -> None:
    before = plans(10)
    add(library, before)
    assert kept_plans(library) == 10
    inserted = (plan("s999", 0, 9), *(shot.model_copy(update={"ordinal": n}) for n, shot in enumerate(before, 1)))
    number = add(library, inserted)
    assert kept_plans(library) == 11
    assert library.shots(number) == inserted
    assert library.shots(1) == before


def test_a_storyboard_may_be_empty(library: Library) -> None:
    add(library, ())
    assert library.head() is not None
    assert library.shots() == ()


@pytest.mark.parametrize("again", [plan("s000", 5), plan("s009", 0)])
def test_two_shots_with_one_name_or_place_are_refused(library: Library, again: ShotPlan) -> None:
    with pytest.raises(SettingsError):
        add(library, (*plans(2), again))
    assert library.revisions() == ()


def test_a_revision_keeps_its_edits_and_the_screen_it_was_framed_for(library: Library) -> None:
    add(library, plans(1))
    head = library.head()
    assert head
    assert (head.edits, head.screen) == ((), None)
    library.set_settings(Settings(screen=VideoFormat(width=1080)))
    library.add_revision(plans(1), key="", author="chat", message="", edits=[{"do": "lock", "which": "shot 0"}])
    head = library.head()
    assert head
    assert (head.edits, head.screen) == (({"do": "lock", "which": "shot 0"},), VideoFormat(width=1080))


def test_the_line_is_what_is_in_force_and_what_it_left_out_is_known(library: Library) -> None:
    first = add(library, plans(4))
    second = change(library, (plan("s000", 0), plan("s002", 1, seconds=4)))
    library.move_head(first)
    third = change(library, (plan("s001", 0, seconds=5), plan("s002", 1)))
    assert [one.number for one in library.ancestry()] == [first, third]
    assert second not in [one.number for one in library.ancestry()]
    assert [(one.id, one.ordinal) for one in library.dropped_shots()] == [("s000", 0), ("s003", 3)]
    change(library, ())
    assert [(one.id, one.seconds) for one in library.dropped_shots()] == [
        ("s000", 2.5), ("s001", 5), ("s002", 2.5), ("s003", 2.5),
    ]  # fmt: skip
    add(library, (plan("s001", 0), plan("s004", 1)))
    assert library.dropped_shots() == (), "shots of an earlier plan may be of other panels"
    assert {one.seconds for one in library.plans_of("s002")} == {2.5, 4}


def test_a_plan_comes_back_with_what_it_was_made_from(library: Library) -> None:
    """The pages, transcript, corrections and settings change in one step with the head, however they stood between."""
    page = library.artifacts.keep(b"page", "image/png").sha256
    pages = (PageImage(index=0, name="1.png", artifact=page, width=4, height=6),)
    read = Transcript(
        order="rtl", backend="classic", pages=(PageTranscript(index=0, image="1.png", width=4, height=6),)
    )
    inputs = PlanInputs(info=BookInfo(title="one"), pages=pages, transcript=read, correction=None, settings={})
    first = library.add_revision(plans(2), kind="plan", key="k", author="director", message="", inputs=inputs)
    changed = change(library, plans(1))
    assert library.plan_inputs(changed) == inputs
    add(library, plans(3))
    assert library.plan_inputs(add(library, plans(3))) is None, "older versions recorded none"
    library.set_project("book", BookInfo(title="two"))
    library.restore_plan(changed, inputs, Settings(crf=30))
    assert [one.number for one in library.ancestry()] == [first, changed]
    assert (library.pages(), library.transcript(), library.info()) == (pages, read, inputs.info)
    assert (library.settings(), library.source()) == (Settings(crf=30), "book")
    library.artifacts.open(root_plan(library.revisions(), changed).inputs or "").unlink()  # type: ignore[union-attr]
    assert library.plan_inputs(changed) is None


def test_inputs_that_were_not_recorded_are_added_once(library: Library) -> None:
    read = Transcript(order="rtl", backend="classic", pages=())
    inputs = PlanInputs(info=BookInfo(), pages=(), transcript=read, correction=None, settings={"order": "rtl"})
    number = add(library, plans(1))
    library.record_plan_inputs(number, inputs)
    library.record_plan_inputs(number, inputs.model_copy(update={"settings": {}}))
    assert library.plan_inputs(number) == inputs
