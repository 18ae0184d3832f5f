"""Build chat requests from prompts, images and answer types, and parse the server's replies."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.llm import image_tokens, structured_output
from agents.llm.budget import Usage
from agents.llm.prompts import Prompt, fill_prompt
from agents.llm.structured_output import Answer
from storage.keys import content_key
from tools.plates import Image

VERSION = 1
LONGEST_SIDE = 1024
"""Pixels of a picture's longer side, as it is sent."""
SMALLER = (704, 512)
"""The same, for a model whose window is small."""


@dataclass(frozen=True)
class ChatRequest:
    """A question on its way; `so_far` are the answers that could not be used, each with what was said of it."""

    prompt: str
    asks: str
    hash: str
    text: str
    pictures: tuple[bytes, ...]
    sizes: tuple[tuple[int, int], ...]
    name: str
    schema: dict[str, Any]
    so_far: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, prompt: Prompt, images: Sequence[Image], answer_type: type[Answer], longest: int = LONGEST_SIDE,
        *, told: bool = True,
    ) -> ChatRequest:  # fmt: skip
        """Put it together; pictures are (h, w, 3) RGB uint8, and sent with at most `longest` pixels a side.

        Whether the schema is `told` in words too.
        """
        from tools.previews import jpeg

        schema = structured_output.strict_schema(answer_type)
        how = fill_prompt("answer", schema=json.dumps(schema, separators=(",", ":")))
        pictures = tuple(jpeg.encode_jpeg(image, longest=longest) for image in images)
        sizes = tuple(jpeg.encoded_size(image, longest=longest) for image in images)
        text = f"{prompt.text}\n\n{how.text}" if told else prompt.text
        return cls(prompt.name, prompt.asks, prompt.hash, text, pictures, sizes, answer_type.__name__, schema)

    def answered(self, text: str, fault: str) -> ChatRequest:
        """The question after an answer that cannot be used."""
        again = (text[:4000], fill_prompt("repair", fault=fault).text)
        return replace(self, so_far=(*self.so_far, again))

    def key(self, model: str) -> str:
        """The content key of its reply."""
        seen = [hashlib.sha256(picture).hexdigest() for picture in self.pictures]
        return content_key(
            "chat", model, VERSION, prompt=self.hash, text=self.text, images=seen, schema=self.schema,
            so_far=self.so_far,
        )  # fmt: skip

    @property
    def messages(self) -> list[dict[str, Any]]:
        """As the API wants them: one turn of the user's, so that servers without a system turn understand it."""
        content: str | list[dict[str, object]] = self.text
        if self.pictures:
            content = [{"type": "text", "text": self.text}]
            for number, picture in enumerate(self.pictures, start=1):
                url = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
                content.append({"type": "text", "text": f"Picture {number}:"})
                content.append({"type": "image_url", "image_url": {"url": url}})
        turns: list[dict[str, Any]] = [{"role": "user", "content": content}]
        for said, fault in self.so_far:
            turns += [{"role": "assistant", "content": said or "{}"}, {"role": "user", "content": fault}]
        return turns

    def tokens(self, model: str) -> int:
        """About how many tokens it is for a model to read, rather too many."""
        texts = [self.text, *(part for turn in self.so_far for part in turn)]
        return (
            sum(self.count(text) for text in texts)
            + sum(image_tokens.image_tokens(model, *size) for size in self.sizes)
            + 50
        )

    @staticmethod
    def count(text: str) -> int:
        """About how many tokens a text is."""
        plain = sum(char.isascii() for char in text)
        return round(plain / 3 + 1.5 * (len(text) - plain))


@dataclass(frozen=True)
class Reply:
    """What came back for one question."""

    text: str
    finish: str = "stop"
    refusal: str = ""
    usage: Usage | None = None
    """What it took, where the server says so."""


def parse_reply(found: dict[str, Any]) -> Reply:
    """A reply out of the server's JSON, which may lack anything."""
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
    return Reply(
        text=content if isinstance(content, str) else "",
        finish=str(choice.get("finish_reason") or "stop"),
        refusal=str(message.get("refusal") or ""),
        usage=Usage(max(0, read), max(0, written)) if isinstance(read, int) and isinstance(written, int) else None,
    )
