"""How each revision and correction came about, as columns; until now their messages and keys said so."""

import json
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_REBASED = re.compile(r"carried over from revision (\d+)$")
_WORD = r'(?P<{}>"[^"]+"|\S+)'
_BOX = r"(?P<box>-?[\d.e+]+(?:,-?[\d.e+]+){3})"
_FIXES = {
    "swap panels": r"swap panels (?P<first>\d+) (?P<second>\d+)",
    "move panel": r"move panel (?P<panel>\d+) to (?P<to>\d+)",
    "merge panels": r"merge panels (?P<panels>\d+(?: \d+)+)",
    "split panel": r"split panel (?P<panel>\d+) at (?P<axis>[xy]) (?P<at>\S+)",
    "delete panel": r"delete panel (?P<panel>\d+)",
    "add panel": rf"add panel {_BOX}(?: as (?P<to>\d+))?",
    "delete balloon": r"delete balloon (?P<balloon>\d+)",
    "add balloon": rf"add balloon {_BOX} (?P<kind>\w+) (?P<text>\".*\")",
    "move balloon": r"move balloon (?P<balloon>\d+) to panel (?P<panel>\d+)",
    "text": r"text (?P<balloon>\d+) (?P<text>\".*\")",
    "kind": r"kind (?P<balloon>\d+) (?P<kind>\w+)",
    "speaker": rf"speaker (?P<balloon>\d+) {_WORD.format('speaker')}",
    "accept": r"accept (?P<balloon>\d+|all)",
    "rename": rf"rename {_WORD.format('character')} {_WORD.format('name')}",
    "merge": rf"merge {_WORD.format('character')} into {_WORD.format('into')}",
}
"""How the messages of corrections were written; after "page N ", but for those of characters."""
_OF_CHARACTERS = ("rename", "merge")
_NOTHING = {("at", "half"), ("speaker", "nobody"), ("balloon", "all")}


def upgrade() -> None:
    op.add_column("revision", sa.Column("kind", sa.String(), nullable=False, server_default="edit"))
    op.add_column("correction", sa.Column("kind", sa.String(), nullable=False, server_default="fix"))
    op.add_column("correction", sa.Column("edits", sa.JSON(), nullable=False, server_default="[]"))
    # SQLite adds a column with its reference only in its own words
    op.execute(
        "ALTER TABLE revision ADD COLUMN origin INTEGER "
        "CONSTRAINT fk_revision_origin_revision REFERENCES revision (number)"
    )
    connection = op.get_bind()
    known: set[int] = set()
    asked = sa.text("SELECT number, author, key, message, edits FROM revision ORDER BY number")
    for row in connection.execute(asked).all():
        kind = _kind(row.author, row.key, json.loads(row.edits))
        origin = _origin(row.message, known) if kind == "rebase" else None
        key = "" if kind in ("rebase", "best_of") else row.key
        connection.execute(
            sa.text("UPDATE revision SET kind = :kind, origin = :origin, key = :key WHERE number = :number"),
            {"kind": kind, "origin": origin, "key": key, "number": row.number},
        )
        known.add(row.number)
    for row in connection.execute(sa.text("SELECT number, key, message FROM correction")).all():
        edits = [] if row.key else fixes_in(row.message)
        connection.execute(
            sa.text("UPDATE correction SET kind = :kind, edits = :edits WHERE number = :number"),
            {"kind": "transcript" if row.key else "fix", "edits": json.dumps(edits), "number": row.number},
        )


def _kind(author: str, key: str, edits: list[dict[str, Any]]) -> str:
    if key == "carried over":
        return "rebase"
    if author == "director":
        return "plan"
    if author == "critic":
        return "best_of" if key == "best of" else "retake"
    return "aspect" if any(edit.get("do") == "aspect" for edit in edits) else "edit"


def _origin(message: str, known: set[int]) -> int | None:
    found = _REBASED.search(message)
    return int(found[1]) if found and int(found[1]) in known else None


def fixes_in(message: str) -> list[dict[str, Any]]:
    """The fix that a correction's message was written for, as data; none where it is written in another way."""
    page = re.match(r"page (\d+) ", message)
    rest = message[page.end() :] if page else message
    for do, pattern in _FIXES.items():
        found = re.fullmatch(pattern, rest, re.DOTALL)
        if found and (do == "accept" or bool(page) != (do in _OF_CHARACTERS)):
            fields = {name: _value(name, said) for name, said in found.groupdict().items()}
            on = {} if do in _OF_CHARACTERS else {"page": int(page[1]) if page else None}
            return [{"do": do, **on, **fields}]
    return []


def _value(name: str, said: str | None) -> Any:
    if said is None or (name, said) in _NOTHING:
        return None
    return _READERS.get(name, int)(said)


def _quoted(said: str) -> str:
    return re.sub(r"\\(.)", lambda mark: {"n": "\n"}.get(mark[1], mark[1]), said[1:-1])


def _word(said: str) -> str:
    return said[1:-1] if len(said) > 1 and said[0] == said[-1] == '"' else said


_READERS: dict[str, Callable[[str], Any]] = {
    "box": lambda said: [float(edge) for edge in said.split(",")],
    "panels": lambda said: [int(number) for number in said.split()],
    "text": _quoted,
    "at": float,
    **dict.fromkeys(("axis", "kind"), str),
    **dict.fromkeys(("speaker", "character", "name", "into"), _word),
}
