"""Load prompt templates and fill in their variables, with untrusted text quoted as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
"""Folder of the prompts. Each file has front matter (`asks`, `answer`, `variables`) and text with $names."""
_ESCAPED = {char: f"\\u{ord(char):04x}" for char in "<>[]|"}
DataRow = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class Prompt:
    """A prompt whose variables are filled in.

    Attributes:
        name: Name of its file, without the suffix.
        text: The filled text.
        hash: sha256 of the file that it was filled from.
        asks: Stage that asks the question.
        answer: Name of the answer's type.
    """

    name: str
    text: str
    hash: str
    asks: str
    answer: str


@dataclass(frozen=True)
class _PromptFile:
    """A prompt file, parsed."""

    asks: str
    answer: str
    variables: frozenset[str]
    template: Template
    hash: str


def fill_prompt(name: str, **variables: str) -> Prompt:
    """Fill in the variables of prompts/<name>.md.

    Raises:
        TypeError: A variable is missing or unknown.
        ValueError: The file does not use exactly the variables that it declares.
    """
    prompt_file = _sheet(PROMPTS / f"{name}.md")
    if missing := sorted(prompt_file.variables - set(variables)):
        raise TypeError(f"the prompt {name} wants ${', $'.join(missing)}")
    if unknown := sorted(set(variables) - prompt_file.variables):
        raise TypeError(f"the prompt {name} has no ${', $'.join(unknown)}")
    return Prompt(
        name, prompt_file.template.substitute(variables).strip(), prompt_file.hash, prompt_file.asks, prompt_file.answer
    )


def prompt_hash(name: str) -> str:
    """Return the sha256 of prompts/<name>.md, for the content keys of its answers."""
    return _sheet(PROMPTS / f"{name}.md").hash


def quote_rows(rows: Iterable[DataRow]) -> str:
    """Quote untrusted text as data: one line of JSON a row, between two marks that no row can contain.

    Brackets of every kind are escaped, so that no row can look like a mark, nor like the end of a turn to a server
    that searches the text for its own marks.
    """
    text = "\n".join(_encode_row(row) for row in rows)
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"<data {mark}>\n{text}\n</data {mark}>" if text else "(nothing)"


def _encode_row(row: DataRow) -> str:
    """Encode one row as JSON with its brackets escaped."""
    text = json.dumps(dict(row), ensure_ascii=False)
    return "".join(_ESCAPED.get(char, char) for char in text)


@lru_cache
def _sheet(path: Path) -> _PromptFile:
    """Load and check a prompt file; cached."""
    content = path.read_text(encoding="utf-8")
    _, head, text = content.split("---\n", 2)
    said = dict(line.split(":", 1) for line in head.strip().splitlines())
    known = frozenset(name.strip() for name in said["variables"].split(",") if name.strip())
    template = Template(text)
    if not template.is_valid() or set(template.get_identifiers()) != known:
        raise ValueError(f"{path.name} does not use just the variables that it names")
    digest = hashlib.sha256(content.encode()).hexdigest()
    return _PromptFile(said["asks"].strip(), said["answer"].strip(), known, template, digest)
