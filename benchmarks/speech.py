"""Measure what a second of speech costs by the voices that speak on this machine."""

from __future__ import annotations

import time
from importlib.util import find_spec

from benchmarks.rows import BenchmarkRow
from tools.speak import SpeechBackend, kokoro, load_speech_backend

MOST_SECONDS = {"kokoro": 1.5, "openjtalk": 0.3}
"""Processor seconds for a second of speech."""
LINES = {
    "en": ("I never thought you would come back. The storm is over, and the whole town is waiting for you.", "Wait!"),
    "ja": ("まさか君が戻ってくるとは思わなかった。嵐は終わったよ、町のみんなが待っている。", "待って！"),
    "zh": ("我从来没想过你会回来。暴风雨已经结束了，全城的人都在等你。", "等一下！"),
}


def rows() -> list[BenchmarkRow]:
    """Speak a long and a short line of each language."""
    if not all(map(find_spec, kokoro.Backend.packages)):
        return [BenchmarkRow("speech: not measured, the extra voice is not installed", "")]
    found = []
    for name, most in MOST_SECONDS.items():
        backend = load_speech_backend(name)
        for language in LINES:
            if backend.voices(language):
                figure = _cost(backend, language)
                what = f"speech, {name}, {language}: processor s a second"
                found.append(BenchmarkRow(what, f"{figure:.2f}", f"<= {most:g}", figure <= most))
    return found


def _cost(backend: SpeechBackend, language: str) -> float:
    """Return the processor seconds for a second of speech, once its weights are loaded."""
    voice = backend.voices(language)[0].name
    backend.speak(LINES[language][1], language=language, voice=voice)
    begin = time.process_time()
    seconds = sum(backend.speak(line, language=language, voice=voice).seconds for line in LINES[language])
    return (time.process_time() - begin) / seconds
