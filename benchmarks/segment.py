"""Compare the filming of a 1920 x 1080 segment with the bare encoder and with moviepy's resizing."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.books import page, panels
from benchmarks.rows import BenchmarkRow, time_interleaved
from storage.domain import Box, CameraKey, Panel, VideoFormat
from tools.animate.still import Backend as Still
from tools.clean.classic import Backend as Classic
from tools.composite import Layer
from tools.composite.camera import Backend as Camera
from tools.outpaint.extend import Backend as Extend
from tools.plates import Image, Plate
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path

SCREEN, FRAMES, CRF, PRESET, ROUNDS = VideoFormat(), 60, 18, "veryfast", 3
SECONDS = float(FRAMES / SCREEN.fps)


def rows() -> list[BenchmarkRow]:
    """Film one shot, a slow push-in, in three ways, in turns."""
    plate, camera = scene()
    frame = Camera().compose(
        [Layer(Still().animate(plate, seconds=SECONDS, prompt="", references=(), seed=0))],
        camera, ease="in-out", seconds=SECONDS, screen=SCREEN,
    )  # fmt: skip
    ready = [frame(i / (FRAMES - 1)) for i in range(FRAMES)]
    with tempfile.TemporaryDirectory() as room:
        target = Path(room) / "film.mp4"
        ways: dict[str, Callable[[], object]] = {
            "segment": lambda: _segment(plate, camera, target),
            "encoder": lambda: _encoder_alone(ready, target),
            "moviepy": lambda: _moviepy(plate, camera, target),
        }
        taken = time_interleaved(ways, ROUNDS)
    ours, floor, theirs = taken["segment"], taken["encoder"], taken["moviepy"]
    return [
        BenchmarkRow("segment at 1080p", f"{FRAMES / ours:.1f} frames/s"),
        BenchmarkRow("  against the encoder alone", f"{floor / ours:.2f} x", ">= 0.80", floor / ours >= 0.80),
        BenchmarkRow("  against moviepy's Resize", f"{theirs / ours:.1f} x faster", ">= 3", theirs / ours >= 3),
    ]


def scene() -> tuple[Plate, Sequence[CameraKey]]:
    """Return the plate of a drawn panel, continued, and a camera that pushes in by 8 %."""
    box = panels()[0]
    cutout = Classic().clean(
        page(1), Panel(id="p", order=0, box=box), others=(), balloons=(), remove=frozenset({"frame", "slivers"})
    )
    wide = _with_box(box, 1.0)
    plate = Extend().outpaint([cutout], wide, revealed=1, fill="auto", prompt="", references=(), seed=0)
    return plate, [CameraKey(t=0, box=wide), CameraKey(t=1, box=_with_box(box, 1.08))]


def _with_box(box: Box, zoom: float) -> Box:
    """Return the box of the film's aspect around `box`, smaller by the factor `zoom`."""
    (x, y), height = box.center, max(box.height, box.width / SCREEN.aspect) * 1.05 / zoom
    return Box(x - height * SCREEN.aspect / 2, y - height / 2, x + height * SCREEN.aspect / 2, y + height / 2)


def _segment(plate: Plate, camera: Sequence[CameraKey], target: Path) -> None:
    """Prepare the picture, film it and encode it."""
    motion = Still().animate(plate, seconds=SECONDS, prompt="", references=(), seed=0)
    frame = Camera().compose([Layer(motion)], camera, ease="in-out", seconds=SECONDS, screen=SCREEN)
    clips.write_segment(frame, frames=FRAMES, screen=SCREEN, path=target, crf=CRF, preset=PRESET)


def _encoder_alone(ready: Sequence[Image], target: Path) -> None:
    """Encode the same frames, already made, with the same encoder."""
    command = [
        ffmpeg_path(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{SCREEN.width}x{SCREEN.height}", "-r", str(SCREEN.fps), "-i", "-", "-c:v", "libx264", "-preset", PRESET,
        *clips.encoder_options(SCREEN, CRF), "-threads", str(clips.THREADS), str(target),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for picture in ready:
            encoder.stdin.write(picture.data)


def _moviepy(plate: Plate, camera: Sequence[CameraKey], target: Path) -> None:
    """Make the same move as moviepy's tutorials do: ImageClip, Resize with a function, CompositeVideoClip."""
    from moviepy import CompositeVideoClip, ImageClip, vfx

    seconds = SECONDS
    fill, zoom = SCREEN.width / plate.pixels.shape[1], camera[0].box.width / camera[-1].box.width
    moved = ImageClip(plate.pixels, duration=seconds).with_effects(
        [vfx.Resize(lambda t: fill * (1 + (zoom - 1) * t / seconds))]
    )
    film = CompositeVideoClip([moved.with_position("center")], size=(SCREEN.width, SCREEN.height))
    film.write_videofile(
        str(target), fps=SCREEN.fps, codec="libx264", preset=PRESET, audio=False, threads=clips.THREADS,
        ffmpeg_params=["-crf", str(CRF)], logger=None,
    )  # fmt: skip
