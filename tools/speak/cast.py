"""Take recordings of actors from a folder: one sound file for each line, as it was recorded.

A line is found by its balloon, `t2-4.wav`, in the folder of who says it, `mika/t2-4.wav`, or with its shot before it,
`s012-t2-4.wav`. The first of these that is there is taken; WAV, FLAC, Ogg, MP3, M4A and AIFF will do. The recording is
brought to the rate of the film and the silence around it is cut; nothing else is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from storage.errors import AudioError, BackendError
from tools.audio import as_samples, limit_peak
from tools.audio.files import read_audio
from tools.speak import LONGEST_SPEECH, SAMPLE_RATE, Emotion, Speech, SpeechBackend, Voice
from tools.speech.waveforms import trim_silence

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

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the folders of the actors, who speak whatever they recorded, after "", the folder of all others."""
        names = {path.parent.name for path in self._recordings() if path.parent != self._place()}
        return tuple(Voice(name) for name in ("", *sorted(names)))

    def recording_hashes(self, voices: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the recordings of lines, by the voices as `speak` takes them; "" where there is none.

        Only the recordings of these lines are read.
        """
        takes = self._takes()
        found = {voice: self._find(takes, voice) for voice in voices}
        return {voice: hashlib.sha256(path.read_bytes()).hexdigest() if path else "" for voice, path in found.items()}

    def _takes(self) -> Mapping[str, Sequence[Path]]:
        """Return the recordings by the balloons that they may be of: their names, and what follows each hyphen."""
        takes: dict[str, list[Path]] = {}
        for path in self._recordings():
            parts = path.stem.split("-")
            for start in range(len(parts)):
                takes.setdefault("-".join(parts[start:]), []).append(path)
        return takes

    def _find(self, takes: Mapping[str, Sequence[Path]], voice: str) -> Path | None:
        """Return the file of a line: by its actor, else by anybody; None if there is none."""
        actor, _, balloon = voice.rpartition("/")
        named = takes.get(balloon, ()) if balloon else ()
        own = [path for path in named if path.parent == self._place() / actor]
        rest = [path for path in named if path.parent == self._place()]
        return min(own or rest, key=lambda path: (path.stem != balloon, path.name), default=None)

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Return the recording of a line; see the protocol in `tools/speak`.

        `voice` is the voice and the balloon, such as "mika/t2-4" or "t2-4"; the rate, the pitch and the emotion are the
        actor's.
        """
        path = self._find(self._takes(), voice)
        if path is None:
            balloon = voice.rpartition("/")[2]
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
