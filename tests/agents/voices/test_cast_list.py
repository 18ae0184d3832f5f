"""Test the list of who speaks a book: the voices, the lines, and a line to hear each voice by."""

from __future__ import annotations

from agents.voices.cast_list import SAMPLE_LINES, list_cast, table_of
from agents.voices.casting import cast_voices
from agents.voices.voice_table import VoiceTable
from storage.domain import Character
from storage.sound import CharacterVoice
from tests.agents.voices.test_casting import book
from tools.speak import Emotion, Speech, Voice, kokoro


class Silent:
    """Has the voices of Kokoro, without its packages."""

    version = 1

    def voices(self, language: str) -> tuple[Voice, ...]:
        return tuple(voice for voice in kokoro.VOICES if voice.language == language)

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        raise NotImplementedError


BOOK = book(
    [("Ken", "そう。"), ("Mika", "嵐は終わったよ。"), ("Mika", "長" * 70), (None, "だれ？"), ("Mika", "えっ")],
    cast=[Character(id="x", name="Nobody")],
)


def test_every_character_and_the_narrator_is_listed_with_its_lines() -> None:
    cast = list_cast(BOOK, Silent().voices, VoiceTable())
    assert [(one.name, one.lines) for one in cast.members] == [("Mika", 2), ("Ken", 1), ("Nobody", 0), ("narrator", 1)]
    assert cast.language == "ja"
    assert cast.casting == cast_voices(BOOK, Silent().voices("ja"), "ja")
    assert all(one.voice for one in cast.members)


def test_a_voice_is_heard_by_its_own_line_that_is_long_and_not_too_long() -> None:
    samples = {one.name: one.sample.text for one in list_cast(BOOK, Silent().voices, VoiceTable()).members}
    balloons = {one.name: one.balloon for one in list_cast(BOOK, Silent().voices, VoiceTable()).members}
    assert balloons == {"Mika": "t0-1", "Ken": "t0-0", "Nobody": "", "narrator": "t0-3"}
    assert samples == {"Mika": "嵐は終わったよ。", "Ken": "そう。", "Nobody": SAMPLE_LINES["ja"], "narrator": "だれ？"}


def test_a_member_is_found_by_name_or_id() -> None:
    cast = list_cast(BOOK, Silent().voices, VoiceTable())
    assert [one.name for name in ("mika", "X", "NARRATOR") if (one := cast.find(name))] == [
        "Mika",
        "Nobody",
        "narrator",
    ]
    assert cast.find("sam") is None


def test_the_table_of_a_cast_gives_the_next_book_the_same_voices() -> None:
    first = list_cast(BOOK, Silent().voices, VoiceTable({"aoi": CharacterVoice(name="jf_nezumi")}, {"美夏": "みか"}))
    table = table_of(first, VoiceTable({"aoi": CharacterVoice(name="jf_nezumi")}, {"美夏": "みか"}))
    assert table.readings == {"美夏": "みか"}
    assert table.voices["aoi"].name == "jf_nezumi"
    following = list_cast(book([("Jun", "いや。"), ("Ken", "いや。"), ("Mika", "いや。")]), Silent().voices, table)
    for name in ("Mika", "Ken"):
        before, now = first.find(name), following.find(name)
        assert before
        assert now
        assert before.voice
        assert now.voice
        assert (now.voice.name, now.voice.pitch) == (before.voice.name, before.voice.pitch)


def test_a_book_without_lines_has_a_narrator_alone() -> None:
    cast = list_cast(book([]), Silent().voices, VoiceTable(), book_language="ja")
    assert [one.name for one in cast.members] == ["narrator"]
    assert list_cast(book([]), Silent().voices, VoiceTable(), book_language="ko").members[0].voice is None
