"""Test how lines are written in phonemes, and the lengths of their words."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import pytest

from storage.errors import BackendError, PackageMissing
from tests.speech_extra import needs_voices
from tools.speak import load_speech_backend
from tools.speech import pronunciation
from tools.speech.pronunciation import pronounce_line

pytestmark = [pytest.mark.voice, needs_voices]


def test_a_japanese_line_is_counted_in_moras() -> None:
    line = pronounce_line("学校に、行く！", "ja")
    assert [(word.text, word.length) for word in line.words] == [
        ("学校", 4.0), ("に", 1.0), ("", 2.0), ("行く", 2.0),
    ]  # fmt: skip
    assert "ɡakːo" in line.phonemes.replace(" ", "") or "ɡa" in line.phonemes


def test_a_chinese_line_is_counted_in_syllables_and_may_hold_english() -> None:
    line = pronounce_line("你好，Mika！", "zh")
    assert [word.text for word in line.words][:3] == ["你", "好", ""]
    assert "mˈi" in line.phonemes
    assert "↓" in line.phonemes  # the third tone


def test_an_english_line_has_pauses_between_its_words_only() -> None:
    line = pronounce_line("...Well?! You came", "en")
    assert [word.text for word in line.words] == ["Well", "", "You", "came"]
    assert all(word.length > 0 for word in line.words)


def test_no_words_have_no_length() -> None:
    assert pronounce_line("…！", "ja").words == ()
    assert pronounce_line("", "en") == pronunciation.Pronunciation("", ())


def test_a_language_whose_packages_are_missing_is_not_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pronunciation.PACKAGES, "zh", ("misaki", "no_such_package"))
    with pytest.raises(PackageMissing) as missing:
        pronounce_line("你好", "zh")
    assert missing.value.extra == "voice"
    assert load_speech_backend("kokoro").voices("zh") == ()
    assert load_speech_backend("kokoro").voices("en") != ()


def test_other_languages_are_refused() -> None:
    with pytest.raises(BackendError):
        pronounce_line("안녕", "ko")


def test_the_chinese_dictionary_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it keeps in a folder that all users of a machine share could be another user's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    jieba = importlib.reload(importlib.import_module("jieba"))
    pronunciation._chinese_reader.cache_clear()
    pronounce_line("你好", "zh")
    assert jieba.dt.initialized
    assert list(tmp_path.iterdir()) == []
