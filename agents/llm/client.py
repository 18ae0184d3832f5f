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
from agents.llm.budget import Budget, Usage, total_spent
from agents.llm.prompts import Prompt
from agents.llm.request import LONGEST_SIDE, SMALLER, ChatRequest, Reply, parse_reply
from agents.llm.servers import OPENAI, Server, retry_after
from agents.llm.structured_output import Answer
from storage.domain import Facts, Made
from storage.errors import AnswerError, ChatError, QuestionError
from storage.library import Library
from storage.settings import Settings
from tools.plates import Image

if TYPE_CHECKING:
    from openai import OpenAI

LEAST_WRITTEN = 1000
"""Tokens that must be left of a model's window for its answer."""
MOST_BYTES = 4_000_000
AnswerFormat = Literal["json_schema", "json_object", "text"]
ANSWER_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "text")
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
AnswerT = TypeVar("AnswerT", bound=Answer)


class _RefusedError(Exception):
    """The server will not take this question as it stands; `unknown` is the parameter that it names as the fault."""

    def __init__(self, what: str, unknown: str = "") -> None:
        super().__init__(what)
        self.unknown = unknown


class _AgainError(Exception):
    """It may be worth asking again after `wait` seconds; the server may have worked for what was `sent`."""

    def __init__(self, what: str, *, wait: float | None = None, sent: bool = False, status: int = 0) -> None:
        super().__init__(what)
        self.wait, self.sent, self.status = wait, sent, status


class ChatClient:
    """One model for one film. May be used from several threads."""

    def __init__(self, server: Server, library: Library | None = None, settings: Settings | None = None) -> None:
        """Without a library nothing is kept, and the bounds of `settings` hold for this object alone."""
        self.server = server
        self._library = library
        settings = settings or Settings()
        usage, paid, off, longest = _so_far(library, server.model)
        self.budget = Budget(server.price, money=settings.max_cost, tokens=settings.max_tokens, spent=usage, paid=paid)
        self._client: OpenAI | None = None
        self._rung = 0
        self._limit = "max_completion_tokens" if server.url == OPENAI else "max_tokens"
        self.replies = 0
        """How many came back, those that could not be used included."""
        self._off, self._longest = off, longest
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(server.max_parallel)
        self._under_way, self._answered = set[str](), threading.Condition()
        self._given_up: dict[str, AnswerError] = {}

    @property
    def form(self) -> AnswerFormat:
        """The strictest form of an answer that the server has taken so far."""
        return ANSWER_FORMATS[self._rung]

    def ask(
        self, prompt: Prompt, images: Sequence[Image], answer_type: type[AnswerT], *, told: bool = True
    ) -> AnswerT:  # fmt: skip
        """Ask; pictures are (h, w, 3) RGB uint8. An answer that cannot be used is sent back once.

        Whether the schema is `told` in words too: not every server keeps one.

        Raises AnswerError when there is no usable answer to this question, QuestionError when it is not taken or not
        answered in time, BudgetError when asking might cost more than the film may, ChatError when the server cannot
        be used at all.
        """
        assert prompt.answer == answer_type.__name__, f"{prompt.name} asks for {prompt.answer}"
        question = self._question(prompt, images, answer_type, told)
        key = question.key(self.server.model)
        with self._alone(key):
            if key in self._given_up:
                raise self._given_up[key]
            try:
                return self._usable(question, answer_type)
            except AnswerError as error:
                self._given_up[key] = error
                raise

    def forget(self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer]) -> None:
        """Forget what was answered to a question: it is of no use after all, and a later run may ask again."""
        self._forget(self._question(prompt, images, answer_type, told=True))

    def _question(self, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer], told: bool) -> ChatRequest:
        """The question, with its pictures as small as the model's window asks for."""
        sides = (LONGEST_SIDE, *SMALLER) if images else (LONGEST_SIDE,)
        for side in sides:
            question = ChatRequest.of(prompt, images, answer_type, side, told=told)
            if self._room(question) >= LEAST_WRITTEN or self._kept(question.key(self.server.model)):
                break
        return question

    def _room(self, question: ChatRequest) -> int:
        """How many tokens its answer may be. A window that more has gone through is none."""
        if self._longest > self.server.window:
            return self.server.answer
        return min(self.server.answer, self.server.window - self._guess(question))

    def _guess(self, question: ChatRequest) -> int:
        """How many tokens it is, by what was measured of this model so far."""
        return round(question.tokens(self.server.model) * self._off)

    def recall(self, key: str, answer_type: type[AnswerT]) -> AnswerT | None:
        """The answer that was settled on under a key of the asker's, whatever has changed around the question since."""
        kept = self._kept(key)
        return structured_output.parse_answer(kept.text, answer_type)[0] if kept else None

    def settle_on(self, key: str, answer: Answer) -> None:
        """Keep an answer that turned out to be usable."""
        self._keep(key, Reply(answer.model_dump_json()))

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Whoever asks the same meanwhile waits for the answer."""
        with self._answered:
            self._answered.wait_for(lambda: key not in self._under_way)
            self._under_way.add(key)
        try:
            yield
        finally:
            with self._answered:
                self._under_way.discard(key)
                self._answered.notify_all()

    def _usable(self, question: ChatRequest, answer_type: type[AnswerT]) -> AnswerT:
        asked = [question]
        try:
            reply = self._reply(question)
            answer, fault = _read(reply, answer_type)
            if answer is None:
                asked.append(question.answered(reply.text, fault))
                answer, fault = _read(self._reply(asked[-1]), answer_type)
            if answer is None:
                raise AnswerError(f"{self.server.model} gave no usable answer: {fault}", "try another KOMADORI_MODEL")
            return answer
        except (AnswerError, QuestionError):
            for one in asked:
                self._forget(one)
            raise

    def _reply(self, question: ChatRequest) -> Reply:
        key = question.key(self.server.model)
        reply = self._kept(key)
        if reply is None:
            with self._places:
                reply = self._patiently(question)
            self._keep(key, reply)
        return reply

    def _paid(self, question: ChatRequest) -> Reply:
        """Ask once, within the bounds; what it took is counted, whatever comes of it."""
        guess = Usage(self._guess(question), self._room(question))
        if guess.written < LEAST_WRITTEN:
            raise QuestionError(
                f"the question is about {guess.read} tokens: too long for a window of {self.server.window}",
                "if the model takes more, say how much with KOMADORI_WINDOW=TOKENS",
                reason="too_long",
            )
        self.budget.reserve(guess)
        used, begin = Usage(), time.monotonic()
        try:
            reply = self._down_the_ladder(question)
            used = reply.usage or Usage(guess.read, question.count(reply.text))
            self._off = max(self._off, used.read / max(1, question.tokens(self.server.model)))
            self._longest = max(self._longest, used.read)
        except _AgainError as trouble:
            used = guess if trouble.sent else Usage()  # the server may have charged for it
            raise
        finally:
            cost = self.budget.settle(guess, used)
            self._note(question, used, cost, time.monotonic() - begin)
        return reply

    def _patiently(self, question: ChatRequest) -> Reply:
        """Ask until there is a reply, as often as is worth it: what takes too long, once more."""
        patience, late = self.server.patience, 0
        wait = patience.first_wait
        for left in range(patience.tries - 1, -1, -1):
            try:
                return self._paid(question)
            except _AgainError as trouble:
                asked_for = wait if trouble.wait is None else trouble.wait
                late += trouble.sent
                if not left or asked_for > patience.longest_wait or late > 1:
                    what = f"{self.server.described} cannot be asked: {trouble}"
                    if trouble.sent:
                        raise QuestionError(
                            what, "allow more time with KOMADORI_TIMEOUT=SECONDS", reason="late"
                        ) from None
                    raise ChatError(what, _cure(trouble.status)) from None
                time.sleep(asked_for)
                wait *= 2
        raise AssertionError("the last try raises")

    def _down_the_ladder(self, question: ChatRequest) -> Reply:
        """Ask in the strictest form that the server takes; what it takes is remembered."""
        first: _RefusedError | None = None
        rung, renamed = self._rung, False
        while rung < len(ANSWER_FORMATS):
            try:
                reply = self._once(question, ANSWER_FORMATS[rung])
            except _RefusedError as error:
                if error.unknown and not renamed:
                    self._limit, renamed = _OTHER_NAME[error.unknown], True
                else:
                    rung += 1
                first = first or error
                continue
            self._rung = rung
            self.replies += 1
            return reply
        raise QuestionError(
            f"{self.server.described} refuses the question: {first}",
            "see what the model can do with: main.py doctor",
            reason="refused",
        )

    def _once(self, question: ChatRequest, rung: AnswerFormat) -> Reply:
        import openai

        body: dict[str, object] = {"model": self.server.model, "messages": question.messages}
        body[self._limit] = self._room(question)
        if rung == "json_schema":
            shape = {"name": question.name, "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif rung == "json_object":
            body["response_format"] = {"type": "json_object"}
        try:
            return parse_reply(self._send(body))
        except openai.APIStatusError as error:
            raise self._status(error.status_code, _said(error), error.response.headers) from None
        except openai.APITimeoutError:
            raise _AgainError(f"no answer within {self.server.patience.seconds:.0f} s", sent=True) from None
        except openai.APIConnectionError as error:
            raise _AgainError(f"no connection ({error.__cause__ or error})") from None

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post, and read what comes back within one deadline for all of it: a server may also answer drop by drop."""
        import httpx2

        deadline = time.monotonic() + self.server.patience.seconds
        late = _AgainError(f"no answer within {self.server.patience.seconds:.0f} s", sent=True)
        came = bytearray()
        try:
            with self._open().chat.completions.with_streaming_response.create(**body) as response:
                for piece in response.iter_bytes():
                    came += piece
                    if time.monotonic() > deadline:
                        raise late
                    if len(came) > MOST_BYTES:
                        raise _AgainError("its answer never ends", sent=True)
        except httpx2.TimeoutException:
            raise late from None
        except httpx2.HTTPError as error:
            raise _AgainError(f"the connection broke ({error})") from None
        return _object(bytes(came))

    def _status(self, status: int, said: str, headers: Mapping[str, str]) -> Exception:
        said = said.replace(self.server.key, "***") if self.server.key else said
        if status in (400, 413, 415, 422):
            # servers name a parameter that they do not know in their own words only
            return _RefusedError(f"{status} {said}", unknown=self._limit if self._limit in said else "")
        if status in (408, 409, 425, 429) or (status >= 500 and status != 501):
            return _AgainError(f"{status} {said}", wait=retry_after(headers), status=status)
        return ChatError(f"{self.server.described} cannot be asked: {status} {said}", _cure(status))

    def _open(self) -> OpenAI:
        with self._lock:
            if self._client is None:
                self._client = _client(self.server)
            return self._client

    def _kept(self, key: str) -> Reply | None:
        made = self._library.find_made(key) if self._library else None
        if made is None or self._library is None:
            return None
        text = self._library.artifacts.open(made.artifacts["reply"]).read_text(encoding="utf-8")
        return Reply(text, str(made.facts["finish"]), str(made.facts["refusal"]))

    def _keep(self, key: str, reply: Reply) -> None:
        if self._library is not None:
            facts: Facts = {"model": self.server.model, "finish": reply.finish, "refusal": reply.refusal}
            kept = self._library.artifacts.keep(reply.text.encode("utf-8", "replace"), "text/plain")
            self._library.add_made(key, "chat", Made(artifacts={"reply": kept}, facts=facts))

    def _forget(self, question: ChatRequest) -> None:
        if self._library is not None:
            self._library.forget_made(question.key(self.server.model))

    def _note(self, question: ChatRequest, used: Usage, cost: float, seconds: float) -> None:
        guessed = question.tokens(self.server.model)
        if self._library is not None and used.total:
            self._library.add_event(
                question.asks, "asked", question.prompt, model=self.server.model, guessed=guessed,
                read=used.read, written=used.written, cost=round(cost, 6), seconds=round(seconds, 3),
            )  # fmt: skip


def _read(reply: Reply, answer_type: type[AnswerT]) -> tuple[AnswerT | None, str]:
    if reply.refusal or reply.finish == "content_filter":
        raise AnswerError(
            f"the model refuses to answer: {reply.refusal[:200] or 'its content filter struck'}",
            "try another KOMADORI_MODEL, or direct by rules",
        )
    answer, fault = structured_output.parse_answer(reply.text, answer_type)
    if answer is None and reply.finish == "length":
        fault = f"it was cut off, be much shorter ({fault})"
    return answer, fault


def _object(came: bytes) -> dict[str, Any]:
    try:
        found = json.loads(came)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _AgainError("what it sent is no JSON: is this the address of an OpenAI-compatible server?")
    if found.get("error"):  # some servers say so with status 200
        raise _AgainError(f"it says: {str(found['error'])[:300]}")
    return found


def _said(error: Any) -> str:
    body = error.body
    said = body.get("message") if isinstance(body, dict) else body
    return str(said or error.message)[:300]


def _cure(status: int) -> str:
    if status in (401, 403):
        return "check OPENAI_API_KEY, and whether it may use this model"
    if status == 404:
        return "check KOMADORI_MODEL and OPENAI_BASE_URL (it ends with /v1 on most servers)"
    if status == 429:
        return "wait a while, then run the same command: what was answered is kept"
    return "check OPENAI_BASE_URL and whether the server runs; the same command goes on from here"


def _client(server: Server) -> OpenAI:
    import openai

    near = prices.is_near(urlsplit(server.url).hostname or "")
    timeout = openai.Timeout(server.patience.seconds, connect=server.patience.connect)
    # no proxy stands between this machine and itself; retries are ours alone
    transport = openai.DefaultHttpx2Client(trust_env=not near, timeout=timeout)
    return openai.OpenAI(
        api_key=server.key or "not-needed", base_url=server.url, max_retries=0, timeout=timeout, http_client=transport
    )


def _so_far(library: Library | None, model: str) -> tuple[Usage, float, float, int]:
    """What was used and paid for this film; how far above our guesses this model's counts of tokens went, and how far
    at all.
    """
    asked = library.events(kinds={"asked"}) if library else ()
    usage, paid = total_spent(asked)
    off, longest = 1.0, 0
    for event in asked:
        read, guessed = int(str(event.facts["read"])), int(str(event.facts.get("guessed") or 0))
        if guessed and event.facts["model"] == model:
            off, longest = max(off, read / guessed), max(longest, read)
    return usage, paid, off, longest
