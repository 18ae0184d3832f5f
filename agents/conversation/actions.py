"""What a message asks to be done: steps to undo or redo, then edits; performed or previewed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.editing import Plan, Reading, grammar, revise, undo
from agents.editing.revision_report import RevisionReport
from agents.language import parser
from agents.language.clauses import Clause
from agents.run_context import Progress
from storage.errors import SettingsError
from storage.library import Library


@dataclass(frozen=True)
class Actions:
    """Undo or redo steps, then edits."""

    steps: int = 0
    """Number of steps: negative to undo, positive to redo."""
    edits: tuple[Plan | Reading, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps or self.edits)

    @property
    def lines(self) -> tuple[str, ...]:
        """The steps and the edits as lines of the grammar."""
        step = (f"{'undo' if self.steps < 0 else 'redo'} {abs(self.steps)}",) if self.steps else ()
        return (*step, *(grammar.format_edit(edit) for edit in self.edits))


@dataclass(frozen=True)
class ChatTurn:
    """The result of a turn: an answer to the person, what was changed, or a question."""

    reply: str
    """The answer to the person, or a question."""
    report: RevisionReport | None = None
    """The effect of the edits; None if nothing was changed."""
    is_question: bool = False
    """Whether `reply` is a question that waits for an answer."""
    model_usage: str = ""
    """The model that was asked, and what it has cost this film so far; empty if none was."""
    undone: tuple[str, ...] = ()
    """The steps that were undone before the edits."""
    redone: tuple[str, ...] = ()
    """The steps that were redone before the edits."""
    proposals: tuple[str, ...] = ()
    """Lines to choose from by their number, counted from 1; the choice is made by the next message."""
    shown_shots: tuple[str, ...] = ()
    """Ids of the shots that the person wants to see."""


Perform = Callable[[Actions, str], ChatTurn]
"""Applies the actions or previews them; the second argument is the model's answer to the person."""


def parse_actions(lines: Sequence[str]) -> Actions:
    """Parse lines of the grammar, with undo and redo steps only at the beginning.

    Raises:
        SettingsError: A line is not understood, or a step follows an edit.
    """
    actions = Actions()
    for line in (part for given in lines for part in grammar.split_lines(given)):
        steps = steps_asked_for(line)
        if not steps:
            actions = replace(actions, edits=(*actions.edits, *grammar.parse_edits(line)))
        elif actions.edits:
            raise SettingsError(f"{line} stands after an edit", "undo and redo stand first")
        else:
            actions = replace(actions, steps=actions.steps + steps)
    return actions


def preview_actions(library: Library, actions: Actions, reply: str) -> ChatTurn:
    """Return what the edits would change.

    Raises:
        SettingsError: An edit is not possible, or undo or redo is asked for.
    """
    if actions.steps:
        raise SettingsError(
            "undo and redo have no preview: what they go over was filmed", "take the step; it costs nothing"
        )
    return ChatTurn(reply, revise.preview_edits(library, actions.edits))


def perform_actions(
    library: Library, message: str, say: Callable[[Progress], None], actions: Actions, reply: str
) -> ChatTurn:
    """Take the undo or redo steps, then apply the edits; all of it, or nothing.

    Raises:
        SettingsError: An edit is not possible.
        ProjectError: There are fewer steps.
    """
    report, undone, redone = None, tuple[str, ...](), tuple[str, ...]()
    move, move_back = (undo.undo, undo.redo) if actions.steps < 0 else (undo.redo, undo.undo)
    if actions.steps:
        report = move(library, abs(actions.steps), say)
        undone, redone = (report.summary, ()) if actions.steps < 0 else ((), report.summary)
        report = replace(report, summary=())
    if actions.edits:
        try:
            report = revise.revise(library, actions.edits, author="chat", message=message, say=say)
        except BaseException:
            if actions.steps:
                move_back(library, abs(actions.steps), say)
            raise
    return ChatTurn(reply, report, undone=undone, redone=redone)


def steps_asked_for(line: str) -> int:
    """Return the steps that a line asks for, negative to undo; 0 if it is no step."""
    meanings = parser.parse_sentence(line).meanings
    if len(meanings) != 1 or len(meanings[0]) != 1 or meanings[0][0].do not in STEPS:
        return 0
    return step_count(meanings[0][0])


STEPS = ("undo", "redo")
MAX_STEPS = 999
"""Most steps that are taken at once."""


def step_count(clause: Clause) -> int:
    """Return the number of steps of a clause, negative to undo."""
    count = min(MAX_STEPS, int(clause.get("count")[:4] or 1))
    return -count if clause.do == "undo" else count
