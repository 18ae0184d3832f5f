"""Test how unknown English words are guessed from their letters."""

from __future__ import annotations

import pytest

from storage.errors import BackendError
from tests.speech_extra import needs_voices
from tools.speech import letter_sounds
from tools.speech.letter_sounds import guess_pronunciation

pytestmark = [pytest.mark.voice, needs_voices]


@pytest.mark.parametrize(
    ("word", "phonemes"), [("haruto", "hɑɹˈutO"), ("kenji", "kˈɛnʤi"), ("watched", "wˈɑʧt"), ("", ""), ("a" * 60, None)]
)
def test_a_word_is_guessed_from_its_letters(word: str, phonemes: str | None) -> None:
    guess = guess_pronunciation(word)
    assert phonemes is None or guess == phonemes
    assert len(guess) <= 2 * letter_sounds._MOST_SOUNDS + 2


def test_there_is_a_phoneme_for_every_sound_of_the_network() -> None:
    weights = letter_sounds._weights()
    assert len(letter_sounds._sounds()) + letter_sounds._FIRST_SOUND == len(weights["fc_b"])


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_sounds, "_SHA256", "0" * 64)
    letter_sounds._weights.cache_clear()
    with pytest.raises(BackendError):
        guess_pronunciation("mika")
    letter_sounds._weights.cache_clear()
