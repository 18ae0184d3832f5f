"""Test which destructive edits are applied at once, and which need a confirmation."""

from __future__ import annotations

import pytest

from agents.conversation.confirmation import unasked_edits
from agents.editing import grammar


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("please leave out shots 2 and 3", "shots 2, 3 drop"),
        ("drop shots 3 to 6", "shots 3-6 drop"),
        ("lösch bitte Shot 7", "shot 7 drop"),
        ("ショット 7 を削除して", "shot 7 drop"),
        ("merge shots 4 and 5", "shots 4-5 merge"),
        ("the kid is the same person as mika", "merge kid into mika"),
        ("kid は mika と同一人物です", "merge kid into mika"),
        ("kid と mika は同じ人物だよ", "merge kid into mika"),
        ("delete balloon 5 on page 3", "page 3 delete balloon 5"),
        ("I want 9:16", "film aspect 9:16"),
        ("everything slower, and shot 3 to 5 seconds", "all shots slower"),
    ],
)
def test_what_was_asked_for_in_so_many_words_is_done(message: str, line: str) -> None:
    assert not unasked_edits([grammar.parse_line(line)], message)


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ("shots 3 and 6 are dull, give them less time", ["shots 3-6 drop"]),
        ("drop shots 3 and 6", ["shots 3-6 drop"]),
        ("make shot 7 last 3 seconds", ["shot 3 drop"]),
        ("shot 7 is too long", ["shot 7 drop"]),
        ("do not drop shot 5", ["shot 5 drop"]),
        ("drop everything but shot 5", ["shot 5 drop"]),
        ("lose the boring ones", ["all shots drop"]),
        ("drop shot 3", ["shot 3 drop", "shot 4 drop"]),
        ("drop shot 3", ["shot 3 unlock", "shot 3 drop"]),
        ("shot 4 slower", ["shot 4 unlock", "shot 4 slower"]),
        ("mika is called Mika Sato", ["merge kid into mika"]),
    ],
)
def test_what_was_not_is_asked_about(message: str, lines: list[str]) -> None:
    assert unasked_edits([grammar.parse_line(line) for line in lines], message)
