"""Test how English words are said: by the dictionaries, by their endings, and by their letters."""

from __future__ import annotations

import pytest

from storage.errors import BackendError
from tests.speech_extra import needs_voices
from tools.speech import english_phonemes as english

pytestmark = [pytest.mark.voice, needs_voices]


def said(text: str, *, british: bool = False) -> str:
    return english.english_phonemes(english.pronounce(text, british=british))


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("the storm", "ðə stˈɔɹm"),
        ("the eye", "ði ˈI"),
        ("to go", "tə ɡˌO"),
        ("cats, wishes", "kˈæts, wˈɪʃᵻz"),
        ("stopped", "stˈɑpt"),
        ("I want to read.", "ˌI wˈɑnt tə ɹˈid."),
        ("I've read it", "ˌIv ɹˈɛd ɪt"),
        ("Mr. Smith", "mˈɪstəɹ smˈɪθ"),
        ("the U.S.A.", "ðə jˈuˈɛsˈA"),
    ],
)
def test_words_are_said_as_the_dictionary_and_their_neighbours_say(text: str, phonemes: str) -> None:
    assert said(text) == phonemes


def test_capitals_of_lettering_change_nothing() -> None:
    assert said("YOU'RE THE ONE WHO STOLE MY CAKES!") == said("You're the one who stole my cakes!")


def test_initials_are_spelt_unless_all_is_in_capitals() -> None:
    assert said("Call the FBI") == said("call the F.B.I.")
    assert said("TV") == said("tv")


def test_a_name_in_no_dictionary_is_guessed_from_its_letters() -> None:
    assert said("Haruto") == "hɑɹˈutO"
    assert said("Haruto's") == "hɑɹˈutOz"


def test_british_voices_say_words_as_in_britain() -> None:
    assert said("a bath", british=True) != said("a bath")


def test_what_is_not_said_is_left_out() -> None:
    assert said("♥ ~ # ") == ""
    assert said("Hi ♥, café!") == said("Hi, cafe!")


def test_every_phoneme_is_one_that_the_voice_knows() -> None:
    from tools.speak.kokoro import Backend

    text = "Thought, vision; church: judge! Young boy? Few cures… how now—here, there (poor girl), 42 things"
    for british in (False, True):
        assert set(said(text, british=british)) <= set(Backend()._vocabulary)


def test_a_missing_dictionary_is_named() -> None:
    with pytest.raises(BackendError):
        english._dictionary("none.json")
