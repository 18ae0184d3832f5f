"""Speak Japanese with Open JTalk, quickly and plainly: one voice, for drafts and tests. Credit: CC BY 3.0.

Open JTalk (modified BSD) puts together what statistics of one speaker's voice predict. It takes 0.07 seconds of a
processor for each second of speech. Its voice "Mei" (normal) is by the MMDAgent Project Team of the Nagoya Institute of
Technology, under CC BY 3.0, and must be credited. Voice and dictionary come in the package pyopenjtalk-plus.

Source: Zen et al., The HMM-based Speech Synthesis System (HTS), 2007.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version as package_version

import numpy as np

from storage.errors import BackendError
from tools.audio import limit_peak
from tools.audio.resampling import resample
from tools.optional_deps import require
from tools.speak import SAMPLE_RATE, Emotion, Speech, SpeechBackend, SpeechMark, Voice
from tools.speech.waveforms import trim_silence

FULL_SCALE = 32_768.0
"""Its samples are those of 16 bits, and may exceed them."""
CREDIT = 'HTS Voice "Mei (Normal)" by the MMDAgent Project Team, Nagoya Institute of Technology (CC BY 3.0)'
_SMALL_KANA = frozenset("ァィゥェォャュョヮ")
_SHOUT_PITCH, _SHOUT_RATE = 2.0, 1.05


class Backend:
    """Speak Japanese with Open JTalk."""

    version = 1
    packages = ("pyopenjtalk",)
    licence = "cc-by-3.0"

    def __init__(self) -> None:
        require(*self.packages)

    @cached_property
    def identity(self) -> str:
        """The version of the package, which has the voice and the dictionary."""
        return f"pyopenjtalk-plus {package_version('pyopenjtalk-plus')}"

    def voices(self, language: str) -> tuple[Voice, ...]:
        """Return its voice, which speaks Japanese; see the protocol in `tools/speak`."""
        return (Voice("mei", "ja", "female", "young"),) if language == "ja" else ()

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text; see the protocol in `tools/speak`. It cannot whisper."""
        import pyopenjtalk

        if language != "ja" or voice != "mei":
            raise BackendError(f"Open JTalk has no voice {voice!r} for the language {language!r}", "take the voice mei")
        if emotion == "shout":
            pitch, rate = pitch + _SHOUT_PITCH, rate * _SHOUT_RATE
        nodes = pyopenjtalk.run_frontend(text, use_sudachi_kanji_yomi=False)
        if not any(node["mora_size"] for node in nodes):
            raise BackendError(f"nothing of {text!r} can be said in Japanese", "correct the line")
        samples, sample_rate = pyopenjtalk.synthesize(pyopenjtalk.make_label(nodes), speed=rate, half_tone=pitch)
        wave = resample(np.asarray(samples / FULL_SCALE, np.float32), sample_rate, SAMPLE_RATE)
        wave, _ = trim_silence(wave, SAMPLE_RATE)
        if not len(wave):
            raise BackendError(f"Open JTalk said nothing of {text!r}", "correct the line")
        words = [(node["string"], float(node["mora_size"])) for node in nodes]
        return Speech(limit_peak(wave), _share(words, len(wave) / SAMPLE_RATE), CREDIT)


_CHECKED: type[SpeechBackend] = Backend


def _share(words: list[tuple[str, float]], seconds: float) -> tuple[SpeechMark, ...]:
    """Return when each word is said, as its moras share the length of the speech; a sign pauses for two."""
    lengths = [moras or 2.0 for _, moras in words]
    while words and not words[-1][1]:
        words, lengths = words[:-1], lengths[:-1]
    ends = np.cumsum(lengths) * seconds / sum(lengths)
    starts = [0.0, *ends]
    timed = zip(words, starts, ends, strict=False)
    return tuple(SpeechMark(text, float(start), float(end)) for (text, moras), start, end in timed if moras)
