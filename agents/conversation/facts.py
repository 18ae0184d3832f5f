"""Answer questions about a film from its storyboard: what a shot is, why it is so, who is in it, how long it lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agents.conversation.actions import ChatTurn
from agents.conversation.shot_table import describe_moves
from agents.editing import selectors
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.language.clauses import Clause
from agents.language.vocabulary import load_vocabulary
from storage.domain import ShotPlan
from storage.errors import SettingsError

MAX_SHOTS = 6
"""Most shots that are described in one answer."""


def answer_question(question: Clause, language: str, board: EditableStoryboard) -> ChatTurn:
    """Answer a question in the language in which it was asked.

    Args:
        question: What is asked, and a selector of the shots; without one it is about the whole film.
        language: The language of the answer.
        board: The storyboard.

    Raises:
        EditError: There are no such shots.
        SettingsError: The shots have numbers that no film has.
    """
    texts, which = load_vocabulary(language).answers, question.get("which")
    needs_shot = question.do in ("ask what", "ask why", "ask show")
    if needs_shot and (not which or which == "film"):
        return ChatTurn(texts["which_shot"], is_question=True)
    try:
        shots = board.select(ShotSelector.parse(which)) if which else list(board.shots)
    except ValueError as error:
        raise SettingsError(
            str(error), "ask about a shot that is there: main.py show shots PROJECT lists them"
        ) from None
    if question.do == "ask show":
        return ChatTurn("", shown_shots=tuple(shot.id for shot in shots[:MAX_SHOTS]))
    of_film = which in ("", "film")
    if question.do in _SINGLE:
        return ChatTurn("\n".join(_SINGLE[question.do](texts, board, shot) for shot in shots[:MAX_SHOTS]))
    return ChatTurn(_OVERALL[question.do](texts, board, shots, texts["film"] if of_film else which))


def _describe_shot(texts: Mapping[str, str], board: EditableStoryboard, shot: ShotPlan) -> str:
    said = [" ".join(balloon.text.split()) for balloon in board.lettering(shot) if balloon.id in shot.balloons]
    return texts["shot"].format(
        number=selectors.short_name(shot.id),
        page=shot.page + 1,
        seconds=shot.seconds,
        camera=describe_moves(shot),
        balloons=", ".join(f"“{text}”" for text in said) or texts["silent"],
        names=_names(texts, board, [shot]),
    )


def _describe_reason(texts: Mapping[str, str], board: EditableStoryboard, shot: ShotPlan) -> str:
    return texts["why"].format(number=selectors.short_name(shot.id), reason=shot.reason or "-", director=shot.director)


def _describe_length(texts: Mapping[str, str], board: EditableStoryboard, shots: Sequence[ShotPlan], name: str) -> str:
    seconds = sum(shot.seconds for shot in shots)
    minutes, rest = divmod(round(seconds), 60)
    return texts["length"].format(shots=name, seconds=seconds, minutes=minutes, rest=rest, count=len(shots))


def _describe_count(texts: Mapping[str, str], board: EditableStoryboard, shots: Sequence[ShotPlan], name: str) -> str:
    return texts["count"].format(shots=name, count=len(shots), pages=len({shot.page for shot in shots}))


def _describe_people(texts: Mapping[str, str], board: EditableStoryboard, shots: Sequence[ShotPlan], name: str) -> str:
    return texts["who"].format(shots=name, names=_names(texts, board, shots))


def _names(texts: Mapping[str, str], board: EditableStoryboard, shots: Sequence[ShotPlan]) -> str:
    called = {member.id: member.name for member in board.transcript.cast}
    found = dict.fromkeys(called.get(who, who) for shot in shots for who in shot.characters)
    return ", ".join(found) or texts["nobody"]


_SINGLE: dict[str, Callable[..., str]] = {"ask what": _describe_shot, "ask why": _describe_reason}
_OVERALL: dict[str, Callable[..., str]] = {
    "ask how long": _describe_length, "ask how many": _describe_count, "ask who": _describe_people,
}  # fmt: skip
