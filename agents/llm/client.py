"""Ask a language model for a typed answer, with retries, a budget and kept replies.

Without a configured server no socket is opened. Every reply is kept under its content key before it is parsed, so that
no question is paid for twice, even after the process was killed. A reply that turns out to be unusable is forgotten,
so that a later run may ask again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

from agents.llm import structured_output, vision
from agents.llm.budget import Budget, Usage, usage_so_far
from agents.llm.connection import Connection, ContextExceededError, RequestRefusedError, RetryableError
from agents.llm.model_facts import ModelFacts, keep_facts, recall_facts
from agents.llm.prompts import Prompt, fill_prompt
from agents.llm.replies import ReplyStore
from agents.llm.request import ANSWER_TOKENS, LONGEST_SIDE, SMALLER, ChatRequest, Reply, parse_reply, read_answer
from agents.llm.servers import OPENAI, Server, status_hint
from agents.llm.structured_output import Answer
from storage.errors import AnswerError, ChatError, QuestionError, VisionMissing
from storage.settings import Settings
from tools.plates import Image

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

MIN_ANSWER_TOKENS = 1000
"""Tokens that must be left of a model's context window for its answer, unless the answer needs fewer."""
AnswerFormat = Literal["json_schema", "json_object", "text"]
ANSWER_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "text")
_ALTERNATIVE_PARAMETER = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
AnswerT = TypeVar("AnswerT", bound=Answer)


class ChatClient:
    """Client of one model for one film. May be used from several threads."""

    def __init__(self, server: Server, library: Library | None = None, settings: Settings | None = None) -> None:
        """Set up the client. Opens no connection until the first question.

        Args:
            server: The server and the model to ask.
            library: Where replies and costs are kept. Without one, nothing is kept between runs.
            settings: Settings with the limits `max_cost` (US dollars) and `max_tokens`; None means the defaults.
        """
        self.server = server
        self._library = library
        self._replies = ReplyStore(library, server.model)
        self._facts, self._is_vision_probed = recall_facts(library, server), False
        settings = settings or Settings()
        usage, paid, off, longest = usage_so_far(library.events(kinds={"asked"}) if library else (), server.model)
        self.budget = Budget(server.price, money=settings.max_cost, tokens=settings.max_tokens, spent=usage, paid=paid)
        self._connection = Connection(server)
        self._format_index = 0
        self._limit_parameter = "max_completion_tokens" if server.url == OPENAI else "max_tokens"
        self.replies = 0
        """Number of replies that came back, including those that could not be used."""
        self._estimate_factor, self._most_read, self._window = off, longest, server.window
        self._lock, self._probing = threading.Lock(), threading.Lock()
        self._slots = threading.BoundedSemaphore(server.max_parallel)
        self._under_way, self._answered = set[str](), threading.Condition()
        self._given_up: dict[str, AnswerError] = {}

    @property
    def form(self) -> AnswerFormat:
        """The strictest answer format that the server has accepted so far."""
        return ANSWER_FORMATS[self._format_index]

    @property
    def facts(self) -> ModelFacts:
        """What is known of the model so far. Asks nothing."""
        return self._facts

    def has_vision(self, *, again: bool = False) -> bool:
        """Return whether the model sees pictures, which is asked once and remembered in the library.

        Where the answer leaves that open, it counts as seeing until the next run.

        Args:
            again: Ask though it is known already.

        Raises:
            ChatError: The server cannot be used at all, or asking might exceed the budget (BudgetError).
        """
        with self._probing:
            if again or (self._facts.has_vision is None and not self._is_vision_probed):
                found = vision.probe_vision(self._ask_probe)
                self._is_vision_probed = True
                if found.has_vision is not None:
                    self._learn(has_vision=found.has_vision, reason=found.reason)
        return self._facts.has_vision is not False

    def _ask_probe(self, pictures: Sequence[Image]) -> vision.ProbeAnswer:
        """Ask the probe's question once."""
        question = ChatRequest.of(
            fill_prompt(vision.PROMPT), pictures, vision.ProbeAnswer, max_tokens=vision.MAX_TOKENS
        )
        return self._ask_until_usable(replace(question, is_probe=True), vision.ProbeAnswer)

    def _learn(self, **facts: bool | str | None) -> None:
        """Remember what was found out about the model."""
        with self._lock:
            self._facts = replace(self._facts, **facts)  # type: ignore[arg-type]
            keep_facts(self._library, self.server, self._facts)

    def ask(
        self, prompt: Prompt, images: Sequence[Image], answer_type: type[AnswerT], *,
        max_tokens: int = ANSWER_TOKENS, schema_in_prompt: bool = True, phrases: Sequence[str] = (),
    ) -> AnswerT:  # fmt: skip
        """Ask a question and return the parsed answer.

        A reply that is already in the library is used again and costs nothing. An answer that cannot be parsed is sent
        back to the model once, with its faults.

        Args:
            prompt: The filled prompt. Its declared answer type must be `answer_type`.
            images: Pictures, each (h, w, 3) RGB uint8. They are sent as JPEG, scaled down to at most 1024 pixels a
                side, or less where the context window is small.
            answer_type: Pydantic type of the answer.
            max_tokens: Most tokens of a useful answer. A model that reasons may write more, up to the server's limit.
            schema_in_prompt: Whether the schema is also written into the prompt text. Not every server enforces it.
            phrases: Texts that count as empty where the answer repeats them, beside descriptions in the schema.

        Returns:
            The answer, validated.

        Raises:
            AnswerError: There is no usable answer to this question.
            QuestionError: The question is too long, is refused, or is not answered in time.
            VisionMissing: There are images, and the model takes only text.
            BudgetError: The question might cost more than the film may.
            ChatError: The server cannot be used at all.
        """
        assert prompt.answer == answer_type.__name__, f"{prompt.name} asks for {prompt.answer}"
        question = self._build_request(prompt, images, answer_type, max_tokens, schema_in_prompt, phrases)
        key = question.key(self.server.model)
        with self._one_at_a_time(key):
            if key in self._given_up:
                raise self._given_up[key]
            if images and not self._replies.find(key) and not self.has_vision():
                raise self._vision_missing()
            try:
                return self._ask_until_usable(question, answer_type)
            except AnswerError as error:
                self._given_up[key] = error
                raise
            except ChatError as error:
                if images and self._lost_vision(error):
                    raise self._vision_missing() from None
                raise

    def _lost_vision(self, error: ChatError) -> bool:
        """Return whether an error shows that the server does not take pictures any more."""
        return vision.may_refuse_pictures(error) and not self._is_vision_probed and not self.has_vision(again=True)

    def _vision_missing(self) -> VisionMissing:
        what = f"{self.server.described} sees no pictures: {self._facts.reason}"
        return VisionMissing(what, "name a model that sees with KOMADORI_MODEL (llama.cpp: start it with --mmproj)")

    def forget(self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer]) -> None:
        """Delete the kept reply to a question that proved useless, so that a later run may ask again.

        The arguments are those of `ask`.
        """
        self._replies.forget(self._build_request(prompt, images, answer_type))

    def _build_request(
        self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer],
        max_tokens: int = ANSWER_TOKENS, schema_in_prompt: bool = True, phrases: Sequence[str] = (),
    ) -> ChatRequest:  # fmt: skip
        """Build the request, with its pictures as small as the model's context window demands."""
        sides = (LONGEST_SIDE, *SMALLER) if images else (LONGEST_SIDE,)
        for side in sides:
            question = ChatRequest.of(
                prompt,
                images,
                answer_type,
                side,
                max_tokens=max_tokens,
                schema_in_prompt=schema_in_prompt,
                phrases=phrases,
            )
            if self._has_room(question) or self._replies.find(question.key(self.server.model)):
                break
        return question

    def _answer_tokens(self, question: ChatRequest) -> int:
        """Return the most tokens of the answer; a window that was already exceeded sets no limit."""
        most = self.server.answer if self._facts.reasons else min(question.max_tokens, self.server.answer)
        return most if self._most_read > self._window else min(most, self._window - self._estimate_tokens(question))

    def _has_room(self, question: ChatRequest) -> bool:
        """Return whether the context window has room for an answer."""
        return self._answer_tokens(question) >= min(MIN_ANSWER_TOKENS, question.max_tokens, self.server.answer)

    def _estimate_tokens(self, question: ChatRequest) -> int:
        """Estimate the tokens of a request, corrected by what was measured of this model so far."""
        return round(question.tokens(self.server.model) * self._estimate_factor)

    def recall(self, key: str, answer_type: type[AnswerT]) -> AnswerT | None:
        """Return the answer that was settled on under a key, whatever has changed around its question since.

        Args:
            key: Content key that was given to `settle_on`.
            answer_type: Pydantic type of the answer.

        Returns:
            The answer, or None where there is none or it does not fit the type any more.
        """
        kept = self._replies.find(key)
        return structured_output.parse_answer(kept.text, answer_type)[0] if kept else None

    def settle_on(self, key: str, answer: Answer) -> None:
        """Keep an answer that proved usable, under a content key for `recall`."""
        self._replies.keep(key, Reply(answer.model_dump_json()))

    @contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[None]:
        """Make threads that ask the same question meanwhile wait for its answer."""
        with self._answered:
            self._answered.wait_for(lambda: key not in self._under_way)
            self._under_way.add(key)
        try:
            yield
        finally:
            with self._answered:
                self._under_way.discard(key)
                self._answered.notify_all()

    def _ask_until_usable(self, question: ChatRequest, answer_type: type[AnswerT]) -> AnswerT:
        """Ask, and once more with the faults of the answer; forget all replies if none is usable."""
        asked = [question]
        try:
            reply = self._reply_to(question)
            answer, fault = read_answer(reply, answer_type, question.phrases)
            if answer is None:
                asked.append(question.answered(reply.text, fault))
                answer, fault = read_answer(self._reply_to(asked[-1]), answer_type, question.phrases)
            if answer is None:
                raise AnswerError(f"{self.server.model} gave no usable answer: {fault}", "try another KOMADORI_MODEL")
            return answer
        except (AnswerError, QuestionError):
            for request in asked:
                self._replies.forget(request)
            raise

    def _reply_to(self, question: ChatRequest) -> Reply:
        """Return the kept reply to a request, or ask the server and keep its reply."""
        key = question.key(self.server.model)
        reply = None if question.is_probe else self._replies.find(key)
        if reply is None:
            with self._slots:
                reply = self._ask_with_retries(question)
                if reply.finish == "length" and reply.has_thoughts and not self._facts.reasons:
                    self._learn(reasons=True)  # its thoughts took the place of the answer
                    reply = self._ask_with_retries(question)
            if not question.is_probe:
                self._replies.keep(key, reply)
        return reply

    def _ask_within_budget(self, question: ChatRequest) -> Reply:
        """Ask once, within the budget, and count what it used, whatever the result."""
        guess = Usage(self._estimate_tokens(question), self._answer_tokens(question))
        if not self._has_room(question):
            raise QuestionError(
                f"the question is about {guess.read} tokens: too long for a window of {self._window}",
                "if the model takes more, say how much with KOMADORI_WINDOW=TOKENS",
                reason="too_long",
            )
        self.budget.reserve(guess)
        used, begin = Usage(), time.monotonic()
        try:
            reply = self._ask_in_accepted_format(question)
            used = reply.usage or Usage(guess.read, question.count(reply.text))
            self._estimate_factor = max(self._estimate_factor, used.read / max(1, question.tokens(self.server.model)))
            self._most_read = max(self._most_read, used.read)
        except RetryableError as trouble:
            used = guess if trouble.sent else Usage()  # the server may have charged for it
            raise
        finally:
            cost = self.budget.settle(guess, used)
            self._replies.record_usage(question, used, cost, time.monotonic() - begin)
        return reply

    def _ask_with_retries(self, question: ChatRequest) -> Reply:
        """Ask with retries and growing waits until there is a reply; a timeout is retried once."""
        patience, late = self.server.patience, 0
        wait = patience.first_wait
        for left in range(patience.tries - 1, -1, -1):
            try:
                return self._ask_within_budget(question)
            except RetryableError as trouble:
                asked_for = wait if trouble.wait is None else trouble.wait
                late += trouble.sent
                is_refused = question.is_probe and question.pictures and trouble.status not in vision.PASSING
                if not left or asked_for > patience.longest_wait or late > 1 or is_refused:
                    what = f"{self.server.described} cannot be asked: {trouble}"
                    if trouble.sent:
                        raise QuestionError(
                            what, "allow more time with KOMADORI_TIMEOUT=SECONDS", reason="late"
                        ) from None
                    raise ChatError(what, status_hint(trouble.status), status=trouble.status) from None
                time.sleep(asked_for)
                wait *= 2
        raise AssertionError("the last try raises")

    def _ask_in_accepted_format(self, question: ChatRequest) -> Reply:
        """Ask in the strictest answer format that the server accepts, and remember that format."""
        first: RequestRefusedError | None = None
        index, renamed = self._format_index, False
        while index < len(ANSWER_FORMATS):
            try:
                reply = self._send_in_format(question, ANSWER_FORMATS[index])
            except ContextExceededError as error:
                raise self._too_long(question, error.window) from None
            except RequestRefusedError as error:
                # servers name a parameter that they do not know in their own words only
                if self._limit_parameter in str(error) and not renamed:
                    self._limit_parameter, renamed = _ALTERNATIVE_PARAMETER[self._limit_parameter], True
                else:
                    index += 1
                first = first or error
                continue
            self._format_index = index
            self.replies += 1
            return reply
        raise QuestionError(
            f"{self.server.described} refuses the question: {first}",
            "see what the model can do with: main.py doctor",
            reason="refused",
            status=first.status if first else 0,
        )

    def _too_long(self, question: ChatRequest, window: int) -> QuestionError:
        """Return the error for a question that exceeds the server's context, and remember the size of that."""
        if window:  # it counts from now on, whatever the server took before
            self._window = window if self._most_read > self._window else min(self._window, window)
            self._most_read = 0
        return QuestionError(
            f"{self.server.described} takes {window or 'fewer'} tokens at once, and the question with its answer "
            f"is about {self._estimate_tokens(question) + question.max_tokens}",
            f"start the server with a larger context, or say its size: KOMADORI_WINDOW={window or 'TOKENS'}",
            reason="too_long",
        )

    def _send_in_format(self, question: ChatRequest, answer_format: AnswerFormat) -> Reply:
        """Send one request in the given answer format, and raise a typed error where it fails."""
        body: dict[str, object] = {"model": self.server.model, "messages": question.messages}
        body[self._limit_parameter] = self._answer_tokens(question)
        if answer_format == "json_schema":
            shape = {"name": question.name, "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif answer_format == "json_object":
            body["response_format"] = {"type": "json_object"}
        return parse_reply(self._connection.post(body))
