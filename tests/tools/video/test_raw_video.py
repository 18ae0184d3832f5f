"""Test how frames reach the encoder: as RGB, or as luma that was computed here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from storage.domain import VideoFormat
from storage.frame_rate import parse_frame_rate
from tools.plates import GreyFrames
from tools.video import clips, raw_video
from tools.video.ffmpeg import ffmpeg_path

SCREEN = VideoFormat(width=256, height=96, fps=24)
RAMP = np.tile(np.arange(256, dtype=np.uint8), (96, 1))


def test_the_luma_of_every_tone_is_that_of_ffmpeg_s_scaler() -> None:
    command = [ffmpeg_path(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "256x96", "-i", "-"]
    command += ["-vf", "scale=in_range=pc:out_color_matrix=bt709:out_range=tv,format=yuv420p", "-f", "rawvideo", "-"]
    made = subprocess.run(command, input=np.repeat(RAMP[..., None], 3, 2).tobytes(), capture_output=True, check=True)
    planes = np.frombuffer(made.stdout, np.uint8)
    assert (planes[: RAMP.size].reshape(RAMP.shape) == raw_video.LUMA[RAMP]).all()
    assert (planes[RAMP.size :] == raw_video.NO_COLOUR).all()


@pytest.mark.parametrize("rate", ["24", "23.976"])
def test_grey_frames_give_the_same_file_as_their_rgb_pictures(rate: str, tmp_path: Path) -> None:
    """All tones stand beside each other and move, so that a luma that is off by one anywhere is seen."""
    screen = VideoFormat(width=256, height=96, fps=parse_frame_rate(rate))
    grey = GreyFrames(lambda t: np.roll(RAMP, round(t * 90), axis=1))
    files = {}
    for name, frame in (("grey", grey), ("rgb", grey.__call__)):
        clips.write_segment(frame, frames=20, screen=screen, path=tmp_path / f"{name}.mp4", crf=1)
        files[name] = (tmp_path / f"{name}.mp4").read_bytes()
    assert files["grey"] == files["rgb"]


def test_the_luma_of_a_held_frame_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    looked_up = cv2.LUT

    def counted(*arguments: np.ndarray) -> np.ndarray:
        computed.append(1)
        return np.asarray(looked_up(*arguments))

    monkeypatch.setattr(cv2, "LUT", counted)
    other = RAMP[::-1, ::-1].copy()
    clips.write_segment(
        GreyFrames(lambda t: RAMP if t < 0.5 else other), frames=20, screen=SCREEN, path=tmp_path / "s.mp4"
    )
    assert len(computed) == 2
    assert clips.probe_clip(tmp_path / "s.mp4").frames == 20


def test_an_encoder_that_has_stopped_takes_no_frames_and_says_how_many_it_wrote(tmp_path: Path) -> None:
    with raw_video.RawVideo(tmp_path / "s.mp4", SCREEN, ["-no-such-option"], is_grey=True) as video:
        taken = [video.write(RAMP) for _ in range(200)]
    assert not all(taken)
    assert video.count_frames() == 0
    assert "no-such-option" in video.read_log()
