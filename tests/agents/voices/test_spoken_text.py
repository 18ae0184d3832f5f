"""Test what is said of the lettering of balloons, in four languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agents.voices.spoken_text import Spoken, line_language, nonverbal_kind, spoken_text
from storage.domain import Balloon, Box, Kind
from storage.sound import SoundKind


def balloon(text: str, kind: Kind = "speech", *, language: str = "", vertical: bool = False) -> Balloon:
    box = Box(0, 0, 10, 10)
    return Balloon(id="t0-1", order=0, box=box, kind=kind, text=text, language=language, vertical=vertical)


def words(text: str, lexicon: Mapping[str, str] | None = None) -> str:
    said = spoken_text(balloon(text), lexicon)
    assert said is not None
    assert said.sound is None
    return said.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("まさか\n君が\n戻るとは…", "まさか君が戻るとは…"),
        ("I never\nthought", "I never thought"),
        ("W-W-WHAT?! NO-NO WAY!!", "WHAT?! NO-NO WAY!"),
        ("大好き♡♡", "大好き"),
        ("ＨＥＬＬＯ ♪", "HELLO"),
        ("「そうか……」", "そうか…"),
        ("待って〜〜〜！！！", "待ってー！"),
        ("――待てよ", "待てよ"),
        ("你好，世界。。。", "你好，世界。"),
        ("*gasp* You!", "You!"),
        ("안녕하세요~", "안녕하세요"),
        ("It's 10 o'clock...", "It's 10 o'clock…"),
    ],
)
def test_lettering_becomes_what_a_voice_can_say(text: str, said: str) -> None:
    assert words(text) == said


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("えっ", "gasp"), ("あっ！", "gasp"), ("うわああっ！！", "gasp"), ("ちっ", "gasp"), ("キャーッ", "gasp"),
        ("ふっ", "laugh"), ("ハハハハ", "laugh"), ("クックックッ", "laugh"), ("うふふふ♡", "laugh"),
        ("はぁ…", "sigh"), ("うーん", "sigh"), ("ふぅ", "sigh"), ("ごくり…", "gulp"),
        ("Hmm...", "sigh"), ("HAHAHA!", "laugh"), ("Heh heh heh", "laugh"), ("Pfft", "laugh"), ("AAAAAH!!", "gasp"),
        ("Ugh!", "gasp"), ("*sigh*", "sigh"), ("Gulp", "gulp"), ("Tsk, tsk.", "gasp"),
        ("哈哈哈", "laugh"), ("啊！", "gasp"), ("唉…", "sigh"), ("ㅋㅋㅋ", "laugh"), ("헉!", "gasp"), ("휴…", "sigh"),
        ("…", "silence"), ("！？", "silence"), ("・・・・", "silence"), ("♪", "silence"),
    ],
)  # fmt: skip
def test_what_is_no_word_is_a_sound_and_never_spelt(text: str, sound: SoundKind) -> None:
    said = spoken_text(balloon(text))
    assert said is not None
    assert (said.text, said.sound, said.is_nonverbal) == ("", sound, True)


@pytest.mark.parametrize(
    "text", ["はい", "ええ", "うん", "ああ", "いい", "へえ", "Oh!", "Huh?", "No!", "好", "네", "1999", "Ha, you!"]
)
def test_short_words_are_words(text: str) -> None:
    said = spoken_text(balloon(text))
    assert said is not None
    assert said.sound is None
    assert said.text


@pytest.mark.parametrize(
    ("text", "kind"), [("ドン", "sound"), ("SHOP", "other"), ("", "speech"), (" \n", "thought"), ("…", "caption")]
)
def test_sounds_signs_and_empty_balloons_are_never_said(text: str, kind: Kind) -> None:
    assert spoken_text(balloon(text, kind)) is None


def test_a_reading_of_a_person_goes_before_furigana_and_furigana_before_kanji() -> None:
    assert words("美夏《みか》ちゃん") == "みかちゃん"
    assert words("本気(マジ)で？") == "マジで？"
    assert words("美夏《みか》ちゃん", {"美夏": "みなつ"}) == "みなつちゃん"
    assert words("大和田と大和", {"大和": "やまと", "大和田": "おおわだ"}) == "おおわだとやまと"
    assert words("MIKA's Mikado", {"Mika": "Meeka"}) == "Meeka's Mikado"
    assert words("Mika", {"Mika": r"\1"}) == r"\1"


@pytest.mark.parametrize(
    ("text", "emotion"),
    [("やめろ！！", "shout"), ("STOP IT!!", "shout"), ("Stop!", ""), ("(psst, over here)", "whisper"), ("そう。", "")],
)
def test_marks_say_how_a_line_is_said(text: str, emotion: str) -> None:
    said = spoken_text(balloon(text))
    assert said is not None
    assert said.emotion == emotion


def test_a_thought_in_brackets_is_no_whisper() -> None:
    assert spoken_text(balloon("（まずいな）", "thought")) == Spoken("まずいな", "ja")


@pytest.mark.parametrize(
    ("text", "language", "vertical", "book", "found"),
    [
        ("なに", "", False, "", "ja"), ("馬鹿", "", True, "", "ja"), ("馬鹿", "", False, "", "zh"),
        ("馬鹿", "", False, "ja", "ja"), ("馬鹿", "", True, "zh", "zh"), ("안녕", "", False, "en", "ko"),
        ("Hello", "", False, "", "en"), ("Bonjour", "", False, "fr", "fr"), ("Hello", "en-US", False, "ja", "en"),
        ("なに", "jpn", False, "", "ja"), ("ㅎㅎ", "", False, "", "ko"),
    ],
)  # fmt: skip
def test_a_line_has_the_language_of_its_reader_its_script_or_its_book(
    text: str, language: str, vertical: bool, book: str, found: str
) -> None:
    assert line_language(balloon(text, language=language, vertical=vertical), book) == found


def test_a_language_without_a_table_says_its_words() -> None:
    assert nonverbal_kind("Hahaha", "fr") is None
    assert nonverbal_kind("…", "fr") == "silence"
