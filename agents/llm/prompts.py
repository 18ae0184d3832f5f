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
"""One file a question: front matter (`asks`, `answer`, `variables`) between two lines of ---, then text with $names."""
_ESCAPED = {char: f"\\u{ord(char):04x}" for char in "<>[]|"}
DataRow = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class Prompt:
    """A question ready to be asked: `asks` is the stage that wants to know, `answer` the name of the answer's type.

    `hash` is that of the file it was filled from.
    """

    name: str
    text: str
    hash: str
    asks: str
    answer: str


@dataclass(frozen=True)
class _PromptFile:
    asks: str
    answer: str
    variables: frozenset[str]
    template: Template
    hash: str


def fill_prompt(name: str, **variables: str) -> Prompt:
    """Fill prompts/<name>.md. TypeError for a variable that is missing or unknown, ValueError for a faulty file."""
    sheet = _sheet(PROMPTS / f"{name}.md")
    if missing := sorted(sheet.variables - set(variables)):
        raise TypeError(f"the prompt {name} wants ${', $'.join(missing)}")
    if unknown := sorted(set(variables) - sheet.variables):
        raise TypeError(f"the prompt {name} has no ${', $'.join(unknown)}")
    return Prompt(name, sheet.template.substitute(variables).strip(), sheet.hash, sheet.asks, sheet.answer)


def prompt_hash(name: str) -> str:
    """The hash of prompts/<name>.md, for the keys of what is answered to it."""
    return _sheet(PROMPTS / f"{name}.md").hash


def quote_rows(rows: Iterable[DataRow]) -> str:
    """What strangers wrote, as data: one line of JSON a row, between two marks that no row can hold.

    Brackets of every kind are escaped, so that no row can look like a mark, or like the end of a turn to a server that
    finds its own marks in the text.
    """
    text = "\n".join(_row(row) for row in rows)
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"<data {mark}>\n{text}\n</data {mark}>" if text else "(nothing)"


def _row(row: DataRow) -> str:
    text = json.dumps(dict(row), ensure_ascii=False)
    return "".join(_ESCAPED.get(char, char) for char in text)


@lru_cache
def _sheet(path: Path) -> _PromptFile:
    content = path.read_text(encoding="utf-8")
    _, head, text = content.split("---\n", 2)
    said = dict(line.split(":", 1) for line in head.strip().splitlines())
    known = frozenset(name.strip() for name in said["variables"].split(",") if name.strip())
    template = Template(text)
    if not template.is_valid() or set(template.get_identifiers()) != known:
        raise ValueError(f"{path.name} does not use just the variables that it names")
    digest = hashlib.sha256(content.encode()).hexdigest()
    return _PromptFile(said["asks"].strip(), said["answer"].strip(), known, template, digest)
