"""Speak drafts in many languages with eSpeak NG, where it is installed: a robot, understood but not beautiful.

The program (GPL-3) is the user's own and is only started; Debian's package is espeak-ng. Japanese, Chinese and Korean
are left out: it spells kanji, and a listener understands nothing of the other two.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cached_property
from typing import Annotated

from pydantic import Field

from storage.errors import BackendError
from storage.sound import Gender
from tools.audio import limit_peak
from tools.speak import LONGEST_SPEECH, SAMPLE_RATE, Emotion, Speech, SpeechBackend, Voice
from tools.speech.decoding import decode_audio
from tools.speech.waveforms import trim_silence

PROGRAMS = ("espeak-ng", "espeak")
LANGUAGES = frozenset(
    ("cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr",
     "uk")
)  # fmt: skip
"""The languages of which a listener understands what it says."""
VARIANTS: dict[str, Gender] = {"f2": "female", "m3": "male", "f3": "female", "m1": "male", "f5": "female", "m7": "male"}
WORDS_A_MINUTE = 165
_MIDDLE_PITCH, _PITCH_OF_SEMITONE = 50, 4.2
_SHOUT_PITCH, _SHOUT_LOUDNESS, _LOUDNESS, _WHISPER_LOUDNESS = 1.5, 140, 100, 60


class Backend:
    """Speak drafts with eSpeak NG.

    Args:
        seconds: Time for one line.
    """

    version = 1

    def __init__(self, *, seconds: Annotated[float, Field(gt=0, le=600)] = 30.0) -> None:
        self.seconds = seconds

    @cached_property
    def identity(self) -> str:
        """The version of the program."""
        said = self._run(["--version"], "").decode("utf-8", "replace").split()
        return "espeak " + next((word for word in said if word[:1].isdigit()), "")

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the variants of its voice; see the protocol in `tools/speak`. There are none where it is missing."""
        if language not in LANGUAGES or self._program() is None:
            return ()
        return tuple(Voice(name, language, gender, "adult") for name, gender in VARIANTS.items())

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text; see the protocol in `tools/speak`."""
        if language not in LANGUAGES or voice not in VARIANTS:
            raise BackendError(
                f"eSpeak has no voice {voice!r} that is understood in the language {language!r}",
                "choose another backend",
            )
        if not any(char.isalnum() for char in text):
            raise BackendError(f"nothing of {text!r} can be said", "correct the line")
        semitones = pitch + (_SHOUT_PITCH if emotion == "shout" else 0)
        loudness = {"shout": _SHOUT_LOUDNESS, "whisper": _WHISPER_LOUDNESS}.get(emotion, _LOUDNESS)
        kind = f"{language}+{'whisper' if emotion == 'whisper' else voice}"
        settings = {
            "-v": kind,
            "-s": str(round(WORDS_A_MINUTE * rate)),
            "-p": str(min(99, max(0, round(_MIDDLE_PITCH + _PITCH_OF_SEMITONE * semitones)))),
            "-a": str(loudness),
        }
        options = [part for pair in settings.items() for part in pair]
        samples = decode_audio(self._run([*options, "--stdin", "--stdout"], text), "its speech", longest=LONGEST_SPEECH)
        wave, _ = trim_silence(samples, SAMPLE_RATE)
        if not len(wave):
            raise BackendError(f"eSpeak said nothing of {text!r}", "correct the line")
        return Speech(limit_peak(wave))

    def _run(self, options: list[str], text: str) -> bytes:
        program = self._program()
        if program is None:
            raise BackendError("eSpeak is not installed", "install it (Debian: apt install espeak-ng)")
        command = [program, *options]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=self.seconds, check=False)
        except subprocess.TimeoutExpired:
            raise BackendError(f"eSpeak took longer than {self.seconds:g} s", "make the line shorter") from None
        except OSError as error:
            raise BackendError(f"eSpeak cannot be started: {error}", "install it again") from None
        if done.returncode or not done.stdout:
            words = done.stderr.decode("utf-8", "replace").strip()[:200]
            raise BackendError(f"eSpeak failed: {words or done.returncode}", "install its voices (espeak-ng-data)")
        return done.stdout

    def _program(self) -> str | None:
        return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


_CHECKED: type[SpeechBackend] = Backend
