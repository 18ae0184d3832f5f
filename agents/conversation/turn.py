"""Take one turn of a conversation about a film: apply the edits that a message asks for, answer it, or ask back.

A message is first understood without a model and without cost, by the grammar of agents/language. What has one meaning
is done; what may mean several edits, or none, becomes numbered proposals. If the project has a language model, the
model is asked in their place. Nothing is filmed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents.conversation import facts, proposals
from agents.conversation.actions import (
    Actions,
    ChatTurn,
    parse_actions,
    perform_actions,
    preview_actions,
)
from agents.conversation.choices import OpenQuestion, keep_proposals, open_question
from agents.conversation.model_answer import ask_for_edits
from agents.conversation.repeat import last_actions, undo_of_last_message
from agents.conversation.understanding import MessageReading, mentioned_shot, read_message
from agents.corrections.errors import GrammarError
from agents.editing import grammar, selectors
from agents.editing.selectors import MAX_DIGITS
from agents.editing.shot_status import editable_storyboard
from agents.editing.storyboard import EditableStoryboard
from agents.language import parser
from agents.language.clauses import Clause
from agents.language.vocabulary import load_vocabulary
from agents.llm.client import ChatClient
from agents.llm.servers import Server, configured_server
from agents.run_context import Progress
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Message
from storage.settings import Settings

MAX_RECENT = 12
"""Most earlier messages that are searched for the shot that was spoken of last."""


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
        message: What the person says: lines of the grammar, everyday words, or free text for a language model.
        server: The model server to ask; by default the one that settings and environment name.
        say: Called with the progress.
        dry_run: Report what the edits would change, and change nothing.

    Returns:
        The turn. If it is a question, the edits or proposals in question wait for the next message.

    Raises:
        SettingsError: The message is empty or not understood without a model, or an edit is not possible. A
            GrammarError has the nearest edits as its examples; the next message can choose one by its number.
        ChatError: The model server does not answer.
        BudgetError: Asking might cost more than the project's budget.
        ProjectError: The project has no storyboard.
        ProjectLocked: Another process works on the project.
    """
    message = message.strip()
    if not message:
        raise SettingsError("nothing was said", load_vocabulary("en").answers["say_what"])
    with Library.open(project) as library:
        earlier, waiting = library.messages(), open_question(library)
        turn = _Turn(library, message, earlier, waiting, server, dry_run, say)
        if dry_run:
            return turn.answer()
        library.add_message("user", message)
        answer = turn.answer()
        library.add_message("assistant", answer.reply or (answer.report.price() if answer.report else ""))
        return answer


@dataclass(frozen=True)
class _Turn:
    """One message, with what was said before it."""

    library: Library
    message: str
    earlier: tuple[Message, ...]
    waiting: OpenQuestion
    server: Server | None
    dry_run: bool
    say: Callable[[Progress], None]

    def answer(self) -> ChatTurn:
        """Answer the message, and apply what it asks for."""
        board = editable_storyboard(self.library)
        reading = self._read(board)
        if reading.fault:
            raise reading.fault
        if reading.question is not None and (turn := self._reply(reading.question, reading, board)):
            return turn
        if len(reading.readings) == 1 and not reading.is_guess:
            return self._do(reading.readings[0], self.message)
        return self._ask_model() or self._ask_back(reading, board)

    def _ask_back(self, reading: MessageReading, board: EditableStoryboard) -> ChatTurn:
        """Ask what is meant, with proposals to choose from.

        Raises:
            SettingsError: No reading of the message is possible in this film.
        """
        if reading.thing:
            return self._ask_where(reading, board)
        if lines := proposals.readings_as_lines(reading.readings, board):
            return self._propose(load_vocabulary(reading.language).answers["ambiguous"], lines)
        if reading.readings:  # none is possible: the first one says why
            return self._do(reading.readings[0], self.message)
        raise self._refusal(reading, board)

    def _read(self, board: EditableStoryboard) -> MessageReading:
        reading = read_message(self.message, board, self._last_shot(board))
        is_clear = reading.question is not None or (reading.readings and not reading.is_guess)
        if self.waiting.shots and not is_clear:
            lines = (f"{self.waiting.shots} on {self.message}", f"{self.waiting.shots} {self.message}")
            places = [read_message(line, board, "") for line in lines]
            return next((place for place in places if place.readings), reading)
        return reading

    def _do(self, actions: Actions, words: str) -> ChatTurn:
        """Apply actions, or preview them; `words` are kept in the history."""
        if self.dry_run:
            return preview_actions(self.library, actions, "")
        return perform_actions(self.library, words, self.say, actions, "")

    def _reply(self, question: Clause, reading: MessageReading, board: EditableStoryboard) -> ChatTurn | None:
        """Answer a question or a reply; None if only a model can."""
        texts = load_vocabulary(reading.language).answers
        if question.do.startswith("ask "):
            is_vague = question.do == "ask why" and not question.get("which")
            return (self._ask_model() if is_vague else None) or facts.answer_question(
                self._with_last_shot(question, board), reading.language, board
            )
        if question.do == "choose":
            return self._choose(question.get("number"), texts)
        if question.do == "again":
            actions = last_actions(self.library, self.earlier)
            return self._do(actions, "; ".join(actions.lines))
        if question.do == "yes":
            return self._confirm(texts)
        if self.waiting:
            return ChatTurn(texts["unchanged"])
        actions = undo_of_last_message(self.library, self.earlier)
        return self._do(actions, self.message) if actions else ChatTurn(texts["unchanged"])

    def _with_last_shot(self, question: Clause, board: EditableStoryboard) -> Clause:
        """Return a question such as "why?" with the shot that was spoken of last."""
        if question.do != "ask why" or question.get("which"):
            return question
        last = self._last_shot(board)
        return question.with_field("which", f"shot {selectors.short_name(last)}") if last else question

    def _last_shot(self, board: EditableStoryboard) -> str:
        """Return the id of the shot that was spoken of last; "" if there is none."""
        texts = [message.text for message in self.earlier if message.role == "user"]
        return mentioned_shot(texts[-MAX_RECENT:], board)

    def _choose(self, number: str, texts: Mapping[str, str]) -> ChatTurn | None:
        """Apply the proposal with a number; None if none is open and a model may understand the number.

        Raises:
            SettingsError: There is no such proposal.
        """
        lines = self.waiting.proposals
        if not lines:
            if turn := self._ask_model():
                return turn
            raise SettingsError(texts["nothing_to_choose"], texts["say_what"])
        place = int(number) if number.lstrip("-").isdigit() and len(number) < MAX_DIGITS else 0
        place = len(lines) if place == -1 else place
        if not 1 <= place <= len(lines):
            raise SettingsError(
                texts["no_such_choice"].format(number=number), texts["choices"].format(count=len(lines))
            )
        return self._do(parse_actions([lines[place - 1]]), lines[place - 1])

    def _confirm(self, texts: Mapping[str, str]) -> ChatTurn | None:
        if self.waiting.confirmation:
            return self._do(parse_actions(self.waiting.confirmation), "; ".join(self.waiting.confirmation))
        if len(self.waiting.proposals) == 1:
            return self._choose("1", texts)
        if self.waiting.proposals:
            raise SettingsError(texts["ambiguous"], texts["choices"].format(count=len(self.waiting.proposals)))
        return self._ask_model() or ChatTurn(texts["unchanged"])

    def _ask_model(self) -> ChatTurn | None:
        """Ask the project's model; None if there is none."""
        settings = self.library.settings() or Settings()
        server = self.server or configured_server(settings.model)
        if server is None:
            return None
        chat = ChatClient(server, self.library, settings)
        turn = ask_for_edits(self.library, self.message, self.earlier, chat, self._do_for_model, dry_run=self.dry_run)
        return replace(turn, model_usage=f"{server.described}: {chat.budget.summary()}") if chat.replies else turn

    def _do_for_model(self, actions: Actions, reply: str) -> ChatTurn:
        return replace(self._do(actions, self.message), reply=reply)

    def _ask_where(self, reading: MessageReading, board: EditableStoryboard) -> ChatTurn:
        texts = load_vocabulary(reading.language).answers
        lines = proposals.places_in(reading.thing_shots, board)
        question = texts["where"].format(thing=reading.thing, shots=reading.thing_shots)
        return self._propose(question, lines, reading.thing_shots)

    def _propose(self, question: str, lines: Sequence[str], shots: str = "") -> ChatTurn:
        if not self.dry_run:
            keep_proposals(self.library, lines, shots)
        return ChatTurn(question, is_question=True, proposals=tuple(lines))

    def _refusal(self, reading: MessageReading, board: EditableStoryboard) -> GrammarError:
        """Return the error for a message that is not understood, with the nearest edits as proposals."""
        texts = load_vocabulary(reading.language).answers
        lines = proposals.nearest_edits(reading, board, self._last_shot(board))
        what = texts["no_edit"].format(text=self.message)
        if lines:
            if not self.dry_run:
                keep_proposals(self.library, lines)
                self.library.add_message("assistant", what)
            choices = [texts["choose"].format(number=place, line=line) for place, line in enumerate(lines, start=1)]
            hint = f"{'; '.join(choices)} ({texts['forms']})"
        else:
            hint = self._plain_hint(reading, texts)
        return GrammarError(what, f"{hint}; {texts['model']}", examples=lines)

    def _plain_hint(self, reading: MessageReading, texts: Mapping[str, str]) -> str:
        """Return how edits are written, for a message that is near to none in this film."""
        if reading.language != "en" or parser.is_denied(self.message):
            return f"{texts['say_what']} ({texts['forms']})"
        try:
            grammar.parse_lines(self.message)
        except GrammarError as fault:
            return fault.hint
        return texts["say_what"]
