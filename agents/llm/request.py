"""Build chat requests from prompts, images and answer types, and parse the server's replies."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.llm import image_tokens, structured_output
from agents.llm.budget import Usage
from agents.llm.prompts import Prompt, fill_prompt
from agents.llm.structured_output import Answer, AnswerT
from storage.errors import AnswerError
from storage.keys import content_key
from storage.shapes import JsonObject
from tools.plates import Image

VERSION = 1
ANSWER_TOKENS = 1000
"""Most tokens of an answer whose asker names no bound of its own."""
HIDDEN_SHARE, HIDDEN_TOKENS = 3, 100
"""A reply has hidden thoughts if it counts more tokens than so many times its text takes, and some more."""
LONGEST_SIDE = 1024
"""Pixels of the longer side of a picture, as it is sent."""
SMALLER = (704, 512)
"""Smaller values of `LONGEST_SIDE`, tried in turn for a model with a small context window."""


@dataclass(frozen=True)
class ChatRequest:
    """One chat request, before it is sent.

    Attributes:
        prompt: Name of the prompt file.
        asks: Stage that asks.
        hash: Hash of the prompt file.
        text: Filled prompt, with the JSON schema in words where asked for.
        pictures: The images as JPEG bytes.
        sizes: Width and height of each image in pixels, as sent.
        name: Name of the answer's type.
        schema: Strict JSON schema of the answer.
        max_tokens: Most tokens of a useful answer, without the model's thoughts.
        so_far: Earlier answers that could not be used, each with the reply that describes its fault.
        phrases: Texts of the question that say nothing where an answer only repeats them.
        is_probe: Whether it tests the model itself: its reply is not kept, and pictures that are refused are not sent
            again.
    """

    prompt: str
    asks: str
    hash: str
    text: str
    pictures: tuple[bytes, ...]
    sizes: tuple[tuple[int, int], ...]
    name: str
    schema: JsonObject
    max_tokens: int
    so_far: tuple[tuple[str, str], ...] = ()
    phrases: tuple[str, ...] = ()
    is_probe: bool = False

    @classmethod
    def of(
        cls, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer], longest: int = LONGEST_SIDE,
        *, max_tokens: int = ANSWER_TOKENS, schema_in_prompt: bool = True, phrases: Sequence[str] = (),
    ) -> ChatRequest:  # fmt: skip
        """Build a request.

        Args:
            prompt: The filled prompt.
            images: Pictures, each (h, w, 3) RGB uint8.
            answer_type: Pydantic type of the answer.
            longest: Most pixels of a picture's longer side, as sent.
            max_tokens: Most tokens of a useful answer.
            schema_in_prompt: Whether the schema is also written into the prompt text.
            phrases: Texts that an answer may not merely repeat, beside the headings of the prompt.
        """
        from tools.previews import jpeg

        schema = structured_output.strict_schema(answer_type)
        how = fill_prompt("answer", schema=json.dumps(schema, separators=(",", ":")))
        pictures = tuple(jpeg.encode_jpeg(image, longest=longest) for image in images)
        sizes = tuple(jpeg.encoded_size(image, longest=longest) for image in images)
        text = f"{prompt.text}\n\n{how.text}" if schema_in_prompt else prompt.text
        name = answer_type.__name__
        headings = [line for line in prompt.text.splitlines() if line.endswith(":")]
        return cls(
            prompt.name, prompt.asks, prompt.hash, text, pictures, sizes, name, schema, max_tokens,
            phrases=(*headings, *phrases),
        )  # fmt: skip

    def answered(self, text: str, fault: str) -> ChatRequest:
        """Return the request that follows an unusable answer, with that answer and its fault added."""
        again = (text[:4000], fill_prompt("repair", fault=fault).text)
        return replace(self, so_far=(*self.so_far, again))

    def key(self, model: str) -> str:
        """Return the content key of the reply."""
        seen = [hashlib.sha256(picture).hexdigest() for picture in self.pictures]
        return content_key(
            "chat", model, VERSION, prompt=self.hash, text=self.text, images=seen, schema=self.schema,
            so_far=self.so_far,
        )  # fmt: skip

    @property
    def messages(self) -> list[JsonObject]:
        """The messages of the API, all in the user role: some servers do not know a system role."""
        content: str | list[dict[str, object]] = self.text
        if self.pictures:
            content = [{"type": "text", "text": self.text}]
            for number, picture in enumerate(self.pictures, start=1):
                url = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
                content.append({"type": "text", "text": f"Picture {number}:"})
                content.append({"type": "image_url", "image_url": {"url": url}})
        turns: list[JsonObject] = [{"role": "user", "content": content}]
        for said, fault in self.so_far:
            turns += [{"role": "assistant", "content": said or "{}"}, {"role": "user", "content": fault}]
        return turns

    def tokens(self, model: str) -> int:
        """Estimate the tokens that a model reads, rather too high."""
        texts = [self.text, *(part for turn in self.so_far for part in turn)]
        return (
            sum(self.count(text) for text in texts)
            + sum(image_tokens.image_tokens(model, *size) for size in self.sizes)
            + 50
        )

    @staticmethod
    def count(text: str) -> int:
        """Estimate the tokens of a text: 1/3 for an ASCII character, 1.5 for any other."""
        plain = sum(char.isascii() for char in text)
        return round(plain / 3 + 1.5 * (len(text) - plain))


@dataclass(frozen=True)
class Reply:
    """A server's reply to one request."""

    text: str
    finish: str = "stop"
    refusal: str = ""
    usage: Usage | None = None
    """Tokens that the request used, where the server reports them."""
    has_thoughts: bool = False
    """Whether the model wrote down thoughts beside the answer, or spent all tokens without beginning an answer."""


def parse_reply(found: JsonObject) -> Reply:
    """Parse a reply from the server's JSON, in which any field may be missing."""
    choices = found.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    usage = found.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    read, written = (usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
    text, finish = content if isinstance(content, str) else "", str(choice.get("finish_reason") or "stop")
    return Reply(
        text=text,
        finish=finish,
        refusal=str(message.get("refusal") or ""),
        usage=Usage(max(0, read), max(0, written)) if isinstance(read, int) and isinstance(written, int) else None,
        has_thoughts=_has_thoughts(message, text, usage) or (finish == "length" and not text.strip()),
    )


def _has_thoughts(message: JsonObject, text: str, usage: JsonObject) -> bool:
    """Return whether a reply carries thoughts where servers put them, or counts more tokens than its text takes."""
    details = usage.get("completion_tokens_details")
    counted = details.get("reasoning_tokens") if isinstance(details, dict) else 0
    read, written, total = (
        found if isinstance(found := usage.get(name), int) else 0
        for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    hidden = total > read + written or written > HIDDEN_SHARE * ChatRequest.count(text) + HIDDEN_TOKENS
    return bool(message.get("reasoning_content") or message.get("reasoning") or counted or "<think" in text or hidden)


def read_answer(reply: Reply, answer_type: type[AnswerT], phrases: Sequence[str] = ()) -> tuple[AnswerT | None, str]:
    """Parse a reply into an answer, or return None and the fault; see `parse_answer`.

    Raises:
        AnswerError: The model refuses to answer.
    """
    if reply.refusal or reply.finish == "content_filter":
        raise AnswerError(
            f"the model refuses to answer: {reply.refusal[:200] or 'its content filter struck'}",
            "try another KOMADORI_MODEL, or direct by rules",
        )
    answer, fault = structured_output.parse_answer(reply.text, answer_type, phrases)
    if answer is None and reply.finish == "length":
        fault = f"it was cut off, be much shorter ({fault})"
    return answer, fault
