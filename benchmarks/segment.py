"""Compare the filming of a 1920 x 1080 segment with the bare encoder and with moviepy's resizing."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.books import page, panels
from benchmarks.rows import BenchmarkRow, time_interleaved, used_seconds_of
from storage.domain import Box, CameraKey, Panel, VideoFormat
from tools.animate.still import Backend as Still
from tools.clean.classic import Backend as Classic
from tools.composite import Layer
from tools.composite.camera import Backend as Camera
from tools.outpaint.extend import Backend as Extend
from tools.pixels import as_image
from tools.plates import Image, Plate
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path

SCREEN, FRAMES, CRF, PRESET, ROUNDS = VideoFormat(), 60, 18, "veryfast", 5
SECONDS = float(FRAMES / SCREEN.fps)
BOUND, COLOUR_BOUND = 1.00, 0.92
"""Least share of the encoder's own speed, in processor seconds: a busy machine hardly changes it."""
SCALER = "scale=in_range=pc:out_color_matrix=bt709:out_range=tv,format=yuv420p"
"""How ffmpeg alone makes the planes of a film of RGB pictures."""
TINT = (1.0, 0.85, 0.7)
"""What makes a picture in colour of a grey one."""


def rows() -> list[BenchmarkRow]:
    """Film one shot, a slow push-in, in three ways, in turns; then the same shot in colour."""
    plate, camera = scene()
    tinted = replace(plate, pixels=as_image(plate.pixels * np.array(TINT, np.float32)))
    with tempfile.TemporaryDirectory() as room:
        target = Path(room) / "film.mp4"
        grey, colour = _ways(plate, camera, target), _ways(tinted, camera, target)
        grey["moviepy"] = lambda: _moviepy(plate, camera, target)
        used = time_interleaved(grey, ROUNDS, used_seconds_of)
        used_in_colour = time_interleaved(colour, ROUNDS, used_seconds_of)
        taken = time_interleaved({name: grey[name] for name in ("segment", "moviepy")}, ROUNDS)
    ours, theirs = taken["segment"], taken["moviepy"]
    share, colour_share = (how["encoder"] / how["segment"] for how in (used, used_in_colour))
    return [
        BenchmarkRow("segment at 1080p", f"{FRAMES / ours:.1f} frames/s"),
        BenchmarkRow("  against the encoder alone", f"{share:.2f} x", f">= {BOUND}", share >= BOUND),
        BenchmarkRow(
            "  the same in colour", f"{colour_share:.2f} x", f">= {COLOUR_BOUND}", colour_share >= COLOUR_BOUND
        ),
        BenchmarkRow("  against moviepy's Resize", f"{theirs / ours:.1f} x faster", ">= 3", theirs / ours >= 3),
    ]


def _ways(plate: Plate, camera: Sequence[CameraKey], target: Path) -> dict[str, Callable[[], object]]:
    """Return how a shot is filmed, and how its frames are encoded that are RGB pictures already."""
    motion = Still().animate(plate, seconds=SECONDS, prompt="", references=(), seed=0)
    frame = Camera().compose([Layer(motion)], camera, ease="in-out", seconds=SECONDS, screen=SCREEN)
    ready = [frame(i / (FRAMES - 1)) for i in range(FRAMES)]
    return {
        "segment": lambda: _segment(plate, camera, target),
        "encoder": lambda: _encoder_alone(ready, target),
    }


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
    """Encode the same frames, already made, with the same encoder; ffmpeg makes their planes."""
    options = clips.encoder_options(SCREEN, CRF)
    options[1] = f"{SCALER},{options[1]}"
    command = [
        ffmpeg_path(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{SCREEN.width}x{SCREEN.height}", "-r", str(SCREEN.fps), "-i", "-", "-c:v", "libx264", "-preset", PRESET,
        *options, "-threads", str(clips.THREADS), str(target),
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
