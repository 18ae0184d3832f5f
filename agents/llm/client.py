"""Ask a language model for a typed answer, with retries, a budget and kept replies.

This is the only file that imports openai. Without a configured server no client is created and no socket is opened.
Every reply is kept under its content key before it is parsed, so that no question is paid for twice, even after the
process was killed. A reply that turns out to be unusable is forgotten, so that a later run may ask again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from agents.llm import prices, structured_output
from agents.llm.budget import Budget, Usage, usage_so_far
from agents.llm.prompts import Prompt
from agents.llm.request import LONGEST_SIDE, SMALLER, ChatRequest, Reply, parse_reply, read_answer
from agents.llm.servers import OPENAI, Server, retry_after, status_hint
from agents.llm.structured_output import Answer
from storage.domain import Facts, Made
from storage.errors import AnswerError, ChatError, QuestionError
from storage.library import Library
from storage.settings import Settings
from tools.plates import Image

if TYPE_CHECKING:
    from openai import OpenAI

MIN_ANSWER_TOKENS = 1000
"""Tokens that must be left of a model's context window for its answer."""
MAX_RESPONSE_BYTES = 4_000_000
AnswerFormat = Literal["json_schema", "json_object", "text"]
ANSWER_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "text")
_ALTERNATIVE_PARAMETER = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
AnswerT = TypeVar("AnswerT", bound=Answer)


class _RefusedError(Exception):
    """The server does not accept this request; `unknown` is the parameter that it names as the fault."""

    def __init__(self, what: str, unknown: str = "") -> None:
        super().__init__(what)
        self.unknown = unknown


class _RetryableError(Exception):
    """A retry after `wait` seconds may help; the server may have worked on the request if it was `sent`."""

    def __init__(self, what: str, *, wait: float | None = None, sent: bool = False, status: int = 0) -> None:
        super().__init__(what)
        self.wait, self.sent, self.status = wait, sent, status


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
        settings = settings or Settings()
        usage, paid, off, longest = usage_so_far(library.events(kinds={"asked"}) if library else (), server.model)
        self.budget = Budget(server.price, money=settings.max_cost, tokens=settings.max_tokens, spent=usage, paid=paid)
        self._client: OpenAI | None = None
        self._format_index = 0
        self._limit_parameter = "max_completion_tokens" if server.url == OPENAI else "max_tokens"
        self.replies = 0
        """Number of replies that came back, including those that could not be used."""
        self._estimate_factor, self._most_read = off, longest
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(server.max_parallel)
        self._under_way, self._answered = set[str](), threading.Condition()
        self._given_up: dict[str, AnswerError] = {}

    @property
    def form(self) -> AnswerFormat:
        """The strictest answer format that the server has accepted so far."""
        return ANSWER_FORMATS[self._format_index]

    def ask(
        self, prompt: Prompt, images: Sequence[Image], answer_type: type[AnswerT], *, told: bool = True
    ) -> AnswerT:  # fmt: skip
        """Ask a question and return the parsed answer.

        A reply that is already in the library is used again and costs nothing. An answer that cannot be parsed is sent
        back to the model once, with its faults.

        Args:
            prompt: The filled prompt. Its declared answer type must be `answer_type`.
            images: Pictures, each (h, w, 3) RGB uint8. They are sent as JPEG, scaled down to at most 1024 pixels a
                side, or less where the context window is small.
            answer_type: Pydantic type of the answer.
            told: Whether the JSON schema is also written into the prompt text. Not every server enforces a schema.

        Returns:
            The answer, validated.

        Raises:
            AnswerError: There is no usable answer to this question.
            QuestionError: The question is too long, is refused, or is not answered in time.
            BudgetError: The question might cost more than the film may.
            ChatError: The server cannot be used at all.
        """
        assert prompt.answer == answer_type.__name__, f"{prompt.name} asks for {prompt.answer}"
        question = self._build_request(prompt, images, answer_type, told)
        key = question.key(self.server.model)
        with self._one_at_a_time(key):
            if key in self._given_up:
                raise self._given_up[key]
            try:
                return self._ask_until_usable(question, answer_type)
            except AnswerError as error:
                self._given_up[key] = error
                raise

    def forget(self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer]) -> None:
        """Delete the kept reply to a question that proved useless, so that a later run may ask again.

        The arguments are those of `ask`.
        """
        self._forget_reply(self._build_request(prompt, images, answer_type, told=True))

    def _build_request(
        self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer], told: bool
    ) -> ChatRequest:
        """Build the request, with its pictures as small as the model's context window demands."""
        sides = (LONGEST_SIDE, *SMALLER) if images else (LONGEST_SIDE,)
        for side in sides:
            question = ChatRequest.of(prompt, images, answer_type, side, told=told)
            if self._answer_tokens(question) >= MIN_ANSWER_TOKENS or self._find_reply(question.key(self.server.model)):
                break
        return question

    def _answer_tokens(self, question: ChatRequest) -> int:
        """Return the most tokens of the answer; a window that was already exceeded sets no limit."""
        if self._most_read > self.server.window:
            return self.server.answer
        return min(self.server.answer, self.server.window - self._estimate_tokens(question))

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
        kept = self._find_reply(key)
        return structured_output.parse_answer(kept.text, answer_type)[0] if kept else None

    def settle_on(self, key: str, answer: Answer) -> None:
        """Keep an answer that proved usable, under a content key for `recall`."""
        self._keep_reply(key, Reply(answer.model_dump_json()))

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
            answer, fault = read_answer(reply, answer_type)
            if answer is None:
                asked.append(question.answered(reply.text, fault))
                answer, fault = read_answer(self._reply_to(asked[-1]), answer_type)
            if answer is None:
                raise AnswerError(f"{self.server.model} gave no usable answer: {fault}", "try another KOMADORI_MODEL")
            return answer
        except (AnswerError, QuestionError):
            for one in asked:
                self._forget_reply(one)
            raise

    def _reply_to(self, question: ChatRequest) -> Reply:
        """Return the kept reply to a request, or ask the server and keep its reply."""
        key = question.key(self.server.model)
        reply = self._find_reply(key)
        if reply is None:
            with self._slots:
                reply = self._ask_with_retries(question)
            self._keep_reply(key, reply)
        return reply

    def _ask_within_budget(self, question: ChatRequest) -> Reply:
        """Ask once, within the budget, and count what it used, whatever the result."""
        guess = Usage(self._estimate_tokens(question), self._answer_tokens(question))
        if guess.written < MIN_ANSWER_TOKENS:
            raise QuestionError(
                f"the question is about {guess.read} tokens: too long for a window of {self.server.window}",
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
        except _RetryableError as trouble:
            used = guess if trouble.sent else Usage()  # the server may have charged for it
            raise
        finally:
            cost = self.budget.settle(guess, used)
            self._record_usage(question, used, cost, time.monotonic() - begin)
        return reply

    def _ask_with_retries(self, question: ChatRequest) -> Reply:
        """Ask with retries and growing waits until there is a reply; a timeout is retried once."""
        patience, late = self.server.patience, 0
        wait = patience.first_wait
        for left in range(patience.tries - 1, -1, -1):
            try:
                return self._ask_within_budget(question)
            except _RetryableError as trouble:
                asked_for = wait if trouble.wait is None else trouble.wait
                late += trouble.sent
                if not left or asked_for > patience.longest_wait or late > 1:
                    what = f"{self.server.described} cannot be asked: {trouble}"
                    if trouble.sent:
                        raise QuestionError(
                            what, "allow more time with KOMADORI_TIMEOUT=SECONDS", reason="late"
                        ) from None
                    raise ChatError(what, status_hint(trouble.status)) from None
                time.sleep(asked_for)
                wait *= 2
        raise AssertionError("the last try raises")

    def _ask_in_accepted_format(self, question: ChatRequest) -> Reply:
        """Ask in the strictest answer format that the server accepts, and remember that format."""
        first: _RefusedError | None = None
        rung, renamed = self._format_index, False
        while rung < len(ANSWER_FORMATS):
            try:
                reply = self._send_in_format(question, ANSWER_FORMATS[rung])
            except _RefusedError as error:
                if error.unknown and not renamed:
                    self._limit_parameter, renamed = _ALTERNATIVE_PARAMETER[error.unknown], True
                else:
                    rung += 1
                first = first or error
                continue
            self._format_index = rung
            self.replies += 1
            return reply
        raise QuestionError(
            f"{self.server.described} refuses the question: {first}",
            "see what the model can do with: main.py doctor",
            reason="refused",
        )

    def _send_in_format(self, question: ChatRequest, rung: AnswerFormat) -> Reply:
        """Send one request in the given answer format, and raise a typed error where it fails."""
        import openai

        body: dict[str, object] = {"model": self.server.model, "messages": question.messages}
        body[self._limit_parameter] = self._answer_tokens(question)
        if rung == "json_schema":
            shape = {"name": question.name, "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif rung == "json_object":
            body["response_format"] = {"type": "json_object"}
        try:
            return parse_reply(self._post(body))
        except openai.APIStatusError as error:
            raise self._status_error(error.status_code, _error_message(error), error.response.headers) from None
        except openai.APITimeoutError:
            raise _RetryableError(f"no answer within {self.server.patience.seconds:.0f} s", sent=True) from None
        except openai.APIConnectionError as error:
            raise _RetryableError(f"no connection ({error.__cause__ or error})") from None

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post a request and read all of the response within one deadline: servers may answer drop by drop."""
        import httpx2

        deadline = time.monotonic() + self.server.patience.seconds
        late = _RetryableError(f"no answer within {self.server.patience.seconds:.0f} s", sent=True)
        came = bytearray()
        try:
            with self._openai_client().chat.completions.with_streaming_response.create(**body) as response:
                for piece in response.iter_bytes():
                    came += piece
                    if time.monotonic() > deadline:
                        raise late
                    if len(came) > MAX_RESPONSE_BYTES:
                        raise _RetryableError("its answer never ends", sent=True)
        except httpx2.TimeoutException:
            raise late from None
        except httpx2.HTTPError as error:
            raise _RetryableError(f"the connection broke ({error})") from None
        return _parse_json(bytes(came))

    def _status_error(self, status: int, said: str, headers: Mapping[str, str]) -> Exception:
        """Return the exception that stands for an HTTP status: refused, retry, or unusable server."""
        said = said.replace(self.server.key, "***") if self.server.key else said
        if status in (400, 413, 415, 422):
            # servers name a parameter that they do not know in their own words only
            return _RefusedError(
                f"{status} {said}", unknown=self._limit_parameter if self._limit_parameter in said else ""
            )
        if status in (408, 409, 425, 429) or (status >= 500 and status != 501):
            return _RetryableError(f"{status} {said}", wait=retry_after(headers), status=status)
        return ChatError(f"{self.server.described} cannot be asked: {status} {said}", status_hint(status))

    def _openai_client(self) -> OpenAI:
        """Return the openai client, created at the first call."""
        with self._lock:
            if self._client is None:
                self._client = _create_client(self.server)
            return self._client

    def _find_reply(self, key: str) -> Reply | None:
        """Return the reply that is kept under a content key, or None."""
        made = self._library.find_made(key) if self._library else None
        if made is None or self._library is None:
            return None
        text = self._library.artifacts.open(made.artifacts["reply"]).read_text(encoding="utf-8")
        return Reply(text, str(made.facts["finish"]), str(made.facts["refusal"]))

    def _keep_reply(self, key: str, reply: Reply) -> None:
        """Keep a reply in the library under its content key."""
        if self._library is not None:
            facts: Facts = {"model": self.server.model, "finish": reply.finish, "refusal": reply.refusal}
            kept = self._library.artifacts.keep(reply.text.encode("utf-8", "replace"), "text/plain")
            self._library.add_made(key, "chat", Made(artifacts={"reply": kept}, facts=facts))

    def _forget_reply(self, question: ChatRequest) -> None:
        """Delete the kept reply to a request."""
        if self._library is not None:
            self._library.forget_made(question.key(self.server.model))

    def _record_usage(self, question: ChatRequest, used: Usage, cost: float, seconds: float) -> None:
        """Record the tokens, cost and seconds of a request in the library."""
        guessed = question.tokens(self.server.model)
        if self._library is not None and used.total:
            self._library.add_event(
                question.asks, "asked", question.prompt, model=self.server.model, guessed=guessed,
                read=used.read, written=used.written, cost=round(cost, 6), seconds=round(seconds, 3),
            )  # fmt: skip


def _parse_json(came: bytes) -> dict[str, Any]:
    """Parse the server's JSON. Raises _RetryableError where it is not an object or reports an error."""
    try:
        found = json.loads(came)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _RetryableError("what it sent is no JSON: is this the address of an OpenAI-compatible server?")
    if found.get("error"):  # some servers say so with status 200
        raise _RetryableError(f"it says: {str(found['error'])[:300]}")
    return found


def _error_message(error: Any) -> str:
    """Return the server's error message, at most 300 characters."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else body
    return str(said or error.message)[:300]


def _create_client(server: Server) -> OpenAI:
    """Create the openai client for a server."""
    import openai

    near = prices.is_near(urlsplit(server.url).hostname or "")
    timeout = openai.Timeout(server.patience.seconds, connect=server.patience.connect)
    # no proxy stands between this machine and itself; retries are ours alone
    transport = openai.DefaultHttpx2Client(trust_env=not near, timeout=timeout)
    return openai.OpenAI(
        api_key=server.key or "not-needed", base_url=server.url, max_retries=0, timeout=timeout, http_client=transport
    )
