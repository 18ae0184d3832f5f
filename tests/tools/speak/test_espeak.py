"""Test drafts by eSpeak, and programs in its place that hang, fail or print what is no sound."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from storage.errors import BackendError
from tools.speak import espeak

needs_program = pytest.mark.skipif(
    not any(map(shutil.which, espeak.PROGRAMS)), reason="the program espeak-ng is not installed"
)


def test_languages_that_it_spells_or_garbles_have_no_voice() -> None:
    for language in ("ja", "zh", "ko", "xx"):
        assert espeak.Backend().voices(language) == ()
        with pytest.raises(BackendError):
            espeak.Backend().speak("嵐", language=language, voice="f2")


@needs_program
def test_a_draft_is_said_and_text_is_never_an_option() -> None:
    backend = espeak.Backend()
    speech = backend.speak("--version is no option", language="en", voice="f2")
    assert speech.seconds > 1
    assert 0.1 < np.abs(speech.samples).max() <= 1
    assert backend.speak("--version is no option", language="en", voice="f2", rate=2.0).seconds < 0.7 * speech.seconds
    assert backend.identity.startswith("espeak 1")
    assert {voice.gender for voice in backend.voices("en")} == {"female", "male"}


@needs_program
@pytest.mark.parametrize(("text", "voice"), [("…", "f2"), ("Hello", "x9")])
def test_what_cannot_be_said_is_refused(text: str, voice: str) -> None:
    with pytest.raises(BackendError):
        espeak.Backend().speak(text, language="en", voice=voice)


@pytest.mark.parametrize("script", ["sleep 20", "exit 3", "echo no sound", "true"])
def test_a_program_that_hangs_fails_or_says_nothing_is_an_error(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / espeak.PROGRAMS[0]
    program.write_text(f"#!/bin/sh\nexec {script}\n" if script.startswith("sleep") else f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(BackendError):
        espeak.Backend(seconds=0.5).speak("Hello", language="en", voice="f2")


def test_without_the_program_nobody_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert espeak.Backend().voices("en") == ()
    with pytest.raises(BackendError):
        espeak.Backend().speak("Hello", language="en", voice="f2")
