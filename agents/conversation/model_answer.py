"""Ask the project's language model for the edits that a message asks for, as lines of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from pydantic import Field, JsonValue, model_validator

from agents.conversation import shot_table
from agents.conversation.actions import Actions, ChatTurn, Perform, parse_actions
from agents.conversation.choices import keep_confirmation
from agents.conversation.confirmation import unasked_edits
from agents.editing import grammar, revise
from agents.editing.shot_status import editable_storyboard
from agents.editing.storyboard import EditableStoryboard
from agents.llm.client import ChatClient
from agents.llm.prompts import fill_prompt, quote_rows
from agents.llm.structured_output import Answer, with_bounds
from agents.planning.shot_schema import numbered_items
from storage.domain import Box
from storage.errors import ChatError, KomadoriError, StorageError, VisionMissing
from storage.library import Library
from storage.records import Message
from tools.plates import Image

MAX_TURNS = 10
"""Most earlier messages that are sent to the model."""
TOKENS_OF_TURN, TOKENS_OF_EDIT = 400, 15
"""Most tokens of an answer: of what is said, and of a line of the grammar for each shot that is described."""
MAX_SAY_CHARACTERS = 300
"""Characters of what is said or asked, where the server can bound them."""
MAX_PICTURES = 2
"""Most pages that are sent to the model."""


class ChatAnswer(Answer):
    """What a model answers to one turn."""

    say: str = Field(default="", description="one or two short sentences to the person")
    edits: list[str] = Field(default_factory=list, description="lines of the language; empty to change nothing")
    question: str = Field(default="", description="what is unclear; empty when nothing is")

    @model_validator(mode="after")
    def _refuse_empty(self) -> Self:
        if not (self.say.strip() or self.question.strip() or any(line.strip() for line in self.edits)):
            raise ValueError("it says nothing and changes nothing")
        return self


def ask_for_edits(
    library: Library, message: str, earlier: Sequence[Message], chat: ChatClient, do: Perform, *, dry_run: bool
) -> ChatTurn:
    """Ask the model for lines of the grammar; lines that fail are sent back to it once.

    Args:
        library: The open library of the project.
        message: What the person says.
        earlier: The messages before it.
        chat: The client of the model.
        do: Applies or previews the edits.
        dry_run: Whether nothing is kept, not even edits that wait for a confirmation.

    Returns:
        The turn; if the second lines fail too, its reply says why.
    """
    board = editable_storyboard(library)
    faults = ""
    for _ in range(2):
        reply = _ask_model(library, board, message, earlier, faults, chat)
        if reply.question.strip():
            return ChatTurn(reply.question.strip(), is_question=True)
        try:
            actions = parse_actions(reply.edits)
            if not actions.edits and not actions.steps:
                return ChatTurn(reply.say.strip() or "Nothing is changed.")
            if unasked_edits(actions.edits, message):
                question = _confirmation_question(library, actions)
                if not dry_run:
                    keep_confirmation(library, reply.edits)
                return ChatTurn(question, is_question=True)
            return do(actions, reply.say.strip())
        except (ChatError, StorageError):
            raise
        except KomadoriError as fault:
            faults = f"You answered {reply.edits}, and that cannot be done: {fault.what} ({fault.hint}). Answer again."
            last = fault
    return ChatTurn(f"That cannot be done: {last.what}. {last.hint[:1].upper()}{last.hint[1:]}.")


def _confirmation_question(library: Library, actions: Actions) -> str:
    """Return the question whether to apply edits, with their effect.

    Raises:
        SettingsError: An edit is not possible.
    """
    question = f"Shall I do this: {'; '.join(actions.lines)}?"
    if actions.steps:
        return f"{question} Say yes or no."
    report = revise.preview_edits(library, actions.edits)
    effect = "; ".join([*report.notes, report.price()])
    return f"{question} ({effect}) Say yes or no."


def _ask_model(
    library: Library,
    board: EditableStoryboard,
    message: str,
    earlier: Sequence[Message],
    faults: str,
    chat: ChatClient,
) -> ChatAnswer:
    turns = [turn for turn in earlier if turn.role in ("user", "assistant")][-MAX_TURNS:]
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
    max_tokens = TOKENS_OF_TURN + TOKENS_OF_EDIT * min(len(board.shots), shot_table.MAX_SHOTS)
    if not chat.facts.is_text_only:
        pictures = _mentioned_pages(library, board, message, *recent)
        with suppress(VisionMissing):
            return chat.ask(prompt, pictures, ChatAnswer, max_tokens=max_tokens, phrases=[message])
    # the prompt says what to do where no picture is seen
    text: dict[str, JsonValue] = {"maxLength": MAX_SAY_CHARACTERS}
    bounded = with_bounds(ChatAnswer, say=text, question=text, edits={"maxItems": shot_table.MAX_SHOTS})
    return chat.ask(prompt, [], bounded, max_tokens=max_tokens, phrases=[message])


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
