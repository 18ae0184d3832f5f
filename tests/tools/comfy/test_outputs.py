"""Test that whatever a workflow saved becomes frames of one size, and that damaged files are refused."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from storage.errors import ServerError
from tests.tools.comfy.comfy_server import png_bytes
from tests.tools.drawings import lines
from tools.comfy import outputs


def animation(kind: str, count: int = 3) -> bytes:
    pictures = [PIL.Image.fromarray(np.full((20, 30, 3), 60 * n, np.uint8)) for n in range(count)]
    written = io.BytesIO()
    pictures[0].save(written, kind, save_all=True, append_images=pictures[1:])
    return written.getvalue()


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "PNG"])
def test_an_animated_picture_has_all_its_frames(kind: str) -> None:
    frames, rate = outputs.decode_frames([animation(kind)], (60, 40))
    assert (frames.shape, rate) == ((3, 40, 60, 3), None)
    assert [round(float(frame.mean()) / 60) for frame in frames] == [0, 1, 2]


def test_single_pictures_are_frames_in_their_order() -> None:
    frames, _ = outputs.decode_frames([png_bytes(np.full((9, 9, 3), 90 * n, np.uint8)) for n in range(3)], (9, 9))
    assert [int(frame[0, 0, 0]) for frame in frames] == [0, 90, 180]


def test_an_endless_animation_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MAX_FRAMES", 2)
    assert len(outputs.decode_frames([animation("GIF", 5)], (8, 8))[0]) == 2


@pytest.mark.parametrize(
    "data", [b"", b"no film", png_bytes(lines(30, 30))[:60], animation("WEBP")[:80], b"\x1aE\xdf\xa3" + bytes(200)]
)
def test_what_cannot_be_decoded_is_the_server_s_fault(data: bytes) -> None:
    with pytest.raises(ServerError) as caught:
        outputs.decode_frames([data], (8, 8))
    assert caught.value.reason == "broken"
    with pytest.raises(ServerError):
        outputs.decode_picture([data])
