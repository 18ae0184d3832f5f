"""Read any sound file as samples at 48 kHz, and write samples as FLAC and WAV with the same bytes every time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from storage.errors import AudioError
from tools.audio import SAMPLE_RATE, Samples, as_samples, limit_peak
from tools.video.ffmpeg import ffmpeg_path, file_argument, unwritable_error

if TYPE_CHECKING:
    import soundfile

LONGEST = 30 * 60.0
"""Seconds of a sound that are read at most: 690 MB of stereo samples."""
COMPRESSION = 0.2
"""Effort of FLAC of 0 to 1: the files are 2 % larger than with 0.5, in 90 % of the time."""
_CHUNK = 1 << 20
Depth = Literal["PCM_16", "PCM_24"]


def read_audio(path: Path, *, longest: float = LONGEST) -> Samples:
    """Read a sound file of any format that libsndfile or ffmpeg knows.

    Args:
        path: The file.
        longest: Seconds that it may last.

    Returns:
        (n,) mono or (n, 2) stereo float32 of -1..1 at 48 kHz, at least one sample. More channels are mixed down to
        two. A sound beyond full scale, which floating-point files may hold, is brought to it.

    Raises:
        AudioError: The file is missing, is no sound, is damaged, holds no sample, or is longer than `longest`.
        BackendError: ffmpeg is needed, and not installed.
    """
    if not path.is_file():
        raise AudioError(f"there is no sound file {path.name}", "check the path")
    samples = _read_with_soundfile(path, longest)
    if samples is None:
        samples = _read_with_ffmpeg(path, longest)
    if not len(samples):
        raise AudioError(f"{path.name} holds no sound", "give a file with at least one sample")
    if not np.isfinite(samples).all():
        raise AudioError(f"{path.name} is damaged: it has samples that are no numbers", "save the sound again")
    return limit_peak(samples)


def _read_with_soundfile(path: Path, longest: float) -> Samples | None:
    """Return the samples of a file that libsndfile reads whole and that needs no conversion; None for others."""
    import soundfile

    try:
        with soundfile.SoundFile(file_argument(path)) as file:
            if file.samplerate != SAMPLE_RATE or file.channels > 2:
                return None
            if file.frames > longest * SAMPLE_RATE:
                raise _too_long(path, longest)
            return as_samples(file.read(dtype="float32"))
    except (soundfile.LibsndfileError, MemoryError):
        return None


def _read_with_ffmpeg(path: Path, longest: float) -> Samples:
    """Return the samples of a file as ffmpeg decodes and resamples it; nothing but the file itself is opened."""
    channels = 1 if _channels(path) == 1 else 2
    command = [
        ffmpeg_path(), "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe",
        "-i", f"file:{file_argument(path)}", "-map", "a:0", "-t", f"{longest + 1:.3f}", "-ac", str(channels),
        "-af", f"aresample={SAMPLE_RATE}:resampler=soxr", "-threads", "1",
        "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    limit = int(longest * SAMPLE_RATE) * channels * 4
    parts, size = list[bytes](), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as decoder:
        assert decoder.stdout is not None
        while size <= limit and (part := decoder.stdout.read(_CHUNK)):
            parts.append(part)
            size += len(part)
        if size > limit:
            decoder.kill()
            raise _too_long(path, longest)
    if decoder.returncode:
        raise AudioError(f"{path.name} is no sound that can be read", "give a WAV, FLAC, MP3, Ogg or M4A file")
    values = np.frombuffer(b"".join(parts), "<f4")
    return as_samples(values if channels == 1 else values.reshape(-1, 2))


def _channels(path: Path) -> int:
    """Return the number of channels that libsndfile sees in a file; 0 where it cannot read it."""
    import soundfile

    try:
        return int(soundfile.info(file_argument(path)).channels)
    except soundfile.LibsndfileError:
        return 0


def _too_long(path: Path, longest: float) -> AudioError:
    return AudioError(f"{path.name} lasts longer than {longest:.0f} seconds", "cut it, or give a shorter one")


def write_flac(path: Path, samples: Samples, *, depth: Depth = "PCM_24") -> None:
    """Write a sound as FLAC; samples beyond -1..1 are cut off there.

    Raises:
        StorageError: The file cannot be written.
    """
    with open_writer(path, 1 if samples.ndim == 1 else 2, depth=depth) as file:
        file.write(samples)


def write_wav(path: Path, samples: Samples, *, depth: Depth = "PCM_16") -> None:
    """Write a sound as WAV; samples beyond -1..1 are cut off there.

    Raises:
        StorageError: The file cannot be written.
    """
    with open_writer(path, 1 if samples.ndim == 1 else 2, depth=depth, container="WAV") as file:
        file.write(samples)


def convert_to_wav(source: Path, path: Path) -> None:
    """Write a FLAC file as WAV of 24 bits, block by block.

    Raises:
        AudioError: The source is damaged.
        StorageError: The file cannot be written.
    """
    import soundfile

    try:
        with (
            soundfile.SoundFile(file_argument(source)) as reader,
            open_writer(path, reader.channels, container="WAV") as file,
        ):
            for block in reader.blocks(blocksize=_CHUNK, dtype="float32"):
                file.write(block)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{source.name} is damaged", "make the film again") from error


@contextmanager
def open_writer(
    path: Path, channels: int, *, depth: Depth = "PCM_24", container: Literal["FLAC", "WAV"] = "FLAC"
) -> Iterator[soundfile.SoundFile]:
    """Open a file that samples are written to block by block; equal samples give equal bytes.

    Raises:
        StorageError: The file cannot be written.
    """
    import soundfile

    effort = COMPRESSION if container == "FLAC" else None
    try:
        with (
            path.open("wb") as target,
            soundfile.SoundFile(
                target, "w", SAMPLE_RATE, channels, depth, format=container, compression_level=effort
            ) as file,
        ):
            yield file
    except soundfile.LibsndfileError as error:
        raise unwritable_error(path, OSError(0, str(error))) from error
    except OSError as error:
        raise unwritable_error(path, error) from error
