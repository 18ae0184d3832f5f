"""Decide which destructive edits of a language model need a confirmation by the person.

Such edits are applied at once only if the message names the very same shots, has a verb of that kind and denies
nothing. Everything else, in any language, is asked about first, because a needless question costs no more than a "yes".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import corrections
from agents.conversation import shot_table
from agents.editing import DESTRUCTIVE, Drop, Merge, Plan, Reading, Unlock, grammar
from agents.editing.selectors import MAX_DIGITS
from agents.language import parser

_VERBS: tuple[tuple[tuple[type, ...], frozenset[str]], ...] = (
    ((Drop, corrections.DeletePanel, corrections.DeleteBalloon), frozenset(("DROP", "OUT", "AWAY"))),
    ((Merge, corrections.MergePanels, corrections.MergeCharacters), frozenset(("MERGE", "TOGETHER", "SAME"))),
    ((Unlock,), frozenset(("UNLOCK",))),
)
"""The terminals of agents/language/sentence.lark that ask for each kind of edit; other edits need no verb."""
_SPAN = re.compile(r"\bs?(\d+)\s*(?:-|–|to|through|until|bis|à|a|から|〜|~)\s*s?(\d+)\b")


def unasked_edits(edits: Sequence[Plan | Reading], message: str) -> list[Plan | Reading]:
    """Return the destructive edits that the message did not clearly ask for."""
    destructive = [edit for edit in edits if isinstance(edit, DESTRUCTIVE)]
    lowered = message.lower()
    named = _numbers_in([grammar.format_edit(edit) for edit in destructive])
    is_named = named == _numbers_in([lowered]) and not parser.is_denied(message)
    return [edit for edit in destructive if not (is_named and _is_asked_for(edit, lowered))]


def _is_asked_for(edit: Plan | Reading, message: str) -> bool:
    """Return whether a message has a verb for an edit, and the characters that the edit names."""
    verbs = next((verbs for kinds, verbs in _VERBS if isinstance(edit, kinds)), None)
    is_asked = verbs is None or not verbs.isdisjoint(parser.terminals_in(message))
    characters = [str(getattr(edit, name)).lower() for name in ("character", "into") if hasattr(edit, name)]
    named = characters or _numbers_in([grammar.format_edit(edit)])
    return bool(named) and is_asked and all(name in message for name in characters)


@dataclass(frozen=True)
class _Numbers:
    """The numbers in texts: sorted spans that neither touch nor overlap, and names such as 7b.

    A span is never listed number by number, however long it is: 3-6 equals 3, 4, 5 and 6, but not 3 and 6.
    """

    spans: tuple[tuple[int, int], ...]
    names: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.spans or self.names)


def _numbers_in(texts: Sequence[str]) -> _Numbers:
    names = set().union(*(shot_table.mentioned_numbers(text.replace(":", " ")) for text in texts))
    spans = [(int(name), int(name)) for name in names if _is_number(name)]
    for text in texts:
        ends = [sorted(map(int, found)) for found in _SPAN.findall(text) if all(map(_is_number, found))]
        spans += [(first, last) for first, last in ends]
    joined: list[tuple[int, int]] = []
    for span in sorted(spans):
        if joined and span[0] <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], span[1])
        else:
            joined.append(span)
    return _Numbers(tuple(joined), frozenset(name for name in names if not _is_number(name)))


def _is_number(name: str) -> bool:
    return name.isdecimal() and len(name) <= MAX_DIGITS
