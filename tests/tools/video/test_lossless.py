"""Test that lossless clips return exactly the frames that were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import KomadoriError
from tools.video import lossless


def test_frames_come_back_as_they_were_and_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    frames = np.random.default_rng(2).integers(0, 256, (5, 35, 47, 3)).astype(np.uint8)
    for name in ("a.mkv", "b.mkv"):
        lossless.write_lossless(frames, rate=8.0, path=tmp_path / name)
    assert (lossless.read_lossless(tmp_path / "a.mkv") == frames).all()
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()


def test_a_damaged_clip_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.mkv").write_bytes(b"nothing")
    with pytest.raises(KomadoriError, match=r"torn\.mkv"):
        lossless.read_lossless(tmp_path / "torn.mkv")
