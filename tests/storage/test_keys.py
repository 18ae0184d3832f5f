"""Test that equal questions have equal content keys on every run and machine, and different ones have others."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from storage.frame_rate import parse_frame_rate
from storage.keys import content_key
from tests.storage.conftest import HOUSE


def random_value(luck: random.Random, depth: int = 3) -> object:
    leaves = [None, True, False, luck.randrange(-9, 9), luck.random() * 100, luck.choice(["", "a", "駒", "\ud800"])]
    if depth == 0:
        return luck.choice(leaves)
    kind = luck.randrange(5)
    if kind == 0:
        return {f"n{n}": random_value(luck, depth - 1) for n in range(luck.randrange(4))}
    if kind == 1:
        return [random_value(luck, depth - 1) for _ in range(luck.randrange(4))]
    if kind == 2:
        return {luck.randrange(100) for _ in range(luck.randrange(4))}
    if kind == 3:
        return VideoFormat(width=luck.randrange(2, 4000), height=2)
    return luck.choice(leaves)


def rearranged(value: object, luck: random.Random) -> object:
    """Return an equal value with another order or type of its parts."""
    if isinstance(value, dict):
        names = list(value)
        luck.shuffle(names)
        return {name: rearranged(value[name], luck) for name in names}
    if isinstance(value, list):
        return tuple(rearranged(inner, luck) for inner in value)
    if isinstance(value, set):
        inner = list(value)
        luck.shuffle(inner)
        return frozenset(inner)
    if isinstance(value, VideoFormat):
        return value.model_dump()
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def test_a_question_written_in_another_way_has_the_same_key() -> None:
    luck = random.Random(7)
    for _ in range(500):
        value = random_value(luck)
        assert content_key("t", "b", 1, value=value) == content_key("t", "b", 1, value=rearranged(value, luck)), value


def test_whole_frame_rates_keep_the_keys_that_they_had_and_exact_ones_have_their_own() -> None:
    key = content_key("composite", "camera", 1, screen=VideoFormat())
    assert key == content_key("composite", "camera", 1, screen={"width": 1920, "height": 1080, "fps": 24})
    assert key == content_key("composite", "camera", 1, screen=VideoFormat(fps=Fraction(24)))
    keys = {
        content_key("composite", "camera", 1, screen=VideoFormat(fps=parse_frame_rate(fps)))
        for fps in (24, "23.976", "29.97", 30)
    }
    assert len(keys) == 4
    assert content_key("t", "b", 1, rate=Fraction(30000, 1001)) == content_key("t", "b", 1, rate="30000/1001")


def test_different_questions_have_different_keys() -> None:
    questions = [
        content_key("clean", "classic", 1, seed=1),
        content_key("clean", "classic", 2, seed=1),
        content_key("clean", "other", 1, seed=1),
        content_key("animate", "classic", 1, seed=1),
        content_key("clean", "classic", 1, seed=2),
        content_key("clean", "classic", 1, seed="1"),
        content_key("clean", "classic", 1, seed=True),
        content_key("clean", "classic", 1, seed=None),
        content_key("clean", "classic", 1, seed=[1]),
        content_key("clean", "classic", 1, seed={"seed": 1}),
        content_key("clean", "classic", 1, seed=1.0000000000000002),
        content_key("clean", "classic", 1, sead=1),
        content_key("clean", "classic", 1),
    ]
    assert len(set(questions)) == len(questions)


def test_a_key_of_last_year_is_a_key_of_today() -> None:
    box = CameraKey(t=0.1, box=Box(0, 1.5, 2e30, 3))
    key = content_key("composite", "camera", 3, camera=(box,), ease="in-out", lines={"b", "a"}, none=None)
    assert key == "70b821dcc7958d2a041f9d6121dba7c6c2182939fad03af7602a1999db47ecee"


def test_the_key_does_not_hang_on_the_process(tmp_path: Path) -> None:
    program = "from storage.keys import content_key; print(content_key('t', 'b', 1, names={'a', 'b', 'c', 'd'}))"
    keys = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=HOUSE,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    "part",
    [b"bytes", Path("/a"), object(), float("nan"), float("inf"), {1: 2}, np.float32(1), np.zeros(2), 1j],
    ids=lambda part: type(part).__name__,
)
def test_what_has_no_lasting_text_is_refused(part: object) -> None:
    with pytest.raises(TypeError, match="content key"):
        content_key("t", "b", 1, part=part)


def test_a_float_of_numpy_is_that_float() -> None:
    assert content_key("t", "b", 1, part=np.float64(0.1)) == content_key("t", "b", 1, part=0.1)
