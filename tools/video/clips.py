"""Write, join, probe and decode video files with ffmpeg; the only file that imports moviepy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np

from storage.domain import VideoFormat
from storage.errors import SourceError
from storage.files import part_path
from storage.frame_rate import FrameRate, parse_frame_rate
from tools.plates import FrameFunction, GreyFrames, Image
from tools.video.ffmpeg import ffmpeg_error, ffmpeg_path, file_argument, run_ffmpeg, unwritable_error
from tools.video.raw_video import RawVideo

_REPRODUCIBLE_OPTIONS = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]
# players show a film without tags as BT.601 where it is small: reds and greens shift
_TAGGED = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
_COLOUR_OPTIONS = [
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
]
THREADS = 1
"""Threads of x264, the same on every machine, because its output depends on their number.

With two threads on a busy machine, the same 28 frames gave another file in 17 of 150 runs (one pixel of a P frame, and
what follows from it); with one thread, 300 of 300 files were equal. One thread also takes a seventh less processor
time for a frame (measured at 1080p), and the workers film one shot on each core anyway.
"""
_MILLISECONDS = 1000
"""The time base of Matroska files, too coarse for most frame rates."""
_FINE_TIMESCALE = 10_000
"""Ticks per second from which a time base needs no further division."""
SEGMENT_VERSION = 3
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
    fps: FrameRate
    """Frames per second; exact, except in Matroska files, which hold times in milliseconds."""
    frames: int
    """The number of frames, counted in the stream."""
    seconds: float
    codec: str
    pixel_format: str
    colour: str
    """For example "tv, bt709"; "" if the file does not say."""
    subtitles: int
    """The number of subtitle tracks."""


def encoder_options(screen: VideoFormat, crf: int) -> list[str]:
    """Return the ffmpeg options for segments.

    They are the same for all segments of a film, so that the segments can be joined without encoding them again.

    Args:
        screen: The video format; its frame rate sets the distance of key frames and the time base.
        crf: The constant rate factor of x264; lower is better and larger.

    Returns:
        Arguments for ffmpeg.
    """
    rate = Fraction(screen.fps)
    # whatever rate ffmpeg takes a broken one for, frames get their times as they are counted
    exact = [] if rate.denominator == 1 else [f"settb={rate.denominator}/{rate.numerator}", "setpts=N"]
    options = [
        "-vf",
        ",".join([*exact, _TAGGED]),
        *_COLOUR_OPTIONS,
        "-crf",
        str(crf),
        "-g",
        str(round(rate * 10)),
    ]
    options += ["-r", f"{rate.numerator}/{rate.denominator}"] if exact else []
    ticks = 1 if rate.numerator >= _FINE_TIMESCALE else 512
    options += [*_REPRODUCIBLE_OPTIONS, "-video_track_timescale", str(rate.numerator * ticks)]
    return [*options, "-movflags", "+faststart"]


def write_segment(
    frame: FrameFunction, *, frames: int, screen: VideoFormat, path: Path, crf: int = 18, preset: str = "veryfast"
) -> None:
    """Encode frames as a silent H.264 file; the same frames give the same bytes.

    The file appears only when it is complete.

    Args:
        frame: A function from t (0..1) to a frame, (h, w, 3) RGB uint8. Frame i is taken at t = i / (frames - 1).
            `GreyFrames` give the same file in less time. An array that is returned again must be as it was.
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

    picture = frame.tones if isinstance(frame, GreyFrames) else frame
    last, fps = max(1, frames - 1), float(screen.fps)
    # half a frame more: moviepy counts int(duration * fps) and would lose the last one to rounding
    clip = VideoClip(lambda t: picture(min(last, round(t * fps)) / last), duration=(frames + 0.5) / fps)
    options = ["-preset", preset, *encoder_options(screen, crf), "-threads", str(THREADS)]
    with _temporary_folder(path) as folder:
        partial = folder / "segment.mp4"
        with RawVideo(partial, screen, options) as video:
            all(video.write(shown) for shown in clip.iter_frames(fps=fps, dtype="uint8"))
        if not partial.exists() or video.count_frames() != frames:
            raise ffmpeg_error(path, video.read_log())
        _move_into_place(partial, path)


_NOTHING_DECODED = "option codec_whitelist none\noption probesize 32\n"
"""What a list of files says below each: ffmpeg would decode the first frames of a file to guess what its header says,
which takes 20 ms of processor time for a file of 1920x1080."""


def join_segments(
    segments: Sequence[Path], *, path: Path, subtitles: Path | None = None, chapters: Sequence[Chapter] = (),
    title: str = "", comment: str = "", language: str = "und", rate: FrameRate = 24, poster: Path | None = None,
    audio: Path | None = None,
) -> None:  # fmt: skip
    """Join segments of one size and rate without encoding them again, with sound, subtitles, chapters and a cover.

    The file appears only when it is complete.

    Args:
        segments: The files to join, in order; all written with the same `encoder_options`.
        path: The film to write.
        subtitles: An .srt file for a subtitle track.
        chapters: The chapters of the film.
        title: The title in the metadata; "" for none.
        comment: A comment in the metadata; "" for none.
        language: The language of the subtitles as ISO 639-2, such as "jpn" or "eng".
        rate: The frame rate of the segments. Any whole one will do for every other whole one.
        poster: A JPEG that players and file managers show for the film; None for none.
        audio: An AAC track as long as the segments together, which is not encoded again; None for a silent film.

    Raises:
        SourceError: There are no segments.
        StorageError: The disk is full, or the file cannot be written.
        BackendError: ffmpeg failed.
    """
    if not segments:
        raise SourceError("there is no segment to join", "animate a book that has at least one page")
    with _temporary_folder(path) as folder:
        # a list cannot hold every name, so that it names links beside it, and ffmpeg works in their folder
        names = _link_files(segments, folder)
        listed = "".join(f"file '{name}'\n{_NOTHING_DECODED}" for name in names)
        (folder / "list.txt").write_text(listed, encoding="utf-8")
        (folder / "facts.txt").write_text(
            _format_metadata(title, comment, chapters), encoding="utf-8", errors="replace"
        )
        command = ["-f", "concat", "-safe", "0", "-i", "list.txt", "-i", "facts.txt"]
        inputs = [file for file in (subtitles, poster, audio) if file]
        command += [argument for file in inputs for argument in ("-i", file_argument(file))]
        command += ["-map", "0:v", "-c:v", "copy", "-map_metadata", "1", "-map_chapters", "1"]
        command += _exact_times(rate)
        if audio:
            command += ["-map", f"{2 + inputs.index(audio)}:a", "-c:a", "copy"]
            command += ["-metadata:s:a:0", f"language={language}"]
        if subtitles:
            command += ["-map", "2:s", "-c:s", "mov_text", "-metadata:s:s:0", f"language={language}"]
            command += ["-disposition:s:0", "0"]  # the page's own lettering is in the picture
        if poster:
            command += ["-map", f"{2 + inputs.index(poster)}:v", "-disposition:v:1", "attached_pic"]
        partial = folder / "film.mp4"
        # ffmpeg's own choice of timescale overflows on chapters of more than some seconds beside a subtitle track
        command += ["-movie_timescale", "48000", "-fflags", "+bitexact", "-movflags", "+faststart"]
        run_ffmpeg([*command, partial.name], path, folder=folder)
        _move_into_place(partial, path)


def probe_clip(path: Path) -> ClipFacts:
    """Return facts about a video file, read from its stream; frames are counted, not decoded.

    Args:
        path: The video file.

    Raises:
        SourceError: The file is no video that can be read.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise SourceError(f"{path.name} is no film that can be read", "make it again") from error
    return _probe(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1024)
def _probe(path: Path, _modified_ns: int, _size: int) -> ClipFacts:
    """Probe a file once as long as it is not written again: measures and previews ask for the same clip many times."""
    command = [ffmpeg_path(), "-hide_banner", "-nostdin", "-i", file_argument(path), "-map", "0:v:0", "-c", "copy"]
    process = subprocess.run(
        [*command, "-f", "framecrc", "-"], capture_output=True, text=True, errors="replace", check=False
    )
    log = process.stderr
    stream = re.search(r"Stream #0:\d+.*?: Video: (\w+).*?, (\w+)(?:\(([^)]*)\))?, (\d+)x(\d+)", log)
    base = re.search(r"^#tb 0: (\d+)/(\d+)$", process.stdout, re.MULTILINE)
    durations = [int(line.split(",")[3]) for line in process.stdout.splitlines() if line.startswith("0,")]
    if process.returncode or stream is None or base is None or not durations:
        raise SourceError(f"{path.name} is no film that can be read", "make it again")
    fps = _frame_rate(Fraction(int(base[1]), int(base[2])), durations, log)
    if fps is None:
        raise SourceError(f"{path.name} does not say its frame rate", "make it again")
    return ClipFacts(
        width=int(stream.group(4)), height=int(stream.group(5)), fps=fps, frames=len(durations),
        seconds=float(len(durations) / fps),
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
        file_argument(path),
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
    command += ["-i", file_argument(path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
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


def _link_files(files: Sequence[Path], folder: Path) -> list[str]:
    """Give files short plain names in `folder`, as links or, where the disk knows none, as copies; return the names."""
    names = {file: str(number) for number, file in enumerate(files)}
    for file, name in names.items():
        try:
            os.link(file, folder / name)
        except OSError:
            shutil.copyfile(file, folder / name)
    return [names[file] for file in files]


def _exact_times(rate: FrameRate) -> list[str]:
    """Return options that move copied frames to whole multiples of a frame.

    Lengths of segments are rounded to microseconds when they are joined. Only whole rates have time bases in which that
    never shows.
    """
    if isinstance(rate, int):
        return []
    frame = f"({rate.denominator}/({rate.numerator}*TB))"
    return ["-bsf:v", f"setts=pts=round(PTS/{frame})*{frame}:dts=round(DTS/{frame})*{frame}"]


def _frame_rate(base: Fraction, durations: Sequence[int], log: str) -> FrameRate | None:
    """Return the rate of most frames from their lengths in units of `base` seconds; None where it is not known."""
    common = Counter(durations).most_common(1)[0][0]
    if base.denominator > _MILLISECONDS and common > 0:
        rate = 1 / (common * base)
        return rate.numerator if rate.denominator == 1 else rate
    written = re.search(r"(\d+(?:\.\d+)?) fps", log)
    try:
        return parse_frame_rate(written.group(1)) if written else None
    except ValueError:
        return None


@contextmanager
def _temporary_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; it is removed afterwards, and so are leftovers of a killed run before."""
    folder = part_path(path)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise unwritable_error(path, error) from error
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
        raise unwritable_error(path, error) from error
