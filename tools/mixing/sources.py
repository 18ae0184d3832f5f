"""Read a placed sound piece by piece, from a file or from memory, so that a long film needs no more memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from storage.errors import AudioError
from tools.audio import SAMPLE_RATE, Samples
from tools.audio.files import read_audio
from tools.video.ffmpeg import file_argument

if TYPE_CHECKING:
    import soundfile


Source = Path | Samples | Callable[[], Samples]
"""A sound file, samples at 48 kHz, or what makes samples when they are first heard; they are let go at their end."""


class SoundReader(Protocol):
    """A sound that is read from any place."""

    count: int
    """Its samples."""

    def read(self, start: int, count: int) -> Samples:
        """Return `count` samples from `start` on, (count,) or (count, 2)."""
        ...


class OpenSounds:
    """The sounds that are being read; a file is opened once, and closed when it was played to its end.

    Args:
        stack: Closes what is still open at the end.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._opened: dict[Path | Callable[[], Samples], SoundReader] = {}

    def reader(self, source: Source) -> SoundReader:
        """Return the reader of a source.

        Raises:
            AudioError: The file cannot be read.
        """
        if isinstance(source, np.ndarray):
            return _InMemory(source)
        if source not in self._opened:
            self._opened[source] = self._open(source) if isinstance(source, Path) else _InMemory(source())
        return self._opened[source]

    def close(self, source: Source) -> None:
        """Close the file of a source, or let go of its samples, when it is not read any more."""
        if not isinstance(source, np.ndarray) and isinstance(reader := self._opened.pop(source, None), _InFile):
            reader.close()

    def _open(self, path: Path) -> SoundReader:
        import soundfile

        try:
            file = self._stack.enter_context(soundfile.SoundFile(file_argument(path)))
        except soundfile.LibsndfileError:
            return _InMemory(read_audio(path))
        if file.samplerate == SAMPLE_RATE and file.channels <= 2 and file.frames > 0:
            return _InFile(path, file)
        file.close()
        return _InMemory(read_audio(path))


class _InMemory:
    """A sound in memory."""

    def __init__(self, samples: Samples) -> None:
        self.count = len(samples)
        self._samples = samples

    def read(self, start: int, count: int) -> Samples:
        return self._samples[start : start + count]


class _InFile:
    """A sound in a file that stays open."""

    def __init__(self, path: Path, file: soundfile.SoundFile) -> None:
        self.count = int(file.frames)
        self._path = path
        self._file = file
        self._next = 0

    def read(self, start: int, count: int) -> Samples:
        import soundfile

        try:
            if start != self._next:
                self._file.seek(start)
            found = self._file.read(count, dtype="float32")
        except soundfile.LibsndfileError as error:
            raise _damaged(self._path) from error
        if len(found) != count:
            raise _damaged(self._path)
        self._next = start + count
        return np.asarray(found, np.float32)

    def close(self) -> None:
        self._file.close()


def _damaged(path: Path) -> AudioError:
    return AudioError(f"{path.name} is damaged or cut short", "save the sound again")
