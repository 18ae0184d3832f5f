"""Test what a project remembers of the backends that speak, and who speaks where the settings leave it open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agents.run_context import RunContext
from agents.sound.speech_facts import VOICE_VARIABLE, choose_backends, find_facts, keep_facts
from storage.settings import Settings
from tests.agents.sound.test_fallback_voice import by, without_package
from tests.agents.sound.test_speech import TONES
from tools.speak import Voice

__all__ = ["without_package"]


def test_the_packaged_voice_goes_on_speaking_for_a_project_where_it_is_not_installed(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VOICE_VARIABLE)
    monkeypatch.setattr("tools.backends.find_spec", lambda name: None)
    settings, library = Settings(), context.library
    assert choose_backends(settings, library) == ()
    spoken = find_facts(by(TONES), library, TONES, ["en"], ask=True)
    assert spoken is not None
    keep_facts(settings, library, replace(spoken, backend="kokoro"))
    assert choose_backends(settings, library) == ("kokoro",)


def test_what_is_known_of_a_voice_is_remembered_by_language(
    context: RunContext, without_package: Callable[[], None]
) -> None:
    settings, library = by(TONES), context.library
    for language in ("en", "ko"):
        facts = find_facts(settings, library, TONES, [language], ask=True)
        assert facts is not None
        keep_facts(settings, library, facts)
    without_package()
    known = find_facts(settings, library, TONES, ["en"], ask=True)
    assert known is not None
    assert (known.is_remembered, bool(known.fault)) == (True, True)
    assert known.voices == {
        "en": (Voice("low", "en", "male", "adult"), Voice("high", "en", "female", "adult")), "ko": (),
    }  # fmt: skip


def test_the_environment_says_who_speaks_where_the_settings_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VOICE_VARIABLE, "openjtalk")
    assert choose_backends(Settings()) == ("openjtalk",)
    assert choose_backends(Settings(voice="espeak")) == ("espeak",)
    assert choose_backends(Settings(voice="espeak", voice_fallback="openjtalk")) == ("espeak", "openjtalk")
    assert choose_backends(Settings(voice_fallback="openjtalk")) == ("openjtalk",)
    assert choose_backends(Settings(voice="none", voice_fallback="espeak")) == ()
    assert choose_backends(Settings(sound=False)) == ()
    monkeypatch.setenv(VOICE_VARIABLE, "none")
    assert choose_backends(Settings(voice_fallback="espeak")) == ()
