"""Parse a model's reply into a typed answer, or describe its faults so that the model can correct them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

LONGEST = 200_000
"""Characters of a reply that are looked at."""
LONGEST_TEXT = 240
"""Characters that are heard of what is written freely."""
_TRIES = 40
_FAULTS = 6


class Answer(BaseModel):
    """What a model answers: flat, without unions; what it says besides is not heard."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


AnswerT = TypeVar("AnswerT", bound=Answer)


def parse_answer(text: str, answer_type: type[AnswerT]) -> tuple[AnswerT | None, str]:
    """Find the answer in a reply: bare, fenced, after thoughts, amid prose. It and "", or None and the fault."""
    fault = "there is no JSON object in it" if text.strip() else "it is empty"
    for found in _objects(_without_thoughts(text[:LONGEST])):
        try:
            return answer_type.model_validate(found), ""
        except ValidationError as error:
            fault = _words(error)
    return None, fault


def strict_schema(answer_type: type[Answer]) -> dict[str, Any]:
    """The JSON schema of an answer as strict servers want it: all in place, every field required, no bounds."""
    schema = answer_type.model_json_schema()
    return dict(_strict(schema, schema.get("$defs", {})))


def _without_thoughts(text: str) -> str:
    closed = re.split(r"</think(?:ing)?>", text)[-1]
    return re.split(r"<think(?:ing)?>", closed)[0]


def _objects(text: str) -> Iterator[dict[str, object]]:
    """Every outermost JSON object in a text, in order."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    at = text.find("{")
    for _ in range(_TRIES):
        if at < 0:
            return
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _words(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    words = [f"{'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}" for fault in faults]
    more = f"; and {len(words) - _FAULTS} more faults" if len(words) > _FAULTS else ""
    return "; ".join(words[:_FAULTS]) + more


def _strict(node: Any, named: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(inner, named) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(named[node["$ref"].rpartition("/")[2]], named)
    kept = {key: node[key] for key in ("type", "enum", "const", "description") if key in node}
    if "properties" in node:
        fields = {name: _strict(inner, named) for name, inner in node["properties"].items()}
        kept |= {"properties": fields, "required": list(fields), "additionalProperties": False}
    if "items" in node:
        kept["items"] = _strict(node["items"], named)
    return kept


def to_one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Free text as one short line without control characters."""
    seen = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text[: 20 * longest])
    return " ".join(seen.split())[:longest].rstrip()
