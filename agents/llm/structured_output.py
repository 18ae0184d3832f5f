"""Parse a model's reply into a typed answer, or describe its faults so that the model can correct them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, create_model

from agents.llm.echoes import Echoes, drop_echoes

LONGEST = 200_000
"""Most characters of a reply that are searched for an answer."""
LONGEST_TEXT = 240
"""Most characters that are used of free text."""
ECHOED = "; what only repeats the description of a field says nothing"
_BOUNDS = ("minItems", "maxItems", "maxLength")
_MAX_OBJECTS = 40
_MAX_FAULTS = 6


class Answer(BaseModel):
    """Base class of a model's answers: flat, without unions; unknown fields are ignored.

    The docstring of a subclass is the description in its JSON schema. The model reads it, so a change of it changes
    the content key of the question.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


AnswerT = TypeVar("AnswerT", bound=Answer)


def numbers_schema(numbers: range) -> dict[str, JsonValue]:
    """Return the JSON schema of one of these numbers."""
    return {"type": "integer", "enum": list(numbers)}


def with_bounds(answer_type: type[AnswerT], **bounds: dict[str, JsonValue]) -> type[AnswerT]:
    """Return an answer type whose JSON schema has more keywords, by field: `maxItems`, `maxLength`, `items` ...

    Servers that write by a grammar keep to them: a small model otherwise goes on without end. They validate nothing.
    """
    fields = {name: copy(answer_type.model_fields[name]) for name in bounds}
    for name, field in fields.items():
        field.json_schema_extra = bounds[name]
    types: dict[str, Any] = {name: (field.annotation, field) for name, field in fields.items()}
    return create_model(answer_type.__name__, __base__=answer_type, **types)


def parse_answer(text: str, answer_type: type[AnswerT], phrases: Sequence[str] = ()) -> tuple[AnswerT | None, str]:
    """Find the answer in a reply: bare, in a code fence, after reasoning, or within prose.

    Texts that only repeat a description of the schema count as empty. An object with none of the answer's fields is no
    answer.

    Args:
        text: The reply.
        answer_type: Type of the answer.
        phrases: Further texts that count as empty where an answer repeats them.

    Returns:
        The answer and "", or None and the fault in words.
    """
    fault = "there is no JSON object in it" if text.strip() else "it is empty"
    echoes = Echoes.of(answer_type.model_json_schema(), phrases)
    for found in _find_objects(_without_thoughts(text[:LONGEST])):
        if not found.keys() & answer_type.model_fields.keys():
            fault = f"it has none of the fields {', '.join(answer_type.model_fields)}"
            continue
        meant = drop_echoes(found, echoes)
        try:
            return answer_type.model_validate(meant), ""
        except ValidationError as error:
            fault = _describe_errors(error) + (ECHOED if meant != found else "")
    return None, fault


def strict_schema(answer_type: type[Answer]) -> dict[str, Any]:
    """Return the JSON schema of an answer for strict servers: inlined, all fields required.

    Not all of these servers accept bounds, so only those are in it that a type was given by `with_bounds`.
    """
    schema = answer_type.model_json_schema()
    return dict(_to_strict(schema, schema.get("$defs", {})))


def _without_thoughts(text: str) -> str:
    """Remove the model's reasoning between <think> marks."""
    closed = re.split(r"</think(?:ing)?>", text)[-1]
    return re.split(r"<think(?:ing)?>", closed)[0]


def _find_objects(text: str) -> Iterator[dict[str, object]]:
    """Yield every outermost JSON object in a text, in order."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at = text.find("{")
    for _ in range(_MAX_OBJECTS):
        if at < 0:
            return
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _describe_errors(error: ValidationError) -> str:
    """Format the first validation errors as one line."""
    faults = error.errors(include_url=False, include_input=False)
    words = [f"{'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}" for fault in faults]
    more = f"; and {len(words) - _MAX_FAULTS} more faults" if len(words) > _MAX_FAULTS else ""
    return "; ".join(words[:_MAX_FAULTS]) + more


def _to_strict(node: Any, named: dict[str, Any]) -> Any:
    """Inline references and drop keywords that strict servers do not accept."""
    if isinstance(node, list):
        return [_to_strict(inner, named) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _to_strict(named[node["$ref"].rpartition("/")[2]], named)
    kept = {key: node[key] for key in ("type", "enum", "const", "description", *_BOUNDS) if key in node}
    if "properties" in node:
        fields = {name: _to_strict(inner, named) for name, inner in node["properties"].items()}
        kept |= {"properties": fields, "required": list(fields), "additionalProperties": False}
    if "items" in node:
        kept["items"] = _to_strict(node["items"], named)
    return kept


def to_one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return free text as one line of at most `longest` characters, without control characters."""
    seen = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text[: 20 * longest])
    return " ".join(seen.split())[:longest].rstrip()
