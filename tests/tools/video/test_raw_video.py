"""Test how frames reach the encoder: as planes of luma and chroma."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from storage.domain import VideoFormat
from storage.frame_rate import parse_frame_rate
from tools.plates import GreyFrames, Image, Mask
from tools.video import clips, raw_video
from tools.video.ffmpeg import ffmpeg_path

SCREEN = VideoFormat(width=256, height=96, fps=24)
RAMP = np.tile(np.arange(256, dtype=np.uint8), (96, 1))


SCALER = "scale=in_range=pc:out_color_matrix=bt709:out_range=tv,format=yuv420p"


def planes_of(frame: Image | Mask, tmp_path: Path) -> np.ndarray:
    """Return what a film holds of a frame: its planes below each other, encoded without loss."""
    path = tmp_path / "one.mp4"
    with raw_video.RawVideo(path, SCREEN, ["-qp", "0"]) as video:
        assert video.write(frame)
    return run_raw(["-i", str(path)], b"")


def run_raw(source: list[str], data: bytes) -> np.ndarray:
    command = [ffmpeg_path(), "-v", "error", *source, "-f", "rawvideo", "-"]
    made = subprocess.run(command, input=data, capture_output=True, check=True)
    return np.frombuffer(made.stdout, np.uint8).astype(int)


def test_the_planes_of_a_picture_are_those_of_bt_709() -> None:
    """The primaries, black and white have the values that the standard gives them, and so has what lies between."""
    shades = np.linspace(0, 1, 128)[:, None]
    for colour, (cb, cr) in {
        (255, 0, 0): (102, 240), (0, 255, 0): (42, 26), (0, 0, 255): (240, 118), (255, 255, 255): (128, 128),
    }.items():  # fmt: skip
        pixels = np.rint(shades * colour).astype(np.uint8)
        frame = np.repeat(np.repeat(pixels[:, None], 2, 1).reshape(1, 256, 3), 96, 0)
        luma, blue, red = (plane.astype(int) for plane in raw_video.film_planes(frame))
        weight = np.dot(pixels / 255, (0.2126, 0.7152, 0.0722))
        assert np.abs(luma[0, ::2] - (16 + 219 * weight)).max() < 0.7
        assert (blue[0, -1], red[0, -1]) == pytest.approx((cb, cr), abs=1)
        assert np.abs(blue[0] - (128 + (cb - 128) * shades[:, 0])).max() < 1.2
        assert np.abs(red[0] - (128 + (cr - 128) * shades[:, 0])).max() < 1.2


def test_a_film_holds_what_the_scaler_of_ffmpeg_would_have_made_of_its_pictures(tmp_path: Path) -> None:
    """No plane is shifted: of smooth colours no sample is more than one step away."""
    y, x = np.mgrid[:96, :256]
    frame = np.stack([x, 255 - x, y * 2.6], axis=2).astype(np.uint8)
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "256x96", "-i", "-", "-vf", SCALER]
    theirs, ours = run_raw(source, frame.tobytes()), planes_of(frame, tmp_path)
    assert np.abs(ours - theirs).max() <= 1
    assert np.abs(ours - theirs).mean() < 0.2


def test_the_luma_of_every_tone_is_that_of_its_grey_pixel() -> None:
    luma, *chroma = raw_video.film_planes(np.repeat(RAMP[..., None], 3, 2))
    assert (luma == raw_video.LUMA[RAMP]).all()
    assert all((plane == raw_video.NO_COLOUR).all() for plane in chroma)


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


def test_a_held_frame_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[int] = []
    convert = raw_video.film_planes

    def counted(frame: Image | Mask) -> tuple[Mask, ...]:
        converted.append(frame.ndim)
        return convert(frame)

    monkeypatch.setattr(raw_video, "film_planes", counted)
    other = RAMP[::-1, ::-1].copy()
    coloured = np.stack([RAMP, other, RAMP], axis=2)
    for frame in (GreyFrames(lambda t: RAMP if t < 0.5 else other), lambda t: coloured):
        clips.write_segment(frame, frames=20, screen=SCREEN, path=tmp_path / "s.mp4")
        assert clips.probe_clip(tmp_path / "s.mp4").frames == 20
    assert converted == [2, 2, 3]


def test_an_encoder_that_has_stopped_takes_no_frames_and_says_how_many_it_wrote(tmp_path: Path) -> None:
    with raw_video.RawVideo(tmp_path / "s.mp4", SCREEN, ["-no-such-option"]) as video:
        taken = [video.write(RAMP) for _ in range(200)]
    assert not all(taken)
    assert video.count_frames() == 0
    assert "no-such-option" in video.read_log()
