"""Test which command lines are accepted or refused, and with which hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.cli.arguments import parse
from storage.errors import SettingsError


def test_words_become_options() -> None:
    given = parse(["animate", "a.png", "b.png", "-o", "film.mp4", "--height", "720", "--fps", "12", "--approve"])
    assert (given.source, given.output) == ([Path("a.png"), Path("b.png")], Path("film.mp4"))
    assert (given.height, given.fps, given.approve, given.dry_run, given.aspect) == (720, 12, True, False, None)
    given = parse(["export", "p", "film", "srt", "-o", "out"])
    assert (given.project, given.what, given.output) == (Path("p"), ["film", "srt"], Path("out"))


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("animate", "SOURCE"), ("animate x --fps 11", "12 to 60"), ("animate x --fps 61", "12 to 60"),
        ("animate x --height ١٢٠", "height"), ("animate x --height -3", "height"), ("animate x --order up", "up"),
        ("retake p", "SHOT"), ("retake p s001 --seed x", "seed"), ("show", "WHAT"), ("show shoes p", "shoes"),
        ("export p film", "-o"), ("export p -o out", "WHAT"), ("dance", "dance"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_the_way_to_help(words: str, word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(words.split())
    assert word in refused.value.what
    command = words.partition(" ")[0].replace("dance", "")
    assert refused.value.hint == f"see: {f'main.py {command}'.strip()} --help"
