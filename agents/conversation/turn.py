"""Take one turn of a conversation about a film: apply the edits that a message asks for, or ask back.

A message in the grammar of agents/editing/grammar.py is applied directly, without a model and without cost. Any other
message goes to the project's language model, if one is configured. The model answers with lines of the same grammar,
which are applied in the same way. Nothing is filmed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pydantic import Field

from agents.conversation import shot_table
from agents.conversation.confirmation import unasked_edits
from agents.editing import Plan, Reading, grammar, revise, undo
from agents.editing.revision_report import RevisionReport
from agents.editing.shot_status import editable_storyboard
from agents.editing.storyboard import EditableStoryboard
from agents.llm.client import ChatClient
from agents.llm.prompts import Prompt, fill_prompt, quote_rows
from agents.llm.servers import Server, configured_server
from agents.llm.structured_output import Answer
from agents.planning.shot_schema import numbered_items
from agents.run_context import Progress
from storage.domain import Box
from storage.errors import AnswerError, BudgetError, ChatError, KomadoriError, SettingsError, StorageError
from storage.library import Library
from storage.settings import Settings
from tools.plates import Image

FREE_TEXT_WORDS = 6
"""Number of words from which a line is more likely free text than a misspelt edit."""
MAX_TURNS = 10
"""Most earlier messages that are sent to the model."""
MAX_PICTURES = 2
"""Most pages that are sent to the model."""
STEP_PATTERN = re.compile(r"(undo|redo)(?:\s+(\d{1,3}|twice|thrice))?", re.IGNORECASE)
YES_WORDS = (
    "yes",
    "y",
    "yep",
    "sure",
    "yes please",
    "yes do it",
    "please",
    "ja",
    "ok",
    "okay",
    "do it",
    "please do",
    "oui",
    "si",
    "hai",
    "はい",
)
NO_WORDS = ("no", "n", "nein", "never mind", "cancel", "non", "iie", "いいえ")
PENDING = "pending"
"""Role of a stored message with edits that wait for a confirmation."""


class ChatAnswer(Answer):
    """What a model answers to one turn."""

    say: str = Field(default="", description="one or two short sentences to the person")
    edits: list[str] = Field(default_factory=list, description="lines of the language; empty to change nothing")
    question: str = Field(default="", description="what is unclear; empty when nothing is")


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


@dataclass(frozen=True)
class _Actions:
    """The actions that a message asks for: undo or redo steps, then edits."""

    steps: int = 0
    """Number of steps: negative to undo, positive to redo."""
    edits: tuple[Plan | Reading, ...] = ()


Perform = Callable[[_Actions, str], ChatTurn]
"""Applies the actions or previews them; the second argument is the model's answer to the person."""


def take_turn(
    project: Path,
    message: str,
    *,
    server: Server | None = None,
    say: Callable[[Progress], None] = lambda progress: None,
    dry_run: bool = False,
) -> ChatTurn:
    """Take one turn of a conversation about a film, or preview its effect.

    Args:
        project: The project's folder.
        message: What the person says: lines of the grammar, or free text for a language model.
        server: The model server to ask; by default the one that settings and environment name.
        say: Called with the progress.
        dry_run: Report what the edits would change, and change nothing.

    Returns:
        The turn. If it is a question, the edits in question wait for the next message.

    Raises:
        SettingsError: The message is not understood without a model, or an edit is not possible.
        ChatError: The model server does not answer.
        BudgetError: Asking might cost more than the project's budget.
        ProjectError: The project has no storyboard.
        ProjectLocked: Another process works on the project.
    """
    with Library.open(project) as library:
        if dry_run:
            return _answer_message(library, message.strip(), "", server, partial(_preview_actions, library))
        waiting = _pending_edits(library)
        library.add_message("user", message)
        turn = _answer_message(
            library, message.strip(), waiting, server, partial(_perform_actions, library, message, say)
        )
        library.add_message("assistant", turn.reply or (turn.report.price() if turn.report else ""))
        return turn


def _answer_message(library: Library, message: str, waiting: str, server: Server | None, do: Perform) -> ChatTurn:
    answer = message.lower().replace(",", "").strip(" .!")
    if waiting and answer in YES_WORDS:
        return do(_parse_actions(waiting.splitlines()), "")
    if waiting and answer in NO_WORDS:
        return ChatTurn("Nothing is changed.")
    try:
        actions = _parse_actions(list(grammar.split_lines(message)))
    except SettingsError:
        actions = _Actions()
    if actions.edits or actions.steps:
        return do(actions, "")
    settings = library.settings() or Settings()
    server = server or configured_server(settings.model)
    if server is None:
        _refuse_unclear(message)
        raise SettingsError("nothing was said", "say what to change: shot 7 slower")
    chat = ChatClient(server, library, settings)
    turn = _ask_for_edits(library, message, chat, do)
    return replace(turn, model_usage=f"{server.described}: {chat.budget.summary()}") if chat.replies else turn


def _refuse_unclear(message: str) -> None:
    """Raise SettingsError that shows how edits are written; for longer texts it also suggests a language model."""
    try:
        grammar.parse_lines(message or "nothing")
    except SettingsError as fault:
        if len(message.split()) < (FREE_TEXT_WORDS if re.search(r"\d", message) else FREE_TEXT_WORDS // 2):
            raise
        raise SettingsError(fault.what, f"{fault.hint}; in your own words, with a model: KOMADORI_MODEL") from None


def _ask_for_edits(library: Library, message: str, chat: ChatClient, do: Perform) -> ChatTurn:
    """Ask the model for lines of the grammar; lines that fail are sent back to it once."""
    board = editable_storyboard(library)
    faults = ""
    for _ in range(2):
        reply = _ask_model(library, board, message, faults, chat)
        if reply.question.strip():
            return ChatTurn(reply.question.strip(), is_question=True)
        try:
            actions = _parse_actions(reply.edits)
            if not actions.edits and not actions.steps:
                return ChatTurn(reply.say.strip() or "Nothing is changed.")
            if unasked_edits(actions.edits, message):
                question = _confirmation_question(library, actions)
                library.add_message(PENDING, "\n".join(reply.edits))
                return ChatTurn(question, is_question=True)
            return do(actions, reply.say.strip())
        except (ChatError, StorageError):
            raise
        except KomadoriError as fault:
            faults = f"You answered {reply.edits}, and that cannot be done: {fault.what} ({fault.hint}). Answer again."
            last = fault
    return ChatTurn(f"That cannot be done: {last.what}. {last.hint[:1].upper()}{last.hint[1:]}.")


def _confirmation_question(library: Library, actions: _Actions) -> str:
    """Return the question whether to apply edits, with their effect.

    Raises:
        SettingsError: An edit is not possible.
    """
    lines = [grammar.format_edit(edit) for edit in actions.edits]
    if actions.steps:
        lines.insert(0, f"{'undo' if actions.steps < 0 else 'redo'} {abs(actions.steps)}")
        return f"Shall I do this: {'; '.join(lines)}? Say yes or no."
    report = revise.preview_edits(library, actions.edits)
    effect = "; ".join([*report.notes, report.price()])
    return f"Shall I do this: {'; '.join(lines)}? ({effect}) Say yes or no."


def _ask_model(library: Library, board: EditableStoryboard, message: str, faults: str, chat: ChatClient) -> ChatAnswer:
    turns = [turn for turn in library.messages() if turn.role in ("user", "assistant")][:-1][-MAX_TURNS:]
    recent = [turn.text for turn in turns[-2:]]
    prompt = fill_prompt(
        "chat",
        message=quote_rows([{"says": message}]),
        shots=quote_rows(shot_table.shot_rows(board, message, *recent)),
        total=str(len(board.shots)),
        turns=quote_rows({"role": turn.role, "text": turn.text} for turn in turns),
        forms=grammar.catalogue(),
        mending=faults,
    )
    pictures = _mentioned_pages(library, board, message, *recent)
    try:
        return chat.ask(prompt, pictures, ChatAnswer)
    except (AnswerError, BudgetError):
        raise
    except ChatError:
        if not pictures or chat.replies:
            raise
        return _ask_without_pictures(chat, prompt)


def _ask_without_pictures(chat: ChatClient, prompt: Prompt) -> ChatAnswer:
    """Ask again without pictures, which text-only models refuse."""
    return chat.ask(prompt, [], ChatAnswer)


def _mentioned_pages(library: Library, board: EditableStoryboard, *texts: str) -> list[Image]:
    """Return the pages of the mentioned shots, with their panels and balloons numbered."""
    from tools import png
    from tools.previews import numbered_page

    images = {image.index: image.artifact for image in library.pages()}
    found: list[Image] = []
    for index in list(dict.fromkeys(shot.page for shot in shot_table.mentioned_shots(board, *texts)))[:MAX_PICTURES]:
        page = next(page for page in board.transcript.pages if page.index == index)
        panels, lettering = numbered_items(page)
        boxes = [panel.box for panel in panels], [text.box for text in lettering]
        pixels = png.read_png(library.artifacts.open(images[index]))
        found.append(numbered_page.draw_numbered_page(pixels, *boxes, view=Box(0, 0, page.width, page.height)))
    return found


def _preview_actions(library: Library, actions: _Actions, reply: str) -> ChatTurn:
    """Return what the edits would change.

    Raises:
        SettingsError: An edit is not possible, or undo or redo is asked for.
    """
    if actions.steps:
        raise SettingsError(
            "undo and redo have no preview: what they go over was filmed", "take the step; it costs nothing"
        )
    return ChatTurn(reply, revise.preview_edits(library, actions.edits))


def _perform_actions(
    library: Library, message: str, say: Callable[[Progress], None], actions: _Actions, reply: str
) -> ChatTurn:
    """Take the undo or redo steps, then apply the edits; all of it, or nothing."""
    report, undone, redone = None, tuple[str, ...](), tuple[str, ...]()
    move, back = (undo.undo, undo.redo) if actions.steps < 0 else (undo.redo, undo.undo)
    if actions.steps:
        report = move(library, abs(actions.steps), say)
        undone, redone = (report.summary, ()) if actions.steps < 0 else ((), report.summary)
        report = replace(report, summary=())
    if actions.edits:
        try:
            report = revise.revise(library, actions.edits, author="chat", message=message, say=say)
        except BaseException:
            if actions.steps:
                back(library, abs(actions.steps), say)
            raise
    return ChatTurn(reply, report, undone=undone, redone=redone)


def _parse_actions(lines: Sequence[str]) -> _Actions:
    """Parse lines of the grammar, with undo and redo steps only at the beginning.

    Raises:
        SettingsError: A line is not understood, or a step follows an edit.
    """
    actions = _Actions()
    for line in (part for given in lines for part in grammar.split_lines(given)):
        found = STEP_PATTERN.fullmatch(line.strip(" ."))
        if found is None:
            actions = replace(actions, edits=(*actions.edits, grammar.parse_line(line)))
            continue
        if actions.edits:
            raise SettingsError(f"{line} stands after an edit", "undo and redo stand first")
        count = {"twice": 2, "thrice": 3}.get((found[2] or "").lower()) or int(found[2] or 1)
        actions = replace(actions, steps=actions.steps + (-count if found[1].lower() == "undo" else count))
    return actions


def _pending_edits(library: Library) -> str:
    """Return the edits that the last question was about, if they still wait for an answer."""
    messages = library.messages()
    last = [message for message in messages[-2:] if message.role == PENDING]
    return last[0].text if last else ""
