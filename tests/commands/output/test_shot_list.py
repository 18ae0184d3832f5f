"""Test the list of shots: its width, the shots around those in question, and the state of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from commands.output import shot_list
from main import main
from storage.library import Library


def printed(what: RenderableType, width: int) -> list[str]:
    paper = Console(width=width, color_system=None, highlight=False)
    with paper.capture() as said:
        paper.print(what)
    return [line.rstrip() for line in said.get().splitlines()]


@pytest.fixture
def shots(filmed: Path) -> shot_list.ShotList:
    folder = filmed / "chapter.komadori"
    assert main(["chat", str(folder), "shot 2 lock; shot 3 seconds 6; shot 5 drop", "--no-film"]) == 0
    with Library.open(folder, readonly=True) as library:
        return shot_list.list_shots(library)


def test_every_shot_is_there_with_its_state_and_what_the_film_comes_to(shots: shot_list.ShotList) -> None:
    head, *rows, foot = printed(shots.full_table(shot_list.NARROW), 80)
    assert head.split() == ["shot", "page", "s", "camera", "state"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4", "6", "7", "8"]
    assert [row[-7:].strip() for row in rows[:3]] == ["take 1", "locked", "to film"]
    assert foot.startswith("  7 shots, 0:")
    assert foot.endswith("; left out: 5")
    assert all(len(row) <= shot_list.NARROW for row in (head, *rows, foot))


def test_a_wider_list_says_what_is_said(shots: shot_list.ShotList) -> None:
    head, first, *_ = printed(shots.full_table(shot_list.NARROW + shot_list.READABLE), 80)
    assert head.endswith("says")
    assert first.endswith("hello there")


SEEN = {"s001": "1 2 3", "s004": "3 4 6", "s008": "6 7 8", "s777": "1 2 3"}


@pytest.mark.parametrize(("meant", "seen"), SEEN.items())
def test_few_rows_are_those_around_the_shot_that_is_meant(shots: shot_list.ShotList, meant: str, seen: str) -> None:
    _, *rows, foot = printed(shots.window_around([meant], shot_list.NARROW, 5), 80)
    assert [row[1:].split()[0] for row in rows] == seen.split()
    assert [row[0] for row in rows].count("›") == (meant != "s777")
    assert foot.startswith("  3 of 7 shots")


def test_only_those_that_are_meant(shots: shot_list.ShotList) -> None:
    assert [row.split()[0] for row in printed(shots.table_of(["s003", "s006"], 80), 80)] == ["shot", "3", "6"]
