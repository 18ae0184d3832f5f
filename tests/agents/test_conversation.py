"""Test a conversation without a model: proposals and choices, questions, "again" and "never mind", in two languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.conversation import turn as chat_turn
from agents.conversation.actions import ChatTurn
from agents.conversation.choices import keep_confirmation, open_question
from agents.corrections import grammar as fixes
from agents.corrections import replan
from agents.corrections.errors import GrammarError
from agents.editing import grammar, revise, undo
from agents.editing.refusals import EditError
from storage.domain import ShotPlan
from storage.errors import KomadoriError, SettingsError
from storage.library import Library


@pytest.fixture
def project(filmed: Path) -> Path:
    """A finished project of eight shots, each first shot of a page with the balloon "hello there"."""
    return filmed / "chapter.komadori"


def say(project: Path, *messages: str) -> ChatTurn:
    """Take turns in processes that know nothing of each other but the project, and return the last one."""
    turn = ChatTurn("")
    for message in messages:
        turn = chat_turn.take_turn(project, message)
    return turn


def shots(project: Path) -> tuple[ShotPlan, ...]:
    with Library.open(project, readonly=True) as library:
        return library.shots()


def order(project: Path) -> list[str]:
    return [shot.id for shot in shots(project)]


def refusal(project: Path, message: str) -> GrammarError:
    with pytest.raises(GrammarError) as error:
        say(project, message)
    return error.value


def test_what_is_not_understood_becomes_two_proposals_that_a_later_message_chooses_from(project: Path) -> None:
    before = shots(project)
    error = refusal(project, "make shot 3 nicer")
    assert len(error.examples) == 2
    assert all(line.startswith("shot 3 ") for line in error.examples)
    assert "KOMADORI_MODEL" in error.hint
    assert shots(project) == before
    for wrong in ("3", "0", "99999999999999", "number 7"):
        with pytest.raises(SettingsError) as excinfo:
            say(project, wrong)
        assert excinfo.value.hint
        assert shots(project) == before
    turn = say(project, "2")
    assert turn.report
    assert turn.report.summary == (error.examples[1],)
    assert [shot.id for old, shot in zip(before, shots(project), strict=True) if old != shot] == ["s003"]
    with Library.open(project, readonly=True) as library:
        head = library.head()
        assert head
        assert head.message == error.examples[1]
    assert say(project, "drop it").proposals == ("shot 3 drop",), "the 2 chose a proposal, and is no shot"
    assert say(project, "no").report is None
    with pytest.raises(SettingsError):
        say(project, "1")


def test_proposals_end_with_the_next_change_and_with_never_mind(project: Path) -> None:
    refusal(project, "make shot 3 nicer")
    say(project, "shot 2 slower")
    with pytest.raises(SettingsError):
        say(project, "1")
    refusal(project, "make shot 3 nicer")
    before = shots(project)
    assert say(project, "never mind").report is None
    assert shots(project) == before
    with pytest.raises(SettingsError):
        say(project, "1")


def test_never_mind_takes_back_what_the_last_message_changed_and_nothing_older(project: Path) -> None:
    before = shots(project)
    assert say(project, "shot 3 slower", "never mind").undone == ("shot 3 slower",)
    assert shots(project) == before
    assert say(project, "never mind").undone == ()
    say(project, "ショット3をゆっくり")
    changed = shots(project)
    say(project, "how long is the film?", "never mind")
    assert shots(project) == changed


def test_again_repeats_the_last_edit_or_the_last_step(project: Path) -> None:
    first = shots(project)[2].seconds
    say(project, "shot 3 slower")
    once = shots(project)[2].seconds
    say(project, "again")
    assert shots(project)[2].seconds / once == pytest.approx(once / first, rel=0.02)
    say(project, "undo", "again")
    assert shots(project)[2].seconds == first
    with pytest.raises(KomadoriError):
        say(project, "again")


def test_what_may_mean_two_edits_is_never_done_but_proposed(project: Path) -> None:
    before = shots(project)
    turn = say(project, "what is shot 4?", "make it slower")
    assert turn.is_question
    assert turn.proposals == ("shot 4 slower", "all shots slower")
    assert shots(project) == before
    say(project, "the first one")
    assert [a.id for a, b in zip(before, shots(project), strict=True) if a != b] == ["s004"]
    assert say(project, "drop it").proposals == ("shot 4 drop",)
    say(project, "yes")
    assert "s004" not in order(project)


def test_a_thing_is_looked_for_in_the_cast_and_in_the_balloons_and_else_asked_for(project: Path) -> None:
    assert say(project, "zoom in on hello in shot 1").report.summary == ("shot 1 on balloon 1",)  # type: ignore[union-attr]
    turn = say(project, "zoom in on the bird in shot 3")
    assert turn.is_question
    assert turn.report is None
    with Library.open(project, readonly=True) as library:
        assert open_question(library).shots == "shot 3"
    assert say(project, "upper left").report.summary == ("shot 3 on upper left",)  # type: ignore[union-attr]
    assert say(project, "ショット3の鳥にズームイン").is_question
    assert say(project, "右上").report.summary[0].startswith("shot 3 on upper right")  # type: ignore[union-attr]
    say(project, "zoom in on the bird in shot 3")
    assert say(project, "3").report.summary[0].startswith("shot 3 on center")  # type: ignore[union-attr]


def test_questions_are_answered_from_the_storyboard_and_change_nothing(project: Path) -> None:
    before = shots(project)
    seconds = sum(shot.seconds for shot in before)
    for question in ("how long is the film?", "映画の長さは？", "wie lang ist der Film?", "cuánto dura la película?"):
        turn = say(project, question)
        assert f"{seconds:.1f}" in turn.reply, question
        assert "8" in turn.reply
    assert "hello there" in say(project, "what is shot 1?").reply
    reason = before[3].reason
    assert reason in say(project, "why shot 4?").reply
    assert reason in say(project, "show me shot 4", "why?").reply
    assert reason in say(project, "ショット4はなぜ？").reply
    assert say(project, "show me shot 4").shown_shots == ("s004",)
    assert say(project, "ショット4を見せて").shown_shots == ("s004",)
    assert "8" in say(project, "how many shots are there?").reply
    assert say(project, "what is it?").reply
    assert shots(project) == before
    with pytest.raises(EditError):
        say(project, "what is shot 40?")


def test_pages_and_shots_are_removed_merged_and_moved_and_all_of_it_can_be_undone(project: Path) -> None:
    before = shots(project)
    say(project, "skip page 2", "put shot 3 before shot 2", "merge shots 3 and 2")
    assert order(project) == ["s001", "s003", "s004"]
    say(project, "undo 3")
    assert shots(project) == before
    say(project, "最後のショットを削除して")
    assert order(project) == [shot.id for shot in before[:-1]]
    say(project, "元に戻して", "ショット3をショット2の前に移動して")
    assert order(project)[:3] == ["s001", "s003", "s002"]
    with Library.open(project) as library:
        undo.undo(library)
    assert shots(project) == before


def test_longer_by_seconds_changes_each_shot_by_as_much_and_is_refused_where_it_cannot_be_read(project: Path) -> None:
    before = shots(project)
    say(project, "shots 2-3 longer by a second")
    assert [b.seconds - a.seconds for a, b in zip(before, shots(project), strict=True)][:4] == pytest.approx(
        [0, 1, 1, 0], abs=0.1
    )
    with pytest.raises(EditError) as excinfo:
        say(project, "shot 1 two seconds shorter")
    assert excinfo.value.least_seconds
    with pytest.raises(EditError) as excinfo:
        say(project, "shot 1 longer by 60")
    assert excinfo.value.kind == "too_long"


@pytest.mark.parametrize(
    "message",
    ["rends le plan 3 plus dramatique", "mach Shot 3 dramatischer", "haz el plano 3 más dramático",
     "ショット3を劇的に", "让镜头3更有戏剧性", "샷 3을 더 극적으로 해 줘", "もっと良くして",
     "un film plus joli, s'il te plaît"],
)  # fmt: skip
def test_every_language_is_told_about_the_model_and_nothing_is_done(project: Path, message: str) -> None:
    before = shots(project)
    error = refusal(project, message)
    assert "KOMADORI_MODEL" in error.hint
    assert "this is no edit" not in error.what
    assert shots(project) == before


def test_a_denied_edit_is_not_proposed(project: Path) -> None:
    for message in ("don't remove shot 3", "ショット3を削除しないで", "Lösche Shot 3 nicht"):
        assert refusal(project, message).examples == ("shot 3 lock",), message


def test_a_preview_keeps_nothing(project: Path) -> None:
    with pytest.raises(GrammarError):
        chat_turn.take_turn(project, "make shot 3 nicer", dry_run=True)
    with Library.open(project, readonly=True) as library:
        assert library.messages() == ()
    refusal(project, "make shot 3 nicer")
    before = shots(project)
    assert chat_turn.take_turn(project, "1", dry_run=True).report
    assert shots(project) == before
    assert say(project, "1").report


def test_a_question_is_closed_by_a_change_of_another_command(project: Path) -> None:
    refusal(project, "make shot 3 nicer")
    revise.revise(project, grammar.parse_lines("shot 2 drop"))
    before = shots(project)
    with pytest.raises(SettingsError):
        say(project, "1")
    assert shots(project) == before


def test_a_confirmation_is_closed_by_a_change_of_another_command(project: Path) -> None:
    with Library.open(project) as library:
        library.add_message("user", "lose the boring ones")
        keep_confirmation(library, ["shots 2-3 drop"])
        library.add_message("assistant", "Shall I do this?")
        assert open_question(library).confirmation == ("shots 2-3 drop",)
    revise.revise(project, grammar.parse_lines("shot 1 slower"))
    before = shots(project)
    assert say(project, "yes").report is None
    assert shots(project) == before


def test_a_question_is_closed_by_a_correction_of_another_command(project: Path) -> None:
    refusal(project, "make shot 3 nicer")
    with Library.open(project, readonly=True) as library:
        assert open_question(library).proposals
    replan.correct_project(project, [fixes.parse_line('page 1 text 1 "good morning"')])
    with Library.open(project, readonly=True) as library:
        assert not open_question(library)


def test_a_question_is_closed_by_an_undo_of_another_command(project: Path) -> None:
    revise.revise(project, grammar.parse_lines("shot 3 drop"))
    refusal(project, "make shot 4 nicer")
    undo.undo(project)
    before = shots(project)
    with pytest.raises(SettingsError):
        say(project, "1")
    assert shots(project) == before


def test_nothing_said_is_refused_and_not_kept(project: Path) -> None:
    with pytest.raises(SettingsError, match="nothing was said"):
        say(project, "shot 3 slower", "  ")
    with Library.open(project, readonly=True) as library:
        assert [message.role for message in library.messages()] == ["user", "assistant"]
    assert say(project, "never mind").undone == ("shot 3 slower",)
