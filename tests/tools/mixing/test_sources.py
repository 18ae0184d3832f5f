"""Test that sounds are read from any place, and that their files are closed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from storage.errors import AudioError
from tests.tools.sounds import pink
from tools.audio import Samples
from tools.audio.files import write_flac
from tools.mixing.sources import OpenSounds


def test_a_file_is_read_in_any_order(tmp_path: Path) -> None:
    sound = pink(2.0)
    write_flac(tmp_path / "a.flac", sound)
    with ExitStack() as stack:
        reader = OpenSounds(stack).reader(tmp_path / "a.flac")
        assert reader.count == len(sound)
        for start, count in ((0, 100), (100, 50), (50_000, 9000), (0, len(sound)), (7, 0)):
            assert np.abs(reader.read(start, count) - sound[start : start + count]).max(initial=0) < 1e-6


def test_a_file_is_opened_once_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    write_flac(path, pink(0.1))
    with ExitStack() as stack:
        opened = OpenSounds(stack)
        first = opened.reader(path)
        assert opened.reader(path) is first
        opened.close(path)
        opened.close(path)
        assert opened.reader(path) is not first
        assert opened.reader(pink(0.1)).count == 4800


def test_samples_are_made_when_they_are_heard_and_let_go_at_their_end() -> None:
    made = list[int]()

    def make() -> Samples:
        made.append(1)
        return pink(0.1)

    with ExitStack() as stack:
        opened = OpenSounds(stack)
        assert not made
        first = opened.reader(make)
        assert opened.reader(make) is first
        assert (first.count, len(made)) == (4800, 1)
        opened.close(make)
        assert opened.reader(make) is not first
        assert len(made) == 2


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with ExitStack() as stack, pytest.raises(AudioError):
        OpenSounds(stack).reader(tmp_path / "none.flac")
