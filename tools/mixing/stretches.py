"""Sum, limit and encode a film's stems stretch by stretch, so that a change makes only its own stretches again.

A stretch is encoded together with what comes before and after it, and the frames of those are left out. So the limiter
and the encoder are in the state in which they would be in a film that is encoded as a whole, and the frames of all
stretches, one after another, are one sound.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage.errors import BackendError
from storage.sound import Bus
from tools.audio import SAMPLE_RATE, Samples, amplitude, as_stereo
from tools.mixing.limiter import Limiter
from tools.mixing.sources import OpenSounds, SoundReader
from tools.mixing.stem_facts import UNIT, StemFacts
from tools.video.ffmpeg import ffmpeg_error, ffmpeg_path, file_argument, run_ffmpeg, unwritable_error

STRETCH = 6 * UNIT
"""Samples of a stretch: 9.6 seconds."""
BIT_RATE = "192k"
FRAME = 1024
"""Samples of a frame of AAC; the first one of a film holds the 1024 before it."""
_BEFORE, _AFTER = 24 * FRAME, 4 * FRAME
"""Samples around a stretch that are encoded with it. In half a second the limiter comes back from 23 dB."""
_CODER = ("-aac_coder", "fast", "-aac_is", "0")
"""ffmpeg's documentation calls this coder better and faster at such a bit rate: it takes half the time. Without
intensity stereo, sounds stay where they were panned, and peaks of noise rise by 0.2 dB in place of 1.1."""


@dataclass(frozen=True)
class Levels:
    """The decibels of foreground (voice, effects, music) and ambience, and of the limiter's ceiling."""

    foreground: float
    ambience: float
    ceiling: float

    def of(self, bus: Bus) -> float:
        """Return the decibels of a bus."""
        return self.ambience if bus == "ambience" else self.foreground


@dataclass(frozen=True)
class Stretch:
    """A stretch of the mix."""

    aac: Path
    """The file of its frames of AAC, as ADTS."""
    reduction: float
    """Decibels by which the limiter lowered its loudest moment."""


def stretch_spans(length: int) -> list[tuple[int, int]]:
    """Return the first sample of each stretch of a film of `length` samples, and the one after its last."""
    return [(start, min(start + STRETCH, length)) for start in range(0, length, STRETCH)]


def hashes_around(stem: StemFacts, start: int, end: int) -> tuple[str, ...]:
    """Return the hashes of all units of a stem that shape the stretch from sample `start` to `end`."""
    return stem.hashes[max(0, start - _BEFORE) // UNIT : -(-(end + _AFTER) // UNIT)]


def encode_stretch(stems: Mapping[Bus, Path], start: int, end: int, length: int, levels: Levels, path: Path) -> Stretch:
    """Sum the stems at their levels from sample `start` to `end`, limit their sum and encode it as AAC.

    Args:
        stems: The stem of each bus, as `render_bus` writes it; one that is shorter than the film ends in silence.
        start: The first sample: a multiple of `STRETCH`.
        end: The sample after the last one.
        length: The samples of the film.
        levels: The levels of the buses, and the ceiling.
        path: The file of AAC frames that is written; equal samples give equal bytes.

    Raises:
        AudioError: A stem cannot be read.
        StorageError: The file cannot be written.
        BackendError: ffmpeg failed, or is not installed.
    """
    first, last = max(0, start - _BEFORE), min(length, end + _AFTER)
    limiter = Limiter(levels.ceiling)
    with ExitStack() as stack:
        opened = OpenSounds(stack)
        readers = [(opened.reader(path), amplitude(levels.of(bus))) for bus, path in sorted(stems.items())]
        summed = _sum_stems(readers, first, last)
    limited = np.concatenate((limiter.feed(summed), limiter.finish()))
    frames = adts_frames(_encode(limited))
    skipped = (start - first) // FRAME
    kept = frames[skipped:] if end == length else frames[skipped : skipped + (end - start) // FRAME]
    try:
        path.write_bytes(b"".join(kept))
    except OSError as error:
        raise unwritable_error(path, error) from error
    return Stretch(path, limiter.reduction)


def join_stretches(stretches: Sequence[Stretch], length: int, path: Path) -> None:
    """Write the frames of all stretches as one .m4a of exactly `length` samples; nothing is encoded again.

    Raises:
        StorageError: The file cannot be written.
        BackendError: ffmpeg failed.
    """
    joined = path.with_suffix(".aac")
    try:
        with joined.open("wb") as file:
            for stretch in stretches:
                file.write(stretch.aac.read_bytes())
        # the first frame lies before the film, and the last one ends with it
        times = (
            f"setts=ts=(N-1)*{FRAME}/{SAMPLE_RATE}/TB:duration=min({FRAME}\\,{length}-(N-1)*{FRAME})/{SAMPLE_RATE}/TB"
        )
        run_ffmpeg(
            ["-f", "aac", "-i", f"file:{file_argument(joined)}", "-c", "copy", "-bsf:a", f"aac_adtstoasc,{times}",
             "-map_metadata", "-1", "-fflags", "+bitexact", "-f", "ipod", file_argument(path)],
            path,
        )  # fmt: skip
    except OSError as error:
        raise unwritable_error(path, error) from error
    finally:
        joined.unlink(missing_ok=True)


def adts_frames(stream: bytes) -> list[bytes]:
    """Return the frames of an ADTS stream, whose lengths are 13 bits in their headers (ISO/IEC 13818-7, 6.2)."""
    frames, at = list[bytes](), 0
    while at + 7 <= len(stream):
        size = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        if size < 7:
            raise BackendError("ffmpeg wrote a damaged stream of AAC", "unset FFMPEG_BINARY")
        frames.append(stream[at : at + size])
        at += size
    return frames


def _sum_stems(readers: Sequence[tuple[SoundReader, float]], first: int, last: int) -> Samples:
    """Return the sum of stems at their factors from sample `first` to `last`, (n, 2)."""
    mixed = np.zeros((last - first, 2), np.float32)
    for reader, factor in readers:
        count = min(len(mixed), reader.count - first)
        if count > 0:
            mixed[:count] += as_stereo(reader.read(first, count)) * np.float32(factor)
    return mixed


def _encode(samples: Samples) -> bytes:
    """Return samples, (n, 2), as a stream of AAC at 192 kbit/s; its first frame holds the 1024 samples before them."""
    command = [
        ffmpeg_path(), "-v", "warning", "-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", "pipe:0",
        "-c:a", "aac", *_CODER, "-b:a", BIT_RATE, "-threads", "1", "-fflags", "+bitexact", "-flags:a", "+bitexact",
        "-f", "adts", "pipe:1",
    ]  # fmt: skip
    process = subprocess.run(command, input=samples.tobytes(), capture_output=True, check=False)
    if process.returncode:
        raise ffmpeg_error(Path("the mix"), process.stderr.decode(errors="replace"))
    return process.stdout
