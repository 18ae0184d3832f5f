"""Take recordings of actors from a folder: one sound file for each line, as it was recorded.

A line is found by its balloon, `t2-4.wav`, in the folder of who says it, `mika/t2-4.wav`, or with its shot before it,
`s012-t2-4.wav`. The first of these that is there is taken; WAV, FLAC, Ogg, MP3, M4A and AIFF will do. The recording is
brought to the rate of the film and the silence around it is cut; nothing else is changed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from storage.errors import AudioError, BackendError
from tools.audio import as_samples
from tools.audio.files import read_audio
from tools.speak import LONGEST_SPEECH, SAMPLE_RATE, Emotion, Speech, SpeechBackend, Voice
from tools.speech.waveforms import limit_peak, trim_silence

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aiff")
MOST_BYTES = 100_000_000
"""Larger files are no recording of one line."""


class Backend:
    """Take recordings of actors.

    Args:
        folder: The folder of the recordings.
    """

    version = 1

    def __init__(self, *, folder: str = "") -> None:
        self.folder = Path(folder) if folder else None

    @property
    def identity(self) -> str:
        """The recordings, by the hash of their names and contents."""
        digest = hashlib.sha256()
        for path in self._recordings():
            digest.update(f"{path.relative_to(self._place())}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return f"cast@{digest.hexdigest()[:16]}"

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the folders of the actors, who speak whatever they recorded, after "", the folder of all others."""
        names = {path.parent.relative_to(self._place()).as_posix() for path in self._recordings()} - {"."}
        return tuple(Voice(name) for name in ("", *sorted(names)))

    def recording_of(self, balloon: str, voice: str = "") -> Path | None:
        """Return the file with the line of a balloon, by a voice or by anybody; None if there is none."""
        if not balloon or not set(balloon).isdisjoint("/\\"):
            return None
        named = [path for path in self._recordings() if path.stem == balloon or path.stem.endswith(f"-{balloon}")]
        place = self._place() / voice if voice else self._place()
        own = [path for path in named if path.parent == place]
        rest = [path for path in named if path.parent == self._place()]
        return min(own or rest, key=lambda path: (path.stem != balloon, path.name), default=None)

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Return the recording of a line; see the protocol in `tools/speak`.

        `voice` is the voice and the balloon, such as "mika/t2-4" or "t2-4"; the rate, the pitch and the emotion are the
        actor's.
        """
        actor, _, balloon = voice.rpartition("/")
        path = self.recording_of(balloon, actor)
        if path is None:
            raise BackendError(f"there is no recording of {voice} in {self._place()}", f"record {balloon}.wav")
        if path.stat().st_size > MOST_BYTES:
            raise BackendError(f"{path} is too large for the recording of a line", "give a file of one line")
        try:
            samples = read_audio(path, longest=LONGEST_SPEECH)
        except AudioError as error:
            raise BackendError(error.what, error.hint) from None
        mono = samples if samples.ndim == 1 else as_samples(samples.mean(axis=1))
        wave, _ = trim_silence(mono, SAMPLE_RATE)
        if not len(wave):
            raise BackendError(f"{path} is silent", "record the line again")
        return Speech(limit_peak(wave))

    def _recordings(self) -> list[Path]:
        """List the sound files of the folder and of the folders in it."""
        place = self._place()
        found = (path for pattern in ("*", "*/*") for path in place.glob(pattern))
        return sorted(path for path in found if path.suffix.lower() in SUFFIXES and path.is_file())

    def _place(self) -> Path:
        if self.folder is None or not self.folder.is_dir():
            raise BackendError(
                f"the folder of recordings {self.folder or ''} does not exist".replace("  ", " "),
                "give speak.cast the option folder",
            )
        return self.folder


_CHECKED: type[SpeechBackend] = Backend
