"""Write, join, probe and decode video files with ffmpeg; the only file that imports moviepy."""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage.domain import VideoFormat
from storage.errors import BackendError, KomadoriError, SourceError, StorageError
from tools.pixels import blend
from tools.plates import FrameFunction, Image

_REPRODUCIBLE_OPTIONS = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]
_COLOUR_TAGS = "range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
# Untagged RGB input would be stored as BT.601 and shown as BT.709: reds and greens shift.
_COLOUR_OPTIONS = [
    *("-vf", f"scale=in_range=pc:out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams={_COLOUR_TAGS}"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
]
THREADS = 2
"""Fixed on every machine, because the bytes of the encoded film depend on it."""
SEGMENT_VERSION = 1
"""Increase it when `write_segment` gives other files than before, such as by other options of `encoder_options`.

It is part of the content keys of segments. All segments of a film are then made again: they must fit together.
"""
JOIN_VERSION = 1
"""Increase it when `join_segments` gives another film than before; it is part of the content key of the film."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the film; times in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True)
class ClipFacts:
    """Facts about a video file."""

    width: int
    height: int
    fps: float
    frames: int
    """The number of frames, counted in the stream."""
    seconds: float
    codec: str
    pixel_format: str
    colour: str
    """For example "tv, bt709"; "" if the file does not say."""
    subtitles: int
    """The number of subtitle tracks."""


def ffmpeg_path() -> str:
    """Return the path of ffmpeg: FFMPEG_BINARY from the environment, or the one that comes with imageio-ffmpeg.

    Raises:
        BackendError: FFMPEG_BINARY names no program, or ffmpeg is not installed.
    """
    configured = os.environ.get("FFMPEG_BINARY", "")
    if configured and configured not in ("ffmpeg-imageio", "auto-detect"):
        program = shutil.which(configured)
        if program is None:
            raise BackendError(f"FFMPEG_BINARY names no program: {configured}", "unset it, or give the path of ffmpeg")
        return program
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise BackendError("ffmpeg is not installed", "pip install --force-reinstall imageio-ffmpeg") from error


def encoder_options(screen: VideoFormat, crf: int) -> list[str]:
    """Return the ffmpeg options for segments.

    They are the same for all segments of a film, so that the segments can be joined without encoding them again.

    Args:
        screen: The video format; its frame rate sets the distance of key frames and the time base.
        crf: The constant rate factor of x264; lower is better and larger.

    Returns:
        Arguments for ffmpeg.
    """
    options = [*_COLOUR_OPTIONS, "-crf", str(crf), "-g", str(screen.fps * 10), *_REPRODUCIBLE_OPTIONS]
    return [*options, "-video_track_timescale", str(screen.fps * 512), "-movflags", "+faststart"]


def write_segment(
    frame: FrameFunction, *, frames: int, screen: VideoFormat, path: Path, crf: int = 18, preset: str = "veryfast"
) -> None:
    """Encode frames as a silent H.264 file; the same frames give the same bytes.

    The file appears only when it is complete.

    Args:
        frame: A function from t (0..1) to a frame, (h, w, 3) RGB uint8. Frame i is taken at t = i / (frames - 1).
        frames: The number of frames.
        screen: The video format.
        path: The file to write.
        crf: The constant rate factor of x264; lower is better and larger.
        preset: The preset of x264.

    Raises:
        StorageError: The disk is full, or the file cannot be written.
        BackendError: ffmpeg failed.
    """
    from moviepy import VideoClip
    from moviepy.video.io import ffmpeg_writer

    ffmpeg_writer.FFMPEG_BINARY = ffmpeg_path()  # moviepy itself looks at the environment only once
    last = max(1, frames - 1)
    # half a frame more: moviepy counts int(duration * fps) and would lose the last one to rounding
    clip = VideoClip(lambda t: frame(min(last, round(t * screen.fps)) / last), duration=(frames + 0.5) / screen.fps)
    with _temporary_folder(path) as folder:
        partial = folder / "segment.mp4"
        try:
            clip.write_videofile(
                str(partial), fps=screen.fps, codec="libx264", audio=False, preset=preset, threads=THREADS,
                ffmpeg_params=encoder_options(screen, crf), logger=None, write_logfile=True,
            )  # fmt: skip
        except OSError as error:
            raise _ffmpeg_error(path, _read_log(folder / "segment.mp4.log")) from error
        log = _read_log(folder / "segment.mp4.log")
        written = [int(n) for n in re.findall(r"frame=\s*(\d+)", log)]
        if not partial.exists() or not written or written[-1] != frames:
            raise _ffmpeg_error(path, log)
        _move_into_place(partial, path)


def dissolve_function(before: Image, after: Image) -> FrameFunction:
    """Return a function that dissolves from one picture to another, slowly at both ends (a cosine).

    Args:
        before: The first picture, (h, w, 3) RGB uint8.
        after: The last picture, of the same size.

    Returns:
        A function from t (0..1) to a frame, (h, w, 3) RGB uint8.
    """

    def frame(t: float) -> Image:
        share = 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, t)))
        return blend(before, after, share)

    return frame


def join_segments(
    segments: Sequence[Path], *, path: Path, subtitles: Path | None = None, chapters: Sequence[Chapter] = (),
    title: str = "", comment: str = "", language: str = "und",
) -> None:  # fmt: skip
    """Join segments of one size and rate without encoding them again, with a soft subtitle track and chapters.

    The file appears only when it is complete.

    Args:
        segments: The files to join, in order; all written with the same `encoder_options`.
        path: The film to write.
        subtitles: An .srt file for a subtitle track.
        chapters: The chapters of the film.
        title: The title in the metadata; "" for none.
        comment: A comment in the metadata; "" for none.
        language: The language of the subtitles as ISO 639-2, such as "jpn" or "eng".

    Raises:
        SourceError: There are no segments.
        StorageError: The disk is full, or the file cannot be written.
        BackendError: ffmpeg failed.
    """
    if not segments:
        raise SourceError("there is no segment to join", "animate a book that has at least one page")
    with _temporary_folder(path) as folder:
        (folder / "list.txt").write_text("".join(f"file '{_quote_path(s)}'\n" for s in segments), encoding="utf-8")
        (folder / "facts.txt").write_text(_format_metadata(title, comment, chapters), encoding="utf-8")
        command = ["-f", "concat", "-safe", "0", "-i", str(folder / "list.txt"), "-i", str(folder / "facts.txt")]
        command += ["-i", str(subtitles)] if subtitles else []
        command += ["-map", "0:v", "-c:v", "copy", "-map_metadata", "1", "-map_chapters", "1"]
        if subtitles:
            command += ["-map", "2:s", "-c:s", "mov_text", "-metadata:s:s:0", f"language={language}"]
            command += ["-disposition:s:0", "0"]  # the page's own lettering is in the picture
        partial = folder / "film.mp4"
        # ffmpeg's own choice of timescale overflows on chapters of more than some seconds beside a subtitle track
        command += ["-movie_timescale", "48000", "-fflags", "+bitexact", "-movflags", "+faststart"]
        _run_ffmpeg([*command, str(partial)], path)
        _move_into_place(partial, path)


def probe_clip(path: Path) -> ClipFacts:
    """Return facts about a video file, read from its stream; frames are counted, not decoded.

    Args:
        path: The video file.

    Raises:
        SourceError: The file is no video that can be read.
    """
    process = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-nostdin", "-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "null", "-"],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    log = process.stderr
    stream = re.search(r"Stream #0:\d+.*?: Video: (\w+).*?, (\w+)(?:\(([^)]*)\))?, (\d+)x(\d+)", log)
    rate, counts = re.search(r"([\d.]+) fps", log), re.findall(r"frame=\s*(\d+)", log)
    if process.returncode or stream is None or rate is None or not counts:
        raise SourceError(f"{path.name} is no film that can be read", "make it again")
    frames, fps = int(counts[-1]), float(rate.group(1))
    return ClipFacts(
        width=int(stream.group(4)), height=int(stream.group(5)), fps=fps, frames=frames, seconds=frames / fps,
        codec=stream.group(1), pixel_format=stream.group(2), colour=stream.group(3) or "",
        subtitles=len(re.findall(r"Stream #0:\d+.*?: Subtitle:", log.split("Stream mapping")[0])),
    )  # fmt: skip


def read_frames(path: Path, *, width: int | None = None, every: int = 1) -> Iterator[Image]:
    """Decode the frames of a video file one by one.

    Args:
        path: The video file.
        width: Scale the frames down to at most this width in pixels; None keeps their size.
        every: Decode only every n-th frame, from the first on.

    Yields:
        Frames, (h, w, 3) RGB uint8.

    Raises:
        SourceError: The file is no video that can be read.
    """
    facts = probe_clip(path)
    w = facts.width if width is None else min(width, facts.width)
    h = max(2, round(facts.height * w / facts.width))
    picks = [f"select=not(mod(n\\,{every}))"] if every > 1 else []
    chain = ",".join([*picks, f"scale={w}:{h}:flags=area"])
    command = [
        ffmpeg_path(),
        "-v",
        "error",
        "-nostdin",
        "-threads",
        "1",
        "-i",
        str(path),
        "-map",
        "0:v:0",
        "-vf",
        chain,
    ]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        assert source.stdout is not None
        try:
            while len(data := source.stdout.read(w * h * 3)) == w * h * 3:
                yield np.frombuffer(data, np.uint8).reshape(h, w, 3)
        finally:
            source.stdout.close()
            source.kill()


def read_frame(path: Path, t: float) -> Image:
    """Decode one frame of a video file at full size.

    Args:
        path: The video file.
        t: The moment, as a share of the length from 0 to 1.

    Returns:
        The frame, (h, w, 3) RGB uint8.

    Raises:
        SourceError: The file is no video, or has no such frame.
    """
    facts = probe_clip(path)
    index = round(min(1.0, max(0.0, t)) * (facts.frames - 1))
    command = [ffmpeg_path(), "-v", "error", "-nostdin", "-ss", f"{max(0.0, (index - 0.5) / facts.fps):.6f}"]
    command += ["-i", str(path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, capture_output=True, check=False).stdout
    if len(data) != facts.width * facts.height * 3:
        raise SourceError(f"{path.name} has no frame at {t:.2f} of its length", "make it again")
    return np.frombuffer(data, np.uint8).reshape(facts.height, facts.width, 3)


def _format_metadata(title: str, comment: str, chapters: Sequence[Chapter]) -> str:
    """Return title, comment and chapters in ffmpeg's metadata format."""
    entries = {"title": title, "comment": comment}
    lines = [";FFMETADATA1", *(f"{name}={_escape_metadata(text)}" for name, text in entries.items() if text)]
    for chapter in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(chapter.start * 1000)}"]
        lines += [f"END={round(chapter.end * 1000)}", f"title={_escape_metadata(chapter.title)}"]
    return "\n".join(lines) + "\n"


def _escape_metadata(text: str) -> str:
    return re.sub(r"([=;#\\])", r"\\\1", " ".join(text.split()))


def _quote_path(path: Path) -> str:
    return str(path.resolve()).replace("'", "'\\''")


@contextmanager
def _temporary_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; it is removed afterwards, and so are leftovers of a killed run before."""
    folder = path.with_name(f".{path.name}.part")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise _unwritable_error(path, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move_into_place(part: Path, path: Path) -> None:
    try:
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except OSError as error:
        raise _unwritable_error(path, error) from error


def _run_ffmpeg(arguments: Sequence[str], path: Path) -> None:
    """Run ffmpeg to make `path`."""
    process = subprocess.run(
        [ffmpeg_path(), "-y", "-v", "warning", "-nostdin", *arguments],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if process.returncode:
        raise _ffmpeg_error(path, process.stderr)


def _read_log(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _unwritable_error(path: Path, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full_error(path)
    return StorageError(f"{path} cannot be written: {error.strerror}", "choose a folder that can be written")


def _disk_full_error(path: Path) -> StorageError:
    return StorageError(f"the disk is full: {path.name} could not be written", f"free space under {path.parent}")


def _ffmpeg_error(path: Path, log: str) -> KomadoriError:
    """Return the error that fits the log of ffmpeg and the state of the disk."""
    if "No space left" in log or "File too large" in log or _free_bytes(path) < 2_000_000:
        return _disk_full_error(path)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    faults = [line for line in lines if re.search("error|invalid|failed", line, re.IGNORECASE)] or lines
    return BackendError(
        f"ffmpeg failed on {path.name}: {faults[-1] if faults else 'it said nothing'}",
        "unset FFMPEG_BINARY, or pip install --force-reinstall imageio-ffmpeg",
    )


def _free_bytes(path: Path) -> int:
    """Return the free bytes on the disk of `path`."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return sys.maxsize
