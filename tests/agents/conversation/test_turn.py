"""Test that conversations end in exactly the edits that were meant, with a model server on loopback and without one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.conversation import turn as chat_turn
from agents.conversation.actions import ChatTurn
from agents.editing import Reading, grammar, revise
from agents.editing.apply import apply_edits
from agents.editing.shot_status import editable_storyboard, read_only_context
from agents.shots import shots_to_film
from agents.stages import composite
from storage.domain import ShotPlan
from storage.errors import BudgetError, SettingsError
from storage.library import Library
from tests.loopback import Said, in_turn, serving, serving_text_only


@dataclass(frozen=True)
class Talk:
    """The messages of a person, the answers of the model in turn, and the lines of the edits that must result."""

    says: tuple[str, ...]
    answers: tuple[dict[str, object], ...]
    comes_to: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    asks: bool = False
    undone: int = 0


def answer(*edits: str, say: str = "", question: str = "") -> dict[str, object]:
    return {"say": say, "edits": list(edits), "question": question}


DIALOGUES = {
    "slower": Talk(("shot 3 could do with a breather",), (answer("shot 3 slower"),), ("shot 3 slower",)),
    "zoom on a named thing": Talk(
        ("in shot 3 I want to see the small circle at the upper left",), (answer("shot 3 on box 5%,37%,25%,50%"),),
        ("shot 3 on box 5%,37%,25%,50%",),
    ),
    "slower, stay on her, keep the balloon": Talk(
        ("Shot 1 slower, stay on the lower left, keep the balloon.",),
        (answer("shot 1 slower", "shot 1 on lower left"),),
        ("shot 1 slower", "shot 1 on lower left"),
    ),
    "drop a balloon": Talk(
        ("no need to wait for the balloon in shot 1",), (answer("shot 1 drop balloon 1"),), ("shot 1 drop balloon 1",)
    ),
    "swap two shots": Talk(("shots 2 and 3 the other way round",), (answer("shots 2, 3 swap"),), ("shots 2, 3 swap",)),
    "undo twice": Talk(
        ("take the last two steps back",), (answer("undo 2"),), (), ("shot 2 slower", "shot 3 slower"), undone=2
    ),
    "as before but faster": Talk(
        ("as before but faster",), (answer("undo", "shot 3 faster"),), ("shot 3 faster",), ("shot 3 slower",), undone=1
    ),
    "an unclear shot": Talk(
        ("that shot is too long",), (answer(question="Which shot do you mean?"),), asks=True
    ),
    "unclear, then told": Talk(
        ("that shot is too long", "the third one, I mean shot 3"),
        (answer(question="Which shot?"), answer("shot 3 faster")), ("shot 3 faster",),
    ),
    "impossible, and the model says so": Talk(
        ("make her smile in shot 2",), (answer(say="The drawing itself cannot be changed."),)
    ),
    "impossible, and we say so": Talk(
        ("shot 40 should breathe more",), (answer("shot 40 slower"), answer("shot 40 slower"))
    ),
    "mended after a fault": Talk(
        ("shot 2 gets dramatic",), (answer("shot 2 dramatic"), answer("shot 2 push in")), ("shot 2 push in",)
    ),
    "a destructive guess is asked about": Talk(
        ("lose the boring ones",), (answer("shots 2-3 drop"),), asks=True
    ),
    "asked about, then yes": Talk(
        ("lose the boring ones", "Yes, please!"), (answer("shots 2-3 drop"),), ("shots 2-3 drop",)
    ),
    "asked about, then no": Talk(("lose the boring ones", "no"), (answer("shots 2-3 drop"),)),
    "a named drop is done": Talk(
        ("shots 2 and 3 are dull, please leave them out",), (answer("shots 2, 3 drop"),), ("shots 2, 3 drop",)
    ),
    "two are named, and four would go": Talk(
        ("shots 1 and 4 are dull, lose them",), (answer("shots 1-4 drop"),), asks=True
    ),
    "a number that is no shot": Talk(("shot 7 needs 3 seconds, no more",), (answer("shot 3 drop"),), asks=True),
    "told not to": Talk(("do not drop shot 5",), (answer("shot 5 drop"),), asks=True),
    "nobody unlocks on a guess": Talk(
        ("everything on page 1 may breathe a bit",), (answer("shot 4 unlock", "shot 4 slower"),), (),
        ("shot 4 lock",), asks=True,
    ),
    "unlocked by name": Talk(
        ("unlock shot 4 and make it slower, shot 4 I mean",), (answer("shot 4 unlock", "shot 4 slower"),),
        ("shot 4 unlock", "shot 4 slower"), ("shot 4 lock",),
    ),
    "dropped and wanted back": Talk(
        ("I want shot 2 back after all",), (answer("shot 2 restore"),), ("shot 2 restore",), ("shots 2-3 drop",)
    ),
    "a whole page": Talk(("page 2 drags, quicker there",), (answer("page 2 pace fast"),), ("page 2 pace fast",)),
    "lock, for ever": Talk(("never touch shot 4 again",), (answer("shot 4 lock"),), ("shot 4 lock",)),
    "a locked shot stays": Talk(
        ("shot 4 slower, will you", ), (answer("shot 4 slower"), answer(say="Shot 4 is locked; unlock it first.")), (),
        ("shot 4 lock",),
    ),
    "a dissolve and a length": Talk(
        ("let shot 5 dissolve in and last 6 seconds",), (),
        ("shot 5 dissolve", "shot 5 seconds 6"),
    ),
    "everyday words": Talk(("give shot 3 more time",), (), ("shot 3 slower",)),
    "words without a model": Talk(("shot 3 slower; shot 2 hold",), (), ("shot 3 slower", "shot 2 hold")),
}  # fmt: skip


def folder(room: Path) -> Path:
    return room / "chapter.komadori"


def keys_of(room: Path) -> dict[str, str]:
    """Return the content key of every shot."""
    with Library.open(folder(room), readonly=True) as library:
        ctx = read_only_context(library)
        return {one.shot.id: one.key for one in composite.resolve_shots(ctx, shots_to_film(ctx, {})) if one.key}


def shots(room: Path) -> tuple[ShotPlan, ...]:
    with Library.open(folder(room), readonly=True) as library:
        return library.shots()


def expected(room: Path, dialogue: Talk) -> tuple[ShotPlan, ...]:
    """Return the shots after the expected lines, applied directly."""
    with Library.open(folder(room), readonly=True) as library:
        board = editable_storyboard(library)
    lines = [
        grammar.parse_line(line)
        for line in (*dialogue.before[: len(dialogue.before) - dialogue.undone], *dialogue.comes_to)
    ]
    for edit in lines:
        assert not isinstance(edit, Reading)
        board = apply_edits(board, [edit])
    return board.shots


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_comes_to_just_the_edits_that_were_meant(filmed: Path, name: str) -> None:
    dialogue = DIALOGUES[name]
    wanted, old, film = expected(filmed, dialogue), shots(filmed), keys_of(filmed)
    for line in dialogue.before:
        revise.revise(folder(filmed), grammar.parse_lines(line))
    turn = ChatTurn("")
    with serving(in_turn(*(Said(json.dumps(one)) for one in dialogue.answers), Said(""))) as there:
        for said in dialogue.says:
            turn = chat_turn.take_turn(folder(filmed), said, server=there.server())
    assert len(there.asked) == len(dialogue.answers)
    assert shots(filmed) == wanted
    assert turn.is_question is dialogue.asks
    assert not dialogue.asks or turn.reply.endswith(("?", "to be filmed) Say yes or no.", "no money) Say yes or no."))
    touched = {one.id for one in wanted if one.model_copy(update={"ordinal": 0, "locked": False})
               not in [before.model_copy(update={"ordinal": 0}) for before in old]}  # fmt: skip
    stands = {one.id for one in wanted} - touched
    now = keys_of(filmed)
    assert {name: now[name] for name in stands} == {name: film[name] for name in stands}


def test_the_model_gets_the_shots_the_last_turns_and_the_page(filmed: Path) -> None:
    with serving(in_turn(*(Said(json.dumps(answer(say="Nothing."))) for _ in range(2)))) as there:
        chat_turn.take_turn(folder(filmed), "what happens in shot 6", server=there.server())
        turn = chat_turn.take_turn(folder(filmed), "and why", server=there.server())
    assert turn.model_usage.endswith("1800 tokens read and 200 written for this film so far")
    first, second = there.asked
    rows = [row for row in first.data() if "shot" in row]
    assert [row["shot"] for row in rows] == [str(number) for number in range(1, 9)]
    assert rows[0]["balloons"] == "1 (B1): hello there"
    assert len(first.pictures) == 1
    assert [row["text"] for row in second.data() if "role" in row] == ["what happens in shot 6", "Nothing."]
    assert "shot 7 slower" in first.words


def test_a_preview_gets_the_last_turns_as_well(filmed: Path) -> None:
    with serving(in_turn(*(Said(json.dumps(answer(say="Nothing."))) for _ in range(2)))) as there:
        chat_turn.take_turn(folder(filmed), "what happens in shot 6", server=there.server())
        chat_turn.take_turn(folder(filmed), "and why", server=there.server(), dry_run=True)
    _, second = there.asked
    assert [row["text"] for row in second.data() if "role" in row] == ["what happens in shot 6", "Nothing."]


def test_a_preview_asks_and_does_not_wait_for_a_confirmation(filmed: Path) -> None:
    before = shots(filmed)
    with serving(in_turn(Said(json.dumps(answer("shots 2-3 drop"))))) as there:
        assert chat_turn.take_turn(
            folder(filmed), "lose the boring ones", server=there.server(), dry_run=True
        ).is_question
    with Library.open(folder(filmed), readonly=True) as library:
        assert library.messages() == ()
    assert chat_turn.take_turn(folder(filmed), "yes").report is None
    assert shots(filmed) == before


def test_what_would_cost_too_much_is_not_asked_and_nothing_changes(filmed: Path) -> None:
    with Library.open(folder(filmed)) as library:
        library.set_settings(library.settings().model_copy(update={"max_tokens": 50}))  # type: ignore[union-attr]
    before = shots(filmed)
    with serving(in_turn(Said(json.dumps(answer("shot 3 slower"))))) as there, pytest.raises(BudgetError):
        chat_turn.take_turn(folder(filmed), "the third one needs a breather", server=there.server())
    assert there.asked == []
    assert shots(filmed) == before


def test_an_edit_that_would_cost_more_than_is_left_is_understood_and_refused(
    filmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shots(filmed)
    with serving(in_turn(Said(json.dumps(answer('page 1 text 1 "good morning"')), read=11_000))) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        with Library.open(folder(filmed)) as library:
            bounds = {"model": "scripted", "director": "llm", "max_tokens": 15_000}
            library.set_settings(library.settings().model_copy(update=bounds))  # type: ignore[union-attr]
        with pytest.raises(BudgetError, match="3900 of 15000 tokens are left") as excinfo:
            chat_turn.take_turn(folder(filmed), "she says good morning in the first balloon of page 1")
    assert "--max-cost" in excinfo.value.hint
    assert len(there.asked) == 1
    assert shots(filmed) == before


def test_a_model_named_since_the_film_was_made_is_asked_too(filmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(in_turn(Said(json.dumps(answer("shot 3 slower"))))) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        monkeypatch.setenv("KOMADORI_MODEL", "scripted")
        chat_turn.take_turn(folder(filmed), "the third one needs a breather")
    assert len(there.asked) == 1
    assert shots(filmed)[2].seconds > 2.5


def test_a_model_that_only_reads_is_asked_without_pictures(filmed: Path) -> None:
    with serving_text_only(in_turn(Said(json.dumps(answer("shot 3 slower"))))) as there:
        chat_turn.take_turn(folder(filmed), "shot 3 could do with a breather", server=there.server())
    assert [asked.pictures for asked in there.asked] == [[]], "it is not shown what it was found not to see"
    assert shots(filmed)[2].seconds > 2.5


def test_without_a_model_what_is_not_understood_is_shown_how_to_say(filmed: Path) -> None:
    with pytest.raises(SettingsError, match="this is no edit") as excinfo:
        chat_turn.take_turn(folder(filmed), "shot 3 a bit more dramatic")
    assert "shot" in excinfo.value.hint


def test_an_undo_whose_edits_fail_is_done_again(filmed: Path) -> None:
    chat_turn.take_turn(folder(filmed), "shot 3 slower")
    before = shots(filmed)
    with pytest.raises(SettingsError, match="no shot 40"):
        chat_turn.take_turn(folder(filmed), "undo; shot 40 slower")
    assert shots(filmed) == before


def test_everybody_s_words_are_kept(filmed: Path) -> None:
    chat_turn.take_turn(folder(filmed), "shot 3 slower")
    with Library.open(folder(filmed), readonly=True) as library:
        assert [one.role for one in library.messages()] == ["user", "assistant"]
        head = library.head()
        assert head
        assert (head.author, head.message) == ("chat", "shot 3 slower")


@pytest.mark.parametrize("question", ["what is shot 99999999999999999999?", "9999999999 shot 2", "why shot 9999999999"])
def test_a_question_about_a_number_that_no_film_has_is_refused(question: str, filmed: Path) -> None:
    with pytest.raises(SettingsError):
        chat_turn.take_turn(folder(filmed), question, dry_run=True)
